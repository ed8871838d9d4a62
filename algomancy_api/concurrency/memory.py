"""Memory that is free, given back to the system.

The C library keeps what is freed, in some arena of each thread, for the next who asks: after large answers that may be
hundreds of megabytes. glibc alone has a call that gives it back; elsewhere nothing is done.
"""

import ctypes
import threading
from collections.abc import Callable

#: How long after large answers it is given back, in seconds, so that it is not done for each of many.
_LATER = 5


class MemoryReturn:
    """Gives free memory back to the system, some seconds after it is asked to.

    Args:
        give_back: Does it; None if nothing can.
        later: After how many seconds.
    """

    def __init__(self, give_back: Callable[[], object] | None, later: float = _LATER) -> None:
        self._give_back = give_back
        self._later = later
        self._is_planned = False

    def plan(self) -> None:
        """Have it done, on a thread of its own, unless that is planned already; from one thread."""
        if self._is_planned or self._give_back is None:
            return
        self._is_planned = True
        timer = threading.Timer(self._later, self._work)
        timer.daemon = True
        timer.start()

    def _work(self) -> None:
        self._is_planned = False
        if self._give_back is not None:
            self._give_back()


def _give_back() -> Callable[[], object] | None:
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except AttributeError, OSError, TypeError:  # another C library
        return None
    trim.argtypes, trim.restype = [ctypes.c_size_t], ctypes.c_int
    return lambda: trim(0)


MEMORY = MemoryReturn(_give_back())
