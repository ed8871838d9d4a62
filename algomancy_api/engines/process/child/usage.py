"""What a run has used, measured in its child by the operating system, and sent to the parent."""

import sys
import time
from struct import Struct

from ...options import Usage

_NUMBERS = Struct("!dq")

#: Bytes: the unit of `ru_maxrss`.
_MEMORY_UNIT = {"darwin": 1}.get(sys.platform, 1024)

#: In place of a size that is not known.
_UNKNOWN = -1


class UsageMeter:
    """Measures from now on, together with the processes that this one starts and waits for."""

    def __init__(self) -> None:
        self._start, _ = _used()

    def frame(self) -> bytes:
        """What has been used until now, for `read`."""
        seconds, memory = _used()
        return _NUMBERS.pack(seconds - self._start, memory)


def read(content: bytes | bytearray) -> Usage:
    """The usage in a frame."""
    seconds, memory = _NUMBERS.unpack(content)
    return Usage(seconds, None if memory == _UNKNOWN else memory)


def _used() -> tuple[float, int]:
    """Seconds of processor time, and bytes: this process's peak of memory, and that of its largest child beside it."""
    try:
        import resource
    except ImportError:  # not Unix
        return time.process_time(), _UNKNOWN
    parts = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in parts), sum(part.ru_maxrss for part in parts) * _MEMORY_UNIT
