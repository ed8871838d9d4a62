"""The threads that read the file with tokens: one for each reading, and one that begins readings by itself.

A reading may never end, on a network drive that is gone. So nothing but those who wait for it depends on it.
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

#: Seconds: time between two readings while no request wants one.
_INTERVAL = 0.4

#: Seconds: time after which a reading is overdue.
_OVERDUE = 2.0

_NOBODY = "The tokens of %s let nobody in: it could not be read for %g s. Look whether its disk answers"
_READ = "%s was read after all, after %.1f s"


class ReadingThread(threading.Thread):
    """A reading, for which tasks of any event loop can wait.

    Args:
        read: Reads.
        name: The name of the file, for the log.
    """

    def __init__(self, read: Callable[[], None], name: str) -> None:
        # In no context: the request that happens to begin it is not the one that it is for.
        super().__init__(name="algomancy-api tokens reading", daemon=True, context=Context())
        self._read = read
        self._file = name
        self._began = monotonic()
        self._end: Future[None] = Future()
        self._end.set_running_or_notify_cancel()  # a task that is cancelled must not cancel it for the others
        self._end_on: dict[AbstractEventLoop, asyncio.Future[None]] = {}
        self._is_logged = False

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self._end.done()

    @property
    def is_overdue(self) -> bool:
        """Whether it takes too long."""
        return not self.is_over and monotonic() - self._began > _OVERDUE

    def run(self) -> None:
        """Read, and wake all who wait."""
        try:
            self._read()
        finally:
            del self._read  # the watch refers to this thread: else the two would keep each other
            self._end.set_result(None)
        if self._is_logged:
            _logger.info(_READ, self._file, monotonic() - self._began)

    async def wait(self) -> None:
        """Wait until it has ended."""
        # One future for each loop: those who wait, and give up, leave nothing behind in it.
        loop = asyncio.get_running_loop()
        if loop not in self._end_on:
            self._end_on[loop] = asyncio.wrap_future(self._end)
        await asyncio.wait([self._end_on[loop]])

    def log_if_overdue(self) -> None:
        """Log, once, that it takes too long."""
        if self.is_overdue and not self._is_logged:
            self._is_logged = True
            _logger.error(_NOBODY, self._file, _OVERDUE)


class WatchThread(threading.Thread):
    """The watch: begins a reading again and again, until `end`, or until nobody has the object any more that reads.

    Args:
        read: The method that begins a reading, and does not wait for it.
    """

    def __init__(self, read: Callable[[], None]) -> None:
        super().__init__(name="algomancy-api tokens watch", daemon=True, context=Context())
        self._read = weakref.WeakMethod(read)
        self._ended = threading.Event()

    def run(self) -> None:
        """Watch."""
        while not self._ended.wait(_INTERVAL):
            read = self._read()
            if read is None:
                return
            read()
            del read  # else this thread has the object until the next time

    def end(self) -> None:
        """End, and wait until it has ended."""
        self._ended.set()
        self.join()
