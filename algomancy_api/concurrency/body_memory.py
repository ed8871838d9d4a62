"""The limit on the memory of all request bodies in progress."""

from collections import Counter

from .. import free_memory
from ..errors import TooMany, Unavailable

#: Seconds: Retry-After when the memory is full.
_RETRY_AFTER = 5

#: Bytes: of bodies, after which the free memory is looked at again.
_STEP = 16 * 1024 * 1024

#: Divisor: one sender may use this part of the memory, a half.
_SENDER_DIVISOR = 2


class BodyMemory:
    """Counter of the bytes of all request bodies in memory, by sender.

    Args:
        total: Bytes: limit for all bodies together. One sender may use half of it.
    """

    def __init__(self, total: int) -> None:
        self._limit = total
        self._limit_per_sender = total // _SENDER_DIVISOR
        self._held: Counter[str] = Counter()
        self._total = 0

    def take(self, sender: str, size: int) -> None:
        """Add bytes of a sender. They are not added if this raises.

        Raises:
            TooMany: The sender would exceed its part.
            Unavailable: All senders together would exceed the limit, or there is too little memory.
        """
        if self._held[sender] + size > self._limit_per_sender:
            raise TooMany(
                f"The bodies of your requests in progress are larger than {self._limit_per_sender} bytes in total; "
                "try again later",
                _RETRY_AFTER,
            )
        if self._total + size > self._limit:
            raise Unavailable(
                f"The bodies of all requests in progress are larger than {self._limit} bytes in total; try again later",
                _RETRY_AFTER,
            )
        if (self._total + size) // _STEP > self._total // _STEP:
            self._require(self._total + size)
        self._held[sender] += size
        self._total += size

    def give_back(self, sender: str, size: int) -> None:
        """Subtract bytes that were taken."""
        self._total -= size
        self._held[sender] -= size
        if not self._held[sender]:
            del self._held[sender]

    @staticmethod
    def _require(size: int) -> None:
        """Ask for as much memory as all bodies have: what is decoded of them takes it once more."""
        try:
            free_memory.require(size)
        except MemoryError as error:
            reason = "There is too little memory for the bodies of requests; try again later"
            raise Unavailable(reason, _RETRY_AFTER) from error
