"""The limit of open streams and long polls for each sender.

Streams are those of events, datasets and large responses.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import TooMany

#: Seconds: Retry-After when a sender has too many open streams.
_RETRY_AFTER = 10


class StreamQuota:
    """The number of open streams of each sender. Belongs to one event loop.

    Args:
        most: The limit for one sender.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: Counter[str] = Counter()

    @contextmanager
    def one_of(self, sender: str) -> Iterator[None]:
        """A context that counts as an open stream of the sender.

        Raises:
            TooMany: The sender has as many open streams as the limit.
        """
        if self._open[sender] >= self._most:
            raise TooMany(f"{self._most} streams, downloads or long polls are open already", _RETRY_AFTER)
        self._open[sender] += 1
        try:
            yield
        finally:
            self._open[sender] -= 1
            if not self._open[sender]:
                del self._open[sender]
