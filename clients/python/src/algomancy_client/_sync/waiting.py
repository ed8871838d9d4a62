# Generated from _async by `make client`: change that, and run it again.
"""Waits until runs have ended: by the events of the session, or else by long polls, or else by polls.

Whatever the way, what it says is confirmed by a list of the scenarios. A server that is away, such as one that
restarts, is waited for.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from math import inf
from typing import Protocol

from ..errors import ConnectionFailed, NotFound, TooManyRequests, Unavailable, Unsupported, WaitInterrupted, WaitTimeout
from ..progress import Meter, Standing
from ..views.scenario import ScenarioView
from ..wire.answers import DELETED, State
from ..wire.events import Event
from ..wire.faults import read
from ..wire.states import states_of
from .calls import SILENCE, Calls

#: Seconds: between two polls of a server that cannot wait.
_INTERVAL = 0.5

#: Seconds: the longest wait of a poll, for one run and for several, the others of which may move meanwhile.
_LONG_POLL, _SHORT_POLL = 20.0, 3.0

#: Seconds: the pause after a connection was lost.
_PAUSE = 1.0

#: Seconds: the last part of a wait, in which a stream of events would end too late: it is looked at every 15 seconds.
_LAST = 20.0


class _Way(Protocol):
    """Waits for a change of some runs, and takes over what it sees."""

    def __call__(self, runs: dict[str, ScenarioView], longest: float) -> None: ...


class Waiting:
    """Waits until runs have ended.

    Args:
        calls: The requests about their session.
        runs: The runs.
        meter: What shows how far they are.
    """

    def __init__(self, calls: Calls, runs: Sequence[ScenarioView], meter: Meter) -> None:
        self._calls = calls
        self._runs = {run.id: run for run in runs}
        self._meter = meter

    def wait(self, timeout: float | None) -> None:
        """Wait until all have ended, or are not running any more.

        Args:
            timeout: Seconds: the longest wait; None for no limit.

        Raises:
            WaitTimeout: They have not ended in time. They go on.
            WaitInterrupted: Ctrl-C. They go on.
            ConnectionFailed: The server has been away for too long.
        """
        deadline = time.monotonic() + (inf if timeout is None else timeout)
        try:
            self._wait(deadline)
        except KeyboardInterrupt:
            left = len(self._active())
            raise WaitInterrupted(
                f"{left:,} of {len(self._runs):,} runs go on at the server: wait() for them again, or cancel() them"
            ) from None
        finally:
            self._meter.close()

    def _wait(self, deadline: float) -> None:
        ways: list[_Way] = [self._by_events] if self._calls.transport.has_events else []
        ways += [self._by_long_poll, self._by_poll]
        answered = time.monotonic()
        while True:
            try:
                self.refresh()
                answered = time.monotonic()
                active = self._active()
                if not active:
                    return
                self._check_time(deadline)
                self._once(ways, active, deadline - answered)
            except (ConnectionFailed, TooManyRequests, Unavailable):
                self._check_time(deadline)
                if time.monotonic() - answered > self._calls.transport.settings.retries.outage:
                    raise
                time.sleep(max(0, min(_PAUSE, deadline - time.monotonic())))

    def _check_time(self, deadline: float) -> None:
        if time.monotonic() >= deadline:
            raise WaitTimeout(f"{Standing.of(self._runs.values())}, and the time is over: the others go on")

    def _once(self, ways: list[_Way], runs: dict[str, ScenarioView], longest: float) -> None:
        """Wait for a change by the first way, which is left for good if the server does not have it."""
        try:
            ways[0](runs, longest)
        except (Unsupported, TooManyRequests):
            ways.pop(0)
        except NotFound:  # a run is deleted meanwhile
            return

    def refresh(self) -> None:
        """Ask for all of them. Those that are no more have the status `deleted` from then on."""
        found = self._calls.summaries(list(self._runs))
        for run in self._runs.values():
            if run.id in found:
                run._summary = found[run.id]
            else:
                run._summary.status = DELETED
        self._show()

    def _active(self) -> dict[str, ScenarioView]:
        return {run.id: run for run in self._runs.values() if run.is_active}

    def _show(self) -> None:
        self._meter.show(Standing.of(self._runs.values()))

    def _by_events(self, runs: dict[str, ScenarioView], longest: float) -> None:
        """Take over events until all runs have ended, or the stream breaks off."""
        if longest <= _LAST:
            self._by_long_poll(runs, longest)
            return
        begun, seen = time.monotonic(), False
        try:
            with closing(self._calls.events(longest=longest - _LAST)) as events:
                for event in events:
                    seen = True
                    self._take(event, runs)
                    if not any(run.is_active for run in runs.values()):
                        return
        except ConnectionFailed as error:
            if not seen and time.monotonic() - begun >= SILENCE:
                raise Unsupported("events that arrive") from error  # something between keeps them back
            raise
        if time.monotonic() - begun < _PAUSE:  # it may end like this again and again
            time.sleep(_PAUSE)

    def _take(self, event: Event, runs: dict[str, ScenarioView]) -> None:
        for state in states_of(event):
            if (run := runs.get(state.id)) is not None:
                run._take(state)
        self._show()

    def _by_long_poll(self, runs: dict[str, ScenarioView], longest: float) -> None:
        """Ask for the status of one run, with an answer when it changes."""
        run = _first(runs)
        response = self._calls.send("GET", "scenarios", run.id, "status")
        if "etag" not in response.headers:
            raise Unsupported("polls that wait")
        run._take(read(response, State))
        self._show()
        if not run.is_active:
            return
        seconds = min(longest, _LONG_POLL if len(runs) == 1 else _SHORT_POLL)
        self._calls.send(
            "GET",
            "scenarios",
            run.id,
            "status",
            query=[("wait", f"{seconds:.3f}")],
            headers={"If-None-Match": response.headers["etag"]},
            patience=seconds,
        )

    def _by_poll(self, runs: dict[str, ScenarioView], longest: float) -> None:
        """Pause until it is time to ask again."""
        time.sleep(max(0, min(_INTERVAL, longest)))


def _first(runs: dict[str, ScenarioView]) -> ScenarioView:
    """One of the runs that is under way, or else the first one in the queue."""
    every = list(runs.values())
    return next((run for run in every if run.status == "processing"), every[0])
