"""ASGI requests without a client library: the tests see every message."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass
class Exchange:
    """The messages that an app sent, and the exception that it raised afterwards."""

    messages: list[Message] = field(default_factory=list)
    error: BaseException | None = None

    @property
    def status(self) -> int:
        status: int = self.messages[0]["status"]
        return status

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.messages[0]["headers"]}

    @property
    def pieces(self) -> list[bytes]:
        return [message.get("body", b"") for message in self.messages[1:]]

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)


def exchange(
    app: ASGIApp, headers: dict[str, str] | None = None, method: str = "GET", body: Iterable[bytes] = (b"",)
) -> Exchange:
    """Call an app with a request whose body comes in pieces; without any pieces, the client disconnects."""
    scope: dict[str, Any] = {
        "type": "http",
        "method": method,
        "path": "/",
        "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
    }
    pieces = list(body)
    incoming: list[Message] = [
        {"type": "http.request", "body": piece, "more_body": number < len(pieces)}
        for number, piece in enumerate(pieces, 1)
    ]
    result = Exchange()

    async def receive() -> Message:
        return incoming.pop(0) if incoming else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        result.messages.append(message)

    async def run() -> None:
        try:
            await app(scope, receive, send)
        except Exception as error:
            result.error = error

    asyncio.run(run())
    return result


def answering(*pieces: bytes, status: int = 200, error: Exception | None = None, **headers: str) -> ASGIApp:
    """An app that sends one response in pieces and may raise an error after them."""

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        for number, piece in enumerate(pieces, 1):
            is_last = number == len(pieces) and error is None
            await send({"type": "http.response.body", "body": piece, "more_body": not is_last})
        if error is not None:
            raise error

    return app
