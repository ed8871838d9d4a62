"""Waits until runs have ended: by the events of the session, or else by polls that wait, or else by polls.

Whatever the way, what it says is confirmed by a list of the scenarios. A server that is away, such as one that
restarts, is waited for.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import aclosing
from itertools import islice
from math import inf
from typing import Protocol

from ..errors import ConnectionFailed, NotFound, TooManyRequests, Unavailable, Unsupported, WaitInterrupted, WaitTimeout
from ..progress import Meter, Standing
from ..views.scenario import ScenarioView
from ..wire.answers import DELETED, Summary
from ..wire.events import Event
from ..wire.queries import IDS_AT_A_TIME
from ..wire.states import states_of
from .calls import SILENCE, AsyncCalls

#: Seconds: between two polls of a server that cannot wait.
_INTERVAL = 0.5

#: Seconds: the longest wait of a poll, and the pause after its answer, since progress may change many times a second.
_LONG_POLL = 20.0
_BETWEEN_CHANGES = 0.1

#: Seconds: the pause after a connection was lost.
_PAUSE = 1.0

#: Seconds: the last part of a wait, in which a stream of events would end too late: it is looked at every 15 seconds.
_LAST = 20.0


class _Way(Protocol):
    """Waits for a change of some runs, and takes over what it sees."""

    async def __call__(self, runs: dict[str, ScenarioView], longest: float) -> None: ...


class AsyncWaiting:
    """Waits until runs have ended.

    Args:
        calls: The requests about their session.
        runs: The runs.
        meter: What shows how far they are.
    """

    def __init__(self, calls: AsyncCalls, runs: Sequence[ScenarioView], meter: Meter) -> None:
        self._calls = calls
        self._runs = {run.id: run for run in runs}
        self._meter = meter

    async def wait(self, timeout: float | None) -> None:
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
            await self._wait(deadline)
        except KeyboardInterrupt:
            left = len(self._active())
            raise WaitInterrupted(
                f"{left:,} of {len(self._runs):,} runs go on at the server: wait() for them again, or cancel() them"
            ) from None
        finally:
            self._meter.close()

    async def _wait(self, deadline: float) -> None:
        ways: list[_Way] = [self._by_events] if self._calls.transport.has_events else []
        ways += [self._by_changes, self._by_poll]
        answered = time.monotonic()
        while True:
            try:
                await self.refresh()
                answered = time.monotonic()
                active = self._active()
                if not active:
                    return
                self._check_time(deadline)
                await self._once(ways, active, deadline - answered)
            except (ConnectionFailed, TooManyRequests, Unavailable):
                self._check_time(deadline)
                if time.monotonic() - answered > self._calls.transport.settings.retries.outage:
                    raise
                await asyncio.sleep(max(0, min(_PAUSE, deadline - time.monotonic())))

    def _check_time(self, deadline: float) -> None:
        if time.monotonic() >= deadline:
            raise WaitTimeout(f"{Standing.of(self._runs.values())}, and the time is over: the others go on")

    async def _once(self, ways: list[_Way], runs: dict[str, ScenarioView], longest: float) -> None:
        """Wait for a change by the first way, which is left for good if the server does not have it."""
        try:
            await ways[0](runs, longest)
        except (Unsupported, TooManyRequests):
            ways.pop(0)

    async def refresh(self) -> None:
        """Ask for all of them. Those that are no more have the status `deleted` from then on."""
        found = await self._calls.summaries(list(self._runs))
        self._take_over(self._runs, found, self._runs.keys() - found.keys())

    def _take_over(self, runs: Mapping[str, ScenarioView], found: Mapping[str, Summary], gone: Collection[str]) -> None:
        for run_id, run in runs.items():
            if run_id in found:
                run._summary = found[run_id]
            elif run_id in gone:
                run._summary.status = DELETED
        self._show()

    def _active(self) -> dict[str, ScenarioView]:
        return {run.id: run for run in self._runs.values() if run.is_active}

    def _show(self) -> None:
        self._meter.show(Standing.of(self._runs.values()))

    async def _by_events(self, runs: dict[str, ScenarioView], longest: float) -> None:
        """Take over events until all runs have ended, or the stream breaks off."""
        if longest <= _LAST:
            await self._by_changes(runs, longest)
            return
        begun, seen = time.monotonic(), False
        try:
            async with aclosing(self._calls.events(list(runs), longest=longest - _LAST)) as events:
                async for event in events:
                    seen = True
                    self._take(event, runs)
                    if not any(run.is_active for run in runs.values()):
                        return
        except ConnectionFailed as error:
            if not seen and time.monotonic() - begun >= SILENCE:
                raise Unsupported("events that arrive") from error  # something between keeps them back
            raise
        if time.monotonic() - begun < _PAUSE:  # it may end like this again and again
            await asyncio.sleep(_PAUSE)

    def _take(self, event: Event, runs: dict[str, ScenarioView]) -> None:
        for state in states_of(event):
            if (run := runs.get(state.id)) is not None:
                run._take(state)
        self._show()

    async def _by_changes(self, runs: dict[str, ScenarioView], longest: float) -> None:
        """Ask for changes of the first runs, which are answered when there are some, until these have ended."""
        some = dict(islice(runs.items(), IDS_AT_A_TIME))
        end, cursor = time.monotonic() + longest, None
        while (left := end - time.monotonic()) > 0 and any(run.is_active for run in some.values()):
            try:
                changes = await self._calls.changes(list(some), cursor, min(left, _LONG_POLL))
            except NotFound as error:  # what an old server says, which takes the route for the id of a scenario
                raise Unsupported("polls that wait") from error
            cursor = changes.cursor
            self._take_over(some, {each.id: each for each in changes.scenarios}, changes.gone)
            await asyncio.sleep(_BETWEEN_CHANGES)

    async def _by_poll(self, runs: dict[str, ScenarioView], longest: float) -> None:
        """Pause until it is time to ask again."""
        await asyncio.sleep(max(0, min(_INTERVAL, longest)))
