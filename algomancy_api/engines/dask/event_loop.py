"""An event loop on a separate thread, for callers on other threads."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any

#: Seconds: wait for the end of the loop.
_STOP_TIMEOUT = 5


class EventLoopThread:
    """An event loop on a daemon thread, which the end of the process does not wait for.

    Args:
        main: The main coroutine of the loop. It must return once the event that it gets is set.
    """

    def __init__(self, main: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
        self._has_started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(main,), name="algomancy-api dask", daemon=True)
        self._thread.start()
        self._has_started.wait()

    def start[R](self, work: Coroutine[Any, Any, R]) -> Future[R]:
        """Start a coroutine on the loop; cancelling the future cancels the coroutine."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def stop(self) -> None:
        """Set the event of the main coroutine, and wait for its end."""
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(_STOP_TIMEOUT)

    def _run(self, main: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
        asyncio.run(self._main(main))

    async def _main(self, main: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        self._has_started.set()
        await main(self._end)
