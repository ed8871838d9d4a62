"""A shared and exclusive lock that can be closed for good."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import anyio
import anyio.from_thread
import anyio.lowlevel
import anyio.to_thread


class Gate:
    """A shared and exclusive lock of a session; its exclusive holder can close it for good.

    Belongs to one event loop: all code between two awaits is atomic.

    Args:
        closed_error: Makes the exception for a call to a closed gate.
    """

    def __init__(self, closed_error: Callable[[], Exception]) -> None:
        self._closed_error = closed_error
        self._shared_holders = 0
        self._closed = False
        self._last_released: anyio.Event | None = None
        self._exclusive_released: anyio.Event | None = None

    def shared(self) -> AbstractAsyncContextManager[None]:
        """Hold the lock with others; waits for an exclusive holder, or one that waits for the lock."""
        return _Shared(self)

    @asynccontextmanager
    async def exclusive(self) -> AsyncIterator[Callable[[], None]]:
        """Hold the lock alone; the value is a function that closes the gate for good."""
        await self._wait_for_exclusive()
        self._last_released, self._exclusive_released = anyio.Event(), anyio.Event()
        try:
            if self._shared_holders:
                await self._last_released.wait()
            yield self._close
        finally:
            self._exclusive_released.set()
            self._last_released = self._exclusive_released = None

    def is_closed(self) -> bool:
        """Whether the gate is closed for good."""
        return self._closed

    async def _acquire_shared(self) -> None:
        await self._wait_for_exclusive()
        self._shared_holders += 1

    def _release_shared(self) -> None:
        self._shared_holders -= 1
        if self._last_released is not None and not self._shared_holders:
            self._last_released.set()

    async def _wait_for_exclusive(self) -> None:
        while self._exclusive_released is not None:
            await self._exclusive_released.wait()
        if self._closed:
            raise self._closed_error()

    def _close(self) -> None:
        self._closed = True


class _Shared(AbstractAsyncContextManager[None]):
    """One shared hold: every request has one, and a generator would take longer than all else of it."""

    __slots__ = ("_gate",)

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def __aenter__(self) -> None:
        await self._gate._acquire_shared()

    async def __aexit__(self, *_: object) -> None:
        self._gate._release_shared()
