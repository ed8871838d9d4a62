"""The threads that read the token file: one for each reading, and one that starts readings at an interval.

A reading may never end, on a network drive that is gone. So only the requests that wait for it depend on it.
"""

import asyncio
import logging
import threading
import weakref
from asyncio import AbstractEventLoop
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import Context
from time import monotonic

_logger = logging.getLogger("algomancy_api")

#: Seconds: interval between readings that no request asks for.
_INTERVAL = 0.4

#: Seconds: duration after which a reading is overdue.
_OVERDUE = 2.0

_ALL_REFUSED = "All tokens of %s are refused: the file could not be read within %g s. Check whether its disk responds"
_READ = "%s was read after %.1f s"


class ReadingThread(threading.Thread):
    """A thread for one reading. Tasks of any event loop can wait for it.

    Args:
        read: Does the reading.
        name: The name of the file, for the log.
    """

    def __init__(self, read: Callable[[], None], name: str) -> None:
        # An empty context: the reading is not for the request that happens to start it.
        super().__init__(name="algomancy-api tokens reading", daemon=True, context=Context())
        self._read = read
        self._file = name
        self._began = monotonic()
        self._end: Future[None] = Future()
        self._end.set_running_or_notify_cancel()  # a cancelled task must not cancel it for the others
        self._end_on: dict[AbstractEventLoop, asyncio.Future[None]] = {}
        self._is_logged = False

    @property
    def is_over(self) -> bool:
        """Whether the reading has ended."""
        return self._end.done()

    @property
    def is_overdue(self) -> bool:
        """Whether the reading takes too long."""
        return not self.is_over and monotonic() - self._began > _OVERDUE

    def run(self) -> None:
        try:
            self._read()
        finally:
            del self._read  # breaks the reference cycle with the watch
            self._end.set_result(None)
        if self._is_logged:
            _logger.info(_READ, self._file, monotonic() - self._began)

    async def wait(self) -> None:
        """Wait for the end of the reading."""
        # One future for each loop: tasks that stop waiting leave no callbacks behind.
        loop = asyncio.get_running_loop()
        if loop not in self._end_on:
            self._end_on[loop] = asyncio.wrap_future(self._end)
        await asyncio.wait([self._end_on[loop]])

    def log_if_overdue(self) -> None:
        """Log once that the reading takes too long."""
        if self.is_overdue and not self._is_logged:
            self._is_logged = True
            _logger.error(_ALL_REFUSED, self._file, _OVERDUE)


class WatchThread(threading.Thread):
    """A thread that starts readings at an interval, until `end`, or until the owner of ``read`` is collected.

    Args:
        read: Bound method that starts a reading without waiting for it. Only a weak reference is kept.
    """

    def __init__(self, read: Callable[[], None]) -> None:
        super().__init__(name="algomancy-api tokens watch", daemon=True, context=Context())
        self._read = weakref.WeakMethod(read)
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(_INTERVAL):
            read = self._read()
            if read is None:
                return
            read()
            del read  # else this thread keeps the object alive until the next interval

    def end(self) -> None:
        """Stop the thread and wait for its end."""
        self._ended.set()
        self.join()
