"""Large bodies of answers: sent in pieces as their reader takes them, and held once for all who read the same."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext

import anyio.to_thread
from starlette.types import Scope, Send

from ..concurrency.memory import MEMORY
from ..concurrency.shared import EqualBodies
from ..serialization.digest import body_digest

#: Bytes of a body given to the server at a time. A server waits before it takes the next ones, until its reader has
#: taken most of these: who reads nothing has one or two pieces held.
PIECE = 256 * 1024

#: Bytes: a body of more is large, which is sent in pieces, held once for all who read it, and counted as a stream.
LARGE = 256 * 1024

#: Where in a request's scope it stands that something around its endpoint wants large bodies whole.
_WHOLE = "algomancy_api.whole"


class LargeResponses:
    """The large bodies that are being sent. Belongs to one event loop.

    Args:
        place: What the sender of a request, by its scope, is inside for as long as a body is sent to them.
    """

    def __init__(self, place: Callable[[Scope], AbstractContextManager[None]]) -> None:
        self._place = place
        self._bodies = EqualBodies()

    @asynccontextmanager
    async def sending(self, scope: Scope, body: bytes, digest: bytes | None = None) -> AsyncIterator[bytes]:
        """The body to send, which is the same for all who are sent an equal one.

        Args:
            scope: That of the request.
            body: The body; its caller forgets it.
            digest: The digest of it, if that is known.

        Raises:
            Exception: Whatever entering the place raises.
        """
        with nullcontext() if scope["method"] == "HEAD" else self._place(scope):
            if digest is None:
                digest = await anyio.to_thread.run_sync(body_digest, body)
            with self._bodies.one_of(digest, body) as body:
                yield body
        MEMORY.plan()


async def send_body(body: bytes, send: Send) -> None:
    """Send a body, in pieces if it is large."""
    if len(body) <= LARGE:
        await send({"type": "http.response.body", "body": body})
        return
    for piece in cut(body):
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def cut(body: bytes) -> Iterator[bytes]:
    """A body in pieces. They are copies: one that is not sent yet keeps nothing of the rest."""
    if len(body) <= PIECE:
        yield body
        return
    for start in range(0, len(body), PIECE):
        yield body[start : start + PIECE]


def taken(pieces: list[bytes]) -> bytes:
    """All that a list has in one piece; it has nothing then."""
    whole = b"".join(pieces)
    pieces.clear()
    return whole


def ask_for_whole_bodies(scope: Scope) -> None:
    """Have large bodies come whole to who makes another body of them, and sends that in pieces."""
    scope[_WHOLE] = True


def are_whole_bodies_wanted(scope: Scope) -> bool:
    """Whether a large body is to be given on whole."""
    return _WHOLE in scope
