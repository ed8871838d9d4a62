"""Values that several requests need at the same time, held once, and only for as long as one of them needs them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

import anyio


@dataclass
class _Made[S, V]:
    """What is made of a source, who makes it first, and how many use it."""

    source: S
    values: list[V] = field(default_factory=list)
    lock: anyio.Lock = field(default_factory=anyio.Lock)
    users: int = 0


class SharedResults[S, V]:
    """Results of a call, made once for all users of the same source. Belongs to one event loop.

    The same source is the same object: equal ones are `EqualBodies`' business.
    """

    def __init__(self) -> None:
        self._made: dict[tuple[int, Hashable], _Made[S, V]] = {}

    @asynccontextmanager
    async def of(self, source: S, kind: Hashable, make: Callable[[S], Awaitable[V]]) -> AsyncIterator[V]:
        """The result for a source, up to the end of the context; the first user makes it, and the others wait.

        Args:
            source: What it is made of; it is not changed meanwhile.
            kind: What tells this call from others on the same source.
            make: Makes it. What it raises, its caller gets; the next user then tries again.
        """
        key = id(source), kind  # of this object and no other: it is kept with its results
        made = self._made.setdefault(key, _Made(source))
        made.users += 1
        try:
            async with made.lock:
                if not made.values:
                    made.values.append(await make(source))
            yield made.values[0]
        finally:
            made.users -= 1
            if not made.users:
                del self._made[key]


class EqualBodies:
    """Bodies, of which equal ones are held once. Belongs to one event loop."""

    def __init__(self) -> None:
        self._bodies: dict[bytes, tuple[bytes, int]] = {}

    @contextmanager
    def one_of(self, digest: bytes, body: bytes) -> Iterator[bytes]:
        """A body, or the equal one that is in use already, up to the end of the context.

        Args:
            digest: What all equal bodies have in common, and no others.
            body: The body. To have it held once, its caller forgets it.
        """
        body, users = self._bodies.get(digest, (body, 0))
        self._bodies[digest] = body, users + 1
        try:
            yield body
        finally:
            body, users = self._bodies.pop(digest)
            if users > 1:
                self._bodies[digest] = body, users - 1
