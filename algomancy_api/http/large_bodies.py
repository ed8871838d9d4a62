"""Large response bodies: sent in pieces as the client reads them, and held once for all clients that read the same."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext

import anyio.to_thread
from starlette.types import Scope, Send

from ..concurrency.memory import MEMORY
from ..concurrency.shared import EqualBodies
from ..serialization.digest import body_digest

#: Bytes: size of a piece. The server takes the next piece once the client has read most of the last one, so a client
#: that reads nothing holds one or two pieces.
PIECE = 256 * 1024

#: Bytes: a larger body is sent in pieces, held once for all its readers, and counted as a stream.
LARGE = 256 * 1024

#: Scope key: a middleware wants large bodies in one message.
_WHOLE = "algomancy_api.whole"


class LargeResponses:
    """The large response bodies that are being sent. Belongs to one event loop.

    Args:
        stream_slot: Gives, by a request's scope, the context manager that counts the body as a stream of its sender.
    """

    def __init__(self, stream_slot: Callable[[Scope], AbstractContextManager[None]]) -> None:
        self._stream_slot = stream_slot
        self._bodies = EqualBodies()

    @asynccontextmanager
    async def sending(self, scope: Scope, body: bytes, digest: bytes | None = None) -> AsyncIterator[bytes]:
        """The body to send: one object for all requests with an equal body.

        Args:
            scope: The scope of the request.
            body: The body. The caller must keep no reference to it.
            digest: The digest of the body, if the caller knows it.

        Raises:
            TooMany: The sender has as many streams open as it may.
        """
        with nullcontext() if scope["method"] == "HEAD" else self._stream_slot(scope):
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
    """A body in pieces. They are copies, so a piece that waits to be sent does not keep the whole body."""
    if len(body) <= PIECE:
        yield body
        return
    for start in range(0, len(body), PIECE):
        yield body[start : start + PIECE]


def taken(pieces: list[bytes]) -> bytes:
    """The pieces of a list, joined. The list is emptied."""
    whole = b"".join(pieces)
    pieces.clear()
    return whole


def ask_for_whole_bodies(scope: Scope) -> None:
    """Have large bodies come in one message, for a middleware that converts them and sends them in pieces itself."""
    scope[_WHOLE] = True


def are_whole_bodies_wanted(scope: Scope) -> bool:
    """Whether a large body must come in one message."""
    return _WHOLE in scope
