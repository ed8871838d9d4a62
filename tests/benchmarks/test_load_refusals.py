"""What keeps a load from beginning, in one line that says what to do."""

import os
import subprocess

import pytest
from starlette.applications import Starlette
from starlette.responses import RedirectResponse
from starlette.routing import Route

from benchmarks.load.options import options

from ..support.clients import PATIENCE, serving
from ..support.processes import ROOT, free_port
from .loading import COMMAND, ELSEWHERE, contents, load, served


def test_where_nobody_may_create_sessions_it_says_what_to_do() -> None:
    with served(allow_session_create=False) as (client, _):
        run = load(client.base_url, "--mix", "runs=1", "--seconds", "1")
        assert contents(client) == ({"keys": ["items"]}, [])
    assert run.returncode == 2
    assert "403" in run.stderr
    assert "--session NAME" in run.stderr


def test_it_asks_before_it_writes_elsewhere_and_refuses_where_nobody_can_answer() -> None:
    run = load(ELSEWHERE, "--mix", "reads=9,runs=1")
    assert run.returncode == 2
    assert run.stderr.count("\n") == 1
    assert "not on this machine" in run.stderr
    assert "--yes" in run.stderr


@pytest.mark.parametrize(
    ("answer", "said"), [("\n", "nothing was sent"), ("n\n", "nothing was sent"), ("y\n", "cannot reach")]
)
def test_somebody_at_a_terminal_is_asked(answer: str, said: str) -> None:
    keyboard, terminal = os.openpty()
    try:
        os.write(keyboard, answer.encode())
        command = [*COMMAND, ELSEWHERE, "--mix", "uploads=1", "--timeout", "0.5"]
        run = subprocess.run(  # noqa: S603
            command, cwd=ROOT, stdin=terminal, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    finally:
        os.close(keyboard)
        os.close(terminal)
    assert f"write to {ELSEWHERE}" in run.stderr
    assert said in run.stderr


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["no-url"], "http://host:port"),
        (["http://[::1"], "http://host:port"),
        (["http://user:secret@127.0.0.1"], "--token"),
        ([ELSEWHERE, "--mix", "reads"], "KIND=WEIGHT"),
        ([ELSEWHERE, "--mix", "writes=1"], "reads, polls, runs, uploads"),
        ([ELSEWHERE, "--mix", "reads=1,reads=2"], "two weights"),
        ([ELSEWHERE, "--mix", "reads=0"], "every weight is 0"),
        ([ELSEWHERE, "--mix", "reads=nan"], "'nan'"),
        ([ELSEWHERE, "--connections", "0"], "from 1 on"),
        ([ELSEWHERE, "--seconds", "-1"], "from 0 on"),
        ([ELSEWHERE, "--rate", "0"], "above 0"),
        ([ELSEWHERE, "--prefix", "api"], "begin with /"),
        ([ELSEWHERE, "--token", "a\nb"], "visible ASCII"),
        ([ELSEWHERE, "--json", "/no/such/folder/load.json"], "cannot write"),
    ],
)
def test_a_bad_argument_is_one_line(arguments: list[str], word: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        options(arguments)
    output, errors = capsys.readouterr()
    assert (exit_.value.code, output, errors.count("\n")) == (2, "", 1)
    assert word in errors


def test_more_connections_than_files_is_one_line() -> None:
    run = load(ELSEWHERE, "--connections", "999999999")
    assert (run.returncode, run.stdout, run.stderr.count("\n")) == (2, "", 1)
    assert "at most" in run.stderr


def test_a_server_that_is_not_there_is_one_line() -> None:
    run = load(f"http://127.0.0.1:{free_port()}")
    assert (run.returncode, run.stdout, run.stderr.count("\n")) == (1, "", 1)
    assert "Connection refused" in run.stderr


def test_a_server_of_something_else_is_told_apart() -> None:
    with serving(Starlette()) as url:
        run = load(url)
    assert (run.returncode, run.stderr.count("\n")) == (2, 1)
    assert "/health answered 404 Not Found. URL must be the root of the app" in run.stderr


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--prefix", "/api/v2"], "--prefix"),
        (["--session", "nowhere"], "there are: 'main'"),
        (["--mix", "runs=1", "--algorithm", "Nothing"], "'Instant'"),
        (["--mix", "runs=1", "--dataset", "nothing"], "there are: 'items'"),
    ],
)
def test_what_the_server_has_not_is_said_before_anything_is_written(arguments: list[str], word: str) -> None:
    with served() as (client, recorded):
        run = load(client.base_url, *arguments)
    assert (run.returncode, run.stderr.count("\n")) == (2, 1)
    assert word in run.stderr
    assert recorded.methods() == {"GET"}


def test_it_is_not_led_to_another_server() -> None:
    """Whoever has said that this machine may be written to has said nothing of another."""
    elsewhere = Route("/health", lambda _: RedirectResponse(f"{ELSEWHERE}/health"))
    with serving(Starlette(routes=[elsewhere])) as url:
        run = load(url, "--mix", "runs=1")
    assert (run.returncode, run.stderr.count("\n")) == (2, 1)
    assert "/health answered 307 Temporary Redirect. Give the URL that it leads to" in run.stderr
