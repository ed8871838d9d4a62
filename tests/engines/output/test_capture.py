"""Prints and log records of runs on threads of this process."""

import contextlib
import contextvars
import io
import logging
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from algomancy_api.engines.output import LOG, STDERR, STDOUT, KeptOutput, capture, read
from algomancy_api.engines.output.capture import captured

from ...support.clients import eventually


def output() -> KeptOutput:
    return KeptOutput(1_000_000)


def lines(kept: KeptOutput) -> list[tuple[int, int, str]]:
    return [(line.stream, line.level, line.text) for line in read(kept.pages(0), 0, 10**6, 10**9).lines]


def texts(kept: KeptOutput) -> list[str]:
    return [text for _, _, text in lines(kept)]


@pytest.fixture(autouse=True, scope="module")
def _alone() -> Iterator[None]:
    """No run but those of the tests. One of a former module may be about to end; one that never ends is set aside."""
    with contextlib.suppress(TimeoutError):
        eventually(lambda: not capture._runs, 5)
    endless = capture._runs
    for _ in range(endless):
        capture._leave()
    yield
    capture._runs += endless


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    """After each test all is as before."""
    before = sys.stdout, sys.stderr, logging.getLogRecordFactory()
    yield
    assert (sys.stdout, sys.stderr, logging.getLogRecordFactory()) == before


def test_what_a_run_prints_and_logs_is_kept_and_goes_on_to_where_it_went(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    kept = output()
    with captured(kept):
        print("printed", 1)
        print("to stderr", file=sys.stderr)
        sys.stdout.writelines(["a", "b\n"])
        logging.getLogger("solver").warning("logged %d", 7)
        print("no end of line", end="", flush=True)
    print("after it")
    assert lines(kept) == [
        (STDOUT, 20, "printed 1"),
        (STDERR, 30, "to stderr"),
        (STDOUT, 20, "ab"),
        (LOG, 30, "solver: logged 7"),
        (STDOUT, 20, "no end of line"),
    ]
    assert capsys.readouterr() == ("printed 1\nab\nno end of lineafter it\n", "to stderr\n")
    assert caplog.messages == ["logged 7"]


def test_an_exception_is_logged_with_its_traceback_and_a_wrong_argument_does_no_harm() -> None:
    kept = output()
    logger = logging.Logger("solver")  # noqa: LOG001 - without handlers, which would report the wrong argument
    logger.addHandler(logging.NullHandler())
    with captured(kept):
        try:
            raise ValueError("a reason")
        except ValueError:
            logger.exception("caught")
        logger.warning("%d", "no number")
    assert texts(kept)[0] == "solver: caught"
    assert "solver: ValueError: a reason" in texts(kept)
    assert texts(kept)[-1] == "solver: '%d'"


@pytest.mark.usefixtures("capsys")
def test_runs_at_the_same_time_have_their_own_lines() -> None:
    outputs = {name: output() for name in "abc"}
    together = threading.Barrier(len(outputs))

    def run(name: str) -> None:
        with captured(outputs[name]):
            together.wait(90)
            for number in range(500):
                print(name, number)
                logging.getLogger("solver").info("%s", name)

    threads = [threading.Thread(target=run, args=(name,)) for name in outputs]
    for thread in threads:
        thread.start()
    print("of no run")
    for thread in threads:
        thread.join()
    for name, kept in outputs.items():
        assert [text for text in texts(kept) if text.startswith(name)] == [f"{name} {number}" for number in range(500)]
        assert {text.partition(" ")[0] for text in texts(kept)} <= {name, "solver:"}


@pytest.mark.usefixtures("capsys")
def test_a_thread_counts_for_the_run_if_it_has_its_context() -> None:
    kept = output()
    with captured(kept):
        for target in (contextvars.copy_context().run,):
            thread = threading.Thread(target=target, args=(print, "with the context"))
            thread.start()
            thread.join()
    assert texts(kept) == ["with the context"]


def test_what_others_put_in_place_of_a_stream_meanwhile_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    former, theirs = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdout", former)
    kept = output()
    with captured(kept):
        print("first")
        sys.stdout = theirs
        print("to theirs")
    assert sys.stdout is theirs
    assert texts(kept) == ["first"]
    with captured(kept):
        print("again")
    assert sys.stdout is theirs
    assert texts(kept) == ["first", "again"]
    assert (former.getvalue(), theirs.getvalue()) == ("first\n", "to theirs\nagain\n")
    monkeypatch.undo()


def test_a_stream_that_wraps_ours_gives_no_line_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    class Tee:
        def __init__(self, inner: Any) -> None:
            self.write, self.flush = inner.write, inner.flush

    monkeypatch.setattr(sys, "stdout", io.StringIO())
    first, second = output(), output()
    with captured(first):
        sys.stdout = Tee(sys.stdout)
        print("one")
    with captured(second):
        print("two")
    assert isinstance(sys.stdout, Tee)
    assert (texts(first), texts(second)) == (["one"], ["two"])
    monkeypatch.undo()


def test_a_factory_of_records_that_wraps_ours_gives_no_record_twice() -> None:
    before = logging.getLogRecordFactory()
    first, second = output(), output()
    with captured(first):
        ours = logging.getLogRecordFactory()
        logging.setLogRecordFactory(lambda *arguments, **keywords: ours(*arguments, **keywords))
        logging.getLogger("solver").warning("one")
    with captured(second):
        logging.getLogger("solver").warning("two")
    assert (texts(first), texts(second)) == (["solver: one"], ["solver: two"])
    logging.setLogRecordFactory(before)


def test_a_redirection_of_the_algorithm_itself_is_not_in_its_log(capsys: pytest.CaptureFixture[str]) -> None:
    kept, own = output(), io.StringIO()
    with captured(kept):
        with contextlib.redirect_stdout(own):
            print("for itself")
        print("for all")
    assert own.getvalue() == "for itself\n"
    assert texts(kept) == ["for all"]
    assert capsys.readouterr().out == "for all\n"


def test_a_process_without_streams_has_a_log_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    kept = output()
    with captured(kept):
        print("heard", flush=True)
    assert sys.stdout is None
    assert texts(kept) == ["heard"]
    monkeypatch.undo()


def test_a_closed_stream_still_raises_and_the_line_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stdout", closed)
    kept = output()
    with captured(kept), pytest.raises(ValueError, match="closed"):
        print("heard")
    assert texts(kept) == ["heard"]
    monkeypatch.undo()


def test_without_an_output_nothing_is_replaced() -> None:
    before = sys.stdout
    with captured(None):
        assert sys.stdout is before
