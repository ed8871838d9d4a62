"""An answer that is kept for a retry, and the interface of where answers are kept."""

import time
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

#: Bytes: the longest body that is kept. Of a longer one, a retry gets the status, and a sentence.
LONGEST = 4 * 1024 * 1024

#: Bytes: what a kept answer takes beside its body, about.
_OVERHEAD = 500

#: Seconds, and bytes of new answers: after either, old ones are forgotten.
_PAUSE = 60
_MANY_BYTES = 16 * 1024 * 1024


class KeptAnswer(Struct, frozen=True, kw_only=True):
    """The answer to a request with a key.

    Attributes:
        id: The digest of the key and its sender.
        sender: The sender.
        request: The digest of the request; empty if its body was not read to the end, and need not be the same.
        status: The status.
        headers: The headers that a retry gets, too, by name.
        ignored: The names of the fields of the request's body that were ignored.
        body: The body.
        created: Seconds since 1970: when it was kept.
    """

    id: str
    sender: str
    request: str
    status: int
    headers: dict[str, str]
    ignored: list[str]
    body: bytes
    created: float = 0.0

    @property
    def size(self) -> int:
        """The bytes that it takes, about."""
        return len(self.body) + _OVERHEAD

    def is_as(self, other: KeptAnswer) -> bool:
        """Whether it is the same answer, whenever that was kept."""
        return replace(self, created=other.created) == other


class Bounds(NamedTuple):
    """What is kept at most.

    Attributes:
        seconds: How long an answer is kept.
        number: How many are.
        size: Their bytes.
    """

    seconds: float
    number: int
    size: int


class Share(NamedTuple):
    """What one sender has of the answers."""

    sender: str
    number: int
    size: int


class Answers(ABC):
    """Where answers are kept, safe for many threads.

    Args:
        bounds: What is kept at most.
    """

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self._tidied, self._added = time.monotonic(), 0

    @abstractmethod
    def find(self, key_id: str) -> KeptAnswer | None:
        """The answer of a key; None if there is none, or none any more."""

    @abstractmethod
    def keep(self, answer: KeptAnswer) -> None:
        """Keep an answer, in place of the one of the same key."""

    @abstractmethod
    def forget_some(self) -> None:
        """Forget what is too old or too much, in small pieces."""

    def settle(self, answer: KeptAnswer) -> None:
        """Keep an answer, unless the transaction of its effect has kept the same."""
        self._added += answer.size
        found = self.find(answer.id)
        if found is None or not answer.is_as(found):
            self.keep(answer)

    def are_untidy(self) -> bool:
        """Whether it is time for `forget_some`; True for one of several callers."""
        if (now := time.monotonic()) - self._tidied < _PAUSE and self._added < _MANY_BYTES:
            return False
        self._tidied, self._added = now, 0
        return True

    @property
    def oldest(self) -> float:
        """Seconds since 1970: answers from before are forgotten."""
        return time.time() - self.bounds.seconds

    def greediest(self, shares: Iterable[Share]) -> str | None:
        """The sender who loses its oldest answers next: the one who has most; None if all answers are within bounds."""
        every = list(shares)
        if sum(share.size for share in every) > self.bounds.size:
            return max(every, key=lambda share: share.size).sender
        if sum(share.number for share in every) > self.bounds.number:
            return max(every, key=lambda share: share.number).sender
        return None
