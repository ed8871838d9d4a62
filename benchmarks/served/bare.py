"""The least that a server can do: the same bytes for every request. What is above it is the framework's, or ours."""

from collections.abc import Awaitable, Callable
from typing import Any

_BODY = b'{"status":"ok"}'
_START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-length", str(len(_BODY)).encode()), (b"content-type", b"application/json")],
}
_END = {"type": "http.response.body", "body": _BODY}


async def app(_scope: Any, _receive: Any, send: Callable[[Any], Awaitable[None]]) -> None:  # noqa: ANN401 - ASGI's
    """Answer."""
    await send(_START)
    await send(_END)
