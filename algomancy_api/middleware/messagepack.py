"""MessagePack in place of JSON, for all routes, a host's own included: handlers read and write JSON only."""

import re
from collections.abc import Awaitable, Mapping

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..concurrency.by_size import by_size
from ..concurrency.shared import SharedResults
from ..http.large_bodies import are_whole_bodies_wanted, ask_for_whole_bodies, taken
from ..http.negotiation import Headers, accepted_messagepack, header, is_messagepack
from ..methods import SAFE_METHODS
from ..serialization.messagepack import MalformedMessagePack, packed, unpacked
from .held_response import HeldResponse

_JSON = re.compile(rb"\s*application/json\s*(?:;|$)", re.IGNORECASE)


class MessagePack:
    """Middleware that converts MessagePack bodies to JSON, and JSON responses to MessagePack if the client prefers it.

    A JSON response in pieces is gathered first. A handler of large responses should stream MessagePack itself, as that
    of datasets does: it is left unchanged, and so is a response with a content coding. A large document that several
    clients are sent at the same time is converted once.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._shared = SharedResults[bytes, bytes | None]()

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] == "http":
            if scope["method"] not in SAFE_METHODS and is_messagepack(header(scope, b"content-type")):
                scope = {**scope, "headers": _headers_of_json(scope["headers"])}
                receive = _UnpackedBody(receive)
            if (media_type := accepted_messagepack(scope)) is not None:
                send = _PackedResponse(send, media_type, self._shared, is_sent_whole=are_whole_bodies_wanted(scope))
                ask_for_whole_bodies(scope)
        return self.app(scope, receive, send)


class _UnpackedBody:
    """A `receive` that reads a whole MessagePack body, and returns it as JSON in one message."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] != "http.request":
            return message
        pieces = [message.get("body", b"")]
        while message.get("more_body", False):
            message = await self._receive()
            if message["type"] != "http.request":  # the client has disconnected
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


class _PackedResponse(HeldResponse):
    """A `send` that gathers a JSON response, and sends it as MessagePack."""

    def __init__(
        self, send: Send, media_type: str, shared: SharedResults[bytes, bytes | None], *, is_sent_whole: bool
    ) -> None:
        super().__init__(send, shared, None, b"Accept", is_sent_whole=is_sent_whole)
        self._media_type = media_type
        self._pieces: list[bytes] = []

    def can_convert(self, headers: Mapping[bytes, bytes]) -> bool:
        return _JSON.match(headers.get(b"content-type", b"")) is not None

    async def convert(self, body: bytes) -> bytes | None:
        """A document as MessagePack; None if it is not JSON, whatever its type says."""
        try:
            return await by_size(packed, body) if body else b""
        except ValueError, RecursionError:
            return None

    def new_headers(self, length: int | None) -> Headers:
        new = [(b"content-type", self._media_type.encode())]
        if length:  # the response to HEAD may come without
            new.append((b"content-length", str(length).encode()))
        return new

    async def receive_body(self, start: Message, message: Message) -> None:
        self._pieces.append(message.get("body", b""))
        if not message.get("more_body", False):
            await self.send_converted(start, taken(self._pieces))
