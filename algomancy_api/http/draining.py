"""Lingering close: an error response that reaches a client which is still sending its body.

If the server closes while the client is still sending, TCP resets the connection and the response is lost. So the rest
of the body is read and discarded for a while before the connection is closed.
"""

from collections.abc import Awaitable

import anyio
from starlette.types import Message, Receive, Send

#: Seconds: the longest time that the rest of a body is read.
_LONGEST = 30

#: Seconds: pause in the body after which the client is taken to have read the response.
_QUIET = 2


class LingeringClose:
    """A `send` that holds back the end of the response, after which the server closes, until the body is drained.

    Args:
        receive: Receives the rest of the request body.
        send: Sends the response.
    """

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send

    def __call__(self, message: Message) -> Awaitable[None]:
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            return self._send_last(message)
        return self._send(message)

    async def _send_last(self, message: Message) -> None:
        await self._send({**message, "more_body": True})
        with anyio.move_on_after(_LONGEST):
            while await self._has_more():
                pass
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _has_more(self) -> bool:
        with anyio.move_on_after(_QUIET):
            return bool((await self._receive()).get("more_body", False))
        return False
