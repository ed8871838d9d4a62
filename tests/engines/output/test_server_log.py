"""The output of a run in the server's log."""

import logging

import pytest

from algomancy_api.engines.output import server_log
from algomancy_api.engines.output.server_log import ServerLog


class Clock:
    """A clock that a test sets."""

    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(server_log, "time", clock)
    return clock


def test_a_flood_is_cut_off_each_second_and_its_length_is_told(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "algomancy_api.engines")
    log = ServerLog("run\n1")
    log.add(logging.INFO, b"a\tb")
    log.add(logging.INFO, b"\n".join([b"more"] * 150))
    log.add(logging.INFO, b"\n".join([b"most"] * 1_000))
    log.add(logging.INFO, b"not this")
    log.skip(1_000)
    assert caplog.messages == [r"[run\n1] a\tb", *[r"[run\n1] more"] * 150, *[r"[run\n1] most"] * 49]
    caplog.clear()
    clock.now += 1
    log.add(logging.WARNING, b"later")
    told = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert told == [
        ("WARNING", r"[run\n1] 1,952 more lines: at most 200 a second are logged"),
        ("WARNING", r"[run\n1] later"),
    ]
    caplog.clear()
    log.add(logging.INFO, b"\n" * 200)
    log.flush()
    log.flush()
    assert caplog.messages[-1] == r"[run\n1] 2 more lines: at most 200 a second are logged"
    assert len(caplog.messages) == 200


def test_lines_below_the_level_of_the_log_do_not_count(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    assert clock.now
    caplog.set_level("WARNING", "algomancy_api.engines")
    log = ServerLog("a run")
    log.add(logging.INFO, b"\n" * 5_000)
    log.add(logging.ERROR, b"this")
    log.flush()
    assert caplog.messages == ["[a run] this"]
