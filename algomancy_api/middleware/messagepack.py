"""MessagePack beside JSON, on every route, a host's own included: what reads and writes JSON need not know of it."""

import re
from collections.abc import Awaitable

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..concurrency.by_size import by_size
from ..concurrency.shared import SharedResults
from ..http.large_bodies import LARGE, are_whole_bodies_wanted, ask_for_whole_bodies, send_body
from ..http.negotiation import Headers, accepted_messagepack, header, is_messagepack, revised
from ..serialization.messagepack import MalformedMessagePack, packed, unpacked

_JSON = re.compile(rb"\s*application/json\s*(?:;|$)", re.IGNORECASE)

_WITHOUT_BODY = frozenset({"GET", "HEAD"})

#: These have no body, or a part of one.
_UNTOUCHED = frozenset({204, 205, 206})


class MessagePack:
    """Turns MessagePack bodies into JSON for an app, and its JSON answers into MessagePack for who prefers that.

    An answer that comes in pieces is gathered first; what is large should be streamed as MessagePack from the outset,
    as datasets are, and is then left as it is. So is what another has compressed already. The same large document is
    turned once for all who read it at the same time.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._shared = SharedResults[bytes, bytes | None]()

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] == "http":
            if scope["method"] not in _WITHOUT_BODY and is_messagepack(header(scope, b"content-type")):
                scope = {**scope, "headers": _headers_of_json(scope["headers"])}
                receive = _UnpackedBody(receive)
            if (media_type := accepted_messagepack(scope)) is not None:
                send = _PackedResponse(send, media_type, self._shared, is_sent_whole=are_whole_bodies_wanted(scope))
                ask_for_whole_bodies(scope)
        return self.app(scope, receive, send)


class _UnpackedBody:
    """What a body is received through: the whole of it at once, as JSON, when the app asks for it."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] != "http.request":
            return message
        pieces = [message.get("body", b"")]
        while message.get("more_body", False):
            message = await self._receive()
            if message["type"] != "http.request":  # the client has gone away
                return message
            pieces.append(message.get("body", b""))
        return {"type": "http.request", "body": await _unpacked(b"".join(pieces)), "more_body": False}


async def _unpacked(body: bytes) -> bytes:
    try:
        return await by_size(unpacked, body) if body else body
    except MalformedMessagePack as error:
        raise HTTPException(422, str(error)) from error


def _headers_of_json(headers: Headers) -> Headers:
    others = [(name, value) for name, value in headers if name not in (b"content-type", b"content-length")]
    return [*others, (b"content-type", b"application/json")]


class _PackedResponse:
    """What an answer is sent through: gathers it if it is JSON, and sends it as MessagePack."""

    def __init__(
        self, send: Send, media_type: str, shared: SharedResults[bytes, bytes | None], *, is_sent_whole: bool
    ) -> None:
        self._send = send
        self._media_type = media_type
        self._shared = shared
        self._is_sent_whole = is_sent_whole
        self._start: Message | None = None
        self._pieces: list[bytes] = []

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._begin(message)
        elif self._start is None:
            await self._send(message)
        elif message["type"] == "http.response.body":
            self._pieces.append(message.get("body", b""))
            if not message.get("more_body", False):
                document = b"".join(self._pieces)
                self._pieces.clear()
                await self._finish(self._start, document)
        else:  # a file that the server sends itself, for one
            start, self._start = self._start, None
            await self._send(start)
            await self._send(message)

    async def _begin(self, start: Message) -> None:
        if start["status"] == 304:
            start = {**start, "headers": revised(start.get("headers", []), [], b"Accept")}
        elif _is_json(start):
            self._start = start  # its headers depend on the body
            return
        await self._send(start)

    async def _finish(self, start: Message, document: bytes) -> None:
        self._start = None
        if len(document) <= LARGE:
            await self._send_packed(start, document, await _packed(document))
            return
        async with self._shared.of(document, None, _packed) as body:
            await self._send_packed(start, document, body)

    async def _send_packed(self, start: Message, document: bytes, body: bytes | None) -> None:
        if body is not None:
            start = {**start, "headers": self._headers(start, body)}
        else:
            body = document
        await self._send(start)
        if self._is_sent_whole:
            await self._send({"type": "http.response.body", "body": body})
        else:
            await send_body(body, self._send)

    def _headers(self, start: Message, body: bytes) -> Headers:
        new = [(b"content-type", self._media_type.encode())]
        if body:  # the answer to HEAD may come without
            new.append((b"content-length", str(len(body)).encode()))
        return revised(start["headers"], new, b"Accept")


async def _packed(document: bytes) -> bytes | None:
    """A document as MessagePack; None if it is not JSON, whatever it says."""
    try:
        return await by_size(packed, document) if document else b""
    except ValueError, RecursionError:
        return None


def _is_json(start: Message) -> bool:
    headers = dict(start.get("headers", ()))
    return (
        start["status"] not in _UNTOUCHED
        and b"content-encoding" not in headers
        and _JSON.match(headers.get(b"content-type", b"")) is not None
    )
