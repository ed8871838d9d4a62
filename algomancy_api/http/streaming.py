"""Responses whose body is generated while it is sent."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractContextManager, aclosing
from math import inf

import anyio
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from ..concurrency.disconnect import DisconnectListener
from ..concurrency.memory import MEMORY
from .large_bodies import LARGE


class StreamResponse(Response):
    """A response whose body is generated while it is sent.

    Args:
        begin: Starts the body. An exception here becomes an error response, since nothing is sent yet.
        stream_slot: Context manager that is entered while the response is sent, and counts it as a stream of its
            sender. An exception on entering it becomes an error response, too.
        media_type: The Content-Type.
        headers: The other headers.
    """

    def __init__(
        self,
        begin: Callable[[], Awaitable[AsyncGenerator[bytes]]],
        stream_slot: AbstractContextManager[None],
        media_type: str,
        headers: dict[str, str],
    ) -> None:
        self.status_code = 200
        self.background = None
        self.media_type = media_type
        self._begin = begin
        self._stream_slot = stream_slot
        self.init_headers(headers)
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start: Message = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        if scope["method"] == "HEAD":
            await send(start)
            await send({"type": "http.response.body", "body": b""})
            return
        with self._stream_slot:
            async with aclosing(await self._begin()) as pieces:
                await send(start)
                size = await send_all(pieces, receive, send)
        if size > LARGE:
            MEMORY.plan()


def _no_limit(_piece: bytes) -> float:
    return inf


async def send_all(
    pieces: AsyncGenerator[bytes], receive: Receive, send: Send, longest: Callable[[bytes], float] = _no_limit
) -> int:
    """Send the pieces of a body until the client disconnects, and return their number of bytes.

    Args:
        pieces: The pieces.
        receive: Receives the client's disconnect.
        send: Sends the response, whose start is sent already.
        longest: Seconds by piece: a client that has not taken the piece after them is given up. The response then has
            no end, since that would not be taken either.
    """
    size = 0
    async with anyio.create_task_group() as group:
        group.start_soon(DisconnectListener(receive).listen, group.cancel_scope)
        async for piece in pieces:
            size += len(piece)
            with anyio.move_on_after(longest(piece)) as limit:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            if limit.cancelled_caught:
                group.cancel_scope.cancel()
                return size
        group.cancel_scope.cancel()
    await send({"type": "http.response.body", "body": b""})
    return size
