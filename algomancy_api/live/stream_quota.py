"""How many streams, of events, datasets and large answers, and polls that wait, each sender has open."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import TooMany

#: After what time it may be worth while to look again whether one has ended, in seconds.
_STREAMS_END = 10


class StreamQuota:
    """The streams that are open. Belongs to one event loop.

    Args:
        most: How many of them one sender may have.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: Counter[str] = Counter()

    @contextmanager
    def one_of(self, sender: str) -> Iterator[None]:
        """Have one more open, up to the end of the context, whatever ends it.

        Raises:
            TooMany: The sender has as many as they may.
        """
        if self._open[sender] >= self._most:
            raise TooMany(f"{self._most} streams, downloads or polls that wait are open already", _STREAMS_END)
        self._open[sender] += 1
        try:
            yield
        finally:
            self._open[sender] -= 1
            if not self._open[sender]:
                del self._open[sender]
