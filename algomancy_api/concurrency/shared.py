"""Results that several concurrent requests need, made and kept once, as long as one of them needs them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

import anyio


@dataclass
class _Entry[S, V]:
    """The result for a source: one item in ``values`` once it is made."""

    source: S
    values: list[V] = field(default_factory=list)
    lock: anyio.Lock = field(default_factory=anyio.Lock)
    users: int = 0


class SharedResults[S, V]:
    """Results of a call, made once for all concurrent users of the same source. Belongs to one event loop.

    Sources are compared by identity; for equal bodies, see `EqualBodies`.
    """

    def __init__(self) -> None:
        self._entries: dict[tuple[int, Hashable], _Entry[S, V]] = {}

    @asynccontextmanager
    async def of(self, source: S, kind: Hashable, make: Callable[[S], Awaitable[V]]) -> AsyncIterator[V]:
        """A context with the result for a source: the first user makes it, and the others wait.

        Args:
            source: The argument of the call; must not change meanwhile.
            kind: A key that differs between the calls on the same source.
            make: The call. Its exception goes to the user that made the call; the next user tries again.
        """
        key = id(source), kind  # the entry keeps the source alive, so its id is not reused
        entry = self._entries.setdefault(key, _Entry(source))
        entry.users += 1
        try:
            async with entry.lock:
                if not entry.values:
                    entry.values.append(await make(source))
            yield entry.values[0]
        finally:
            entry.users -= 1
            if not entry.users:
                del self._entries[key]


class EqualBodies:
    """Response bodies in use; of equal ones, one is kept. Belongs to one event loop."""

    def __init__(self) -> None:
        self._bodies: dict[bytes, tuple[bytes, int]] = {}

    @contextmanager
    def one_of(self, digest: bytes, body: bytes) -> Iterator[bytes]:
        """A context with the body, or with an equal one that is in use already.

        Args:
            digest: The digest of the body.
            body: The body. The caller must drop its own reference, so that only one copy stays in memory.
        """
        body, users = self._bodies.get(digest, (body, 0))
        self._bodies[digest] = body, users + 1
        try:
            yield body
        finally:
            body, users = self._bodies.pop(digest)
            if users > 1:
                self._bodies[digest] = body, users - 1
