"""Free memory returned to the operating system.

The C library keeps freed memory in the arenas of its threads: after large responses and datasets, up to hundreds of
megabytes. glibc has a call that returns it to the system, `malloc_trim`; with other C libraries, nothing is done. Arrow
keeps freed memory in a pool of its own.
"""

import ctypes
import threading
from collections.abc import Callable

import pyarrow as pa

#: Seconds: delay after a large response or a change of a dataset, so that many of them cause one call.
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
        self._lock = threading.Lock()

    def plan(self) -> None:
        """Schedule it on a separate thread, unless it is scheduled already."""
        with self._lock:
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


def use_the_allocator_of_c() -> None:
    """Have Arrow take its memory from the C library: its own allocator keeps some 50 MB more after large datasets.

    It holds for the whole process, so a server of our own does it, and a host decides by itself.
    """
    pa.set_memory_pool(pa.system_memory_pool())


def _malloc_trim() -> Callable[[], object] | None:
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except AttributeError, OSError, TypeError:  # another C library
        return None
    trim.argtypes, trim.restype = [ctypes.c_size_t], ctypes.c_int

    def trim_all() -> None:
        pa.default_memory_pool().release_unused()
        trim(0)

    return trim_all


MEMORY = MemoryTrimmer(_malloc_trim())
