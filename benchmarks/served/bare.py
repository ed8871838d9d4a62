"""A bare ASGI app, which sends the same bytes for every request: the upper bound for any app under uvicorn."""

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
    """Send the response."""
    await send(_START)
    await send(_END)
