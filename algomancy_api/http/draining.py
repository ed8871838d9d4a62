"""A refusal that reaches its client, though that is still sending.

Who sends to a connection that is closed is told so by their own system, and hears nothing of what was answered before.
So what they send is read for a while, and is nobody's, before the connection is closed.
"""

from collections.abc import Awaitable

import anyio
from starlette.types import Message, Receive, Send

#: For how long in all, in seconds.
_LONGEST = 30

#: After how long without any more of it, in seconds: the client has heard.
_QUIET = 2


class LingeringClose:
    """What an answer is sent through: its end, after which a server closes, comes once the client has sent enough.

    Args:
        receive: How more of the request is received, as long as there is any.
        send: How the answer is sent.
    """

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send

    def __call__(self, message: Message) -> Awaitable[None]:
        """Send a part of the answer."""
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
