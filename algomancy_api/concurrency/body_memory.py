"""The memory that the bodies of requests under way take together."""

from collections import Counter

from ..errors import TooMany, Unavailable

#: Retry-After, in seconds, when the memory is full.
_RETRY_AFTER = 5

#: The part of the memory that one sender may fill.
_SHARE = 2


class BodyMemory:
    """Counts the bytes of all bodies that are kept, by sender.

    Args:
        most: Bytes of all bodies together. One sender may have half of them.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: Counter[str] = Counter()
        self._total = 0

    def take(self, sender: str, size: int) -> None:
        """Count more bytes of a sender's.

        Raises:
            TooMany: The sender has too many.
            Unavailable: All have together. They are not counted in either case.
        """
        if self._held[sender] + size > self._most // _SHARE:
            raise TooMany(
                f"Your requests under way have bodies of more than {self._most // _SHARE} bytes together: "
                "wait until some of them are answered",
                _RETRY_AFTER,
            )
        if self._total + size > self._most:
            raise Unavailable(
                f"The requests under way have bodies of more than {self._most} bytes together; try again later",
                _RETRY_AFTER,
            )
        self._held[sender] += size
        self._total += size

    def give_back(self, sender: str, size: int) -> None:
        """Count bytes no longer that were taken."""
        self._total -= size
        self._held[sender] -= size
        if not self._held[sender]:
            del self._held[sender]
