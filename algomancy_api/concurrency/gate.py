"""Who waits for whom: a gate for each session, and two pools of worker threads for an app."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio
import anyio.from_thread
import anyio.lowlevel
import anyio.to_thread


class Gate:
    """A gate that many pass at a time, and that one can close once nobody is inside.

    Belongs to one event loop, whose tasks are its only users: what happens between two awaits is atomic.

    Args:
        gone: The error for whoever comes to a closed gate.
    """

    def __init__(self, gone: Callable[[], Exception]) -> None:
        self._gone = gone
        self._inside = 0
        self._closed = False
        self._left: anyio.Event | None = None
        self._decided: anyio.Event | None = None

    @asynccontextmanager
    async def inside(self) -> AsyncIterator[None]:
        """Be inside, after whoever is closing has made up their mind."""
        await self._wait_for_decision()
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1
            if self._left is not None and not self._inside:
                self._left.set()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[Callable[[], None]]:
        """Be inside with nobody else; the value closes the gate for good."""
        await self._wait_for_decision()
        self._left, self._decided = anyio.Event(), anyio.Event()
        try:
            if self._inside:
                await self._left.wait()
            yield self._close
        finally:
            self._decided.set()
            self._left = self._decided = None

    def is_closed(self) -> bool:
        """Whether nobody passes any more."""
        return self._closed

    async def _wait_for_decision(self) -> None:
        while self._decided is not None:
            await self._decided.wait()
        if self._closed:
            raise self._gone()

    def _close(self) -> None:
        self._closed = True
