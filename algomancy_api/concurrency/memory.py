"""Free memory returned to the operating system.

The C library keeps freed memory in the arenas of its threads: after large responses, up to hundreds of megabytes. glibc
has a call that returns it to the system, `malloc_trim`; with other C libraries, nothing is done.
"""

import ctypes
import threading
from collections.abc import Callable

#: Seconds: delay after a large response, so that many responses cause one call.
_DELAY = 5


class MemoryTrimmer:
    """Returns free memory to the operating system, some seconds after each request to do so.

    Args:
        trim: Does it; None if the C library cannot.
        delay: Seconds: wait before it.
    """

    def __init__(self, trim: Callable[[], object] | None, delay: float = _DELAY) -> None:
        self._trim = trim
        self._delay = delay
        self._is_planned = False

    def plan(self) -> None:
        """Schedule it on a separate thread, unless it is scheduled already. To be called from one thread only."""
        if self._is_planned or self._trim is None:
            return
        self._is_planned = True
        timer = threading.Timer(self._delay, self._work)
        timer.daemon = True
        timer.start()

    def _work(self) -> None:
        self._is_planned = False
        if self._trim is not None:
            self._trim()


def _malloc_trim() -> Callable[[], object] | None:
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except AttributeError, OSError, TypeError:  # another C library
        return None
    trim.argtypes, trim.restype = [ctypes.c_size_t], ctypes.c_int
    return lambda: trim(0)


MEMORY = MemoryTrimmer(_malloc_trim())
