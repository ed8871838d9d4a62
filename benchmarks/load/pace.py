"""When the requests of a connection are due."""

import asyncio
import time
from array import array
from typing import Protocol

#: Moments this close are one, in seconds: they are sums of fractions, which are a little off.
_SAME = 1e-6


class TimeIsUp(Exception):
    """No request is due any more."""


class Pace(Protocol):
    """The moments of one connection's requests."""

    async def turn(self, pause: float) -> float:
        """Wait for the next request's moment, and give the time that its latency counts from.

        Times are those of `time.perf_counter`.

        Args:
            pause: How long the connection itself would wait, in seconds.

        Raises:
            TimeIsUp: The moment is past the end.
        """


class AsAnswered:
    """Each request is due once the one before it is answered."""

    def __init__(self, end: float) -> None:
        self._end = end

    async def turn(self, pause: float) -> float:
        """Wait no longer than the connection wants to."""
        if pause:
            await asyncio.sleep(min(pause, max(0.0, self._end - time.perf_counter())))
        if (now := time.perf_counter()) >= self._end:
            raise TimeIsUp
        return now


class Even:
    """Requests are due at a fixed interval, whether or not those before them are answered.

    A request whose connection is still busy at its moment is sent late, and its latency counts from the moment: what
    a slow answer keeps waiting is measured, too (there is no "coordinated omission"). Where the connection was free,
    it is this program's own timer that was late. Such delays are no answer's latency: they stand on their own.
    """

    def __init__(self, first: float, interval: float, end: float, timer_delays: array[float]) -> None:
        self._next = first
        self._interval = interval
        self._end = end
        self._timer_delays = timer_delays

    async def turn(self, pause: float) -> float:  # noqa: ARG002 - the interval is the pause
        """Wait for the moment, if it is still to come."""
        due, now = self._next, time.perf_counter()
        if max(due, now) > self._end - _SAME:  # what the server did not get through by then is never sent
            raise TimeIsUp
        self._next += self._interval
        if due <= now:
            return due
        await asyncio.sleep(due - now)
        now = time.perf_counter()
        self._timer_delays.append(max(0.0, now - due))
        return now
