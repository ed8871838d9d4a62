"""An event loop on a thread of its own, for callers on other threads."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any

#: How long a loop may take to end, in seconds.
_ENDING = 5


class EventLoopThread:
    """An event loop on a thread, which the end of the process does not wait for.

    Args:
        live: What is done on it from its start until the event that it is given is set; then it ends.
    """

    def __init__(self, live: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
        self._has_started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(live,), name="algomancy-api dask", daemon=True)
        self._thread.start()
        self._has_started.wait()

    def start[R](self, work: Coroutine[Any, Any, R]) -> Future[R]:
        """Start work on the loop; cancelling its future cancels it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def stop(self) -> None:
        """End the loop."""
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(_ENDING)

    def _run(self, live: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
        asyncio.run(self._live(live))

    async def _live(self, live: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        self._has_started.set()
        await live(self._end)
