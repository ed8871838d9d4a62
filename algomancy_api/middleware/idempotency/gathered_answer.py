"""An answer that is held back until it is kept: who has got it can rely on getting it again."""

from collections.abc import Awaitable, Callable, Iterable

from starlette.types import Message, Send

from ...framework.idempotency.answers import LONGEST

#: The headers that are kept. All others belong to the one response, or are made for each.
_KEPT = frozenset({"content-type", "content-language", "etag", "link", "location"})

#: Keeps an answer: its status, its headers, and its body, or None for one that is too long.
type Keep = Callable[[int, dict[str, str], bytes | None], Awaitable[None]]


class GatheredAnswer:
    """A `send` that gathers a successful response, and has it kept before it sends the end of it.

    An error is sent as it comes: a request that was refused has changed nothing, and may be sent again.

    Args:
        send: Where the response goes.
        keep: Keeps it.
    """

    def __init__(self, send: Send, keep: Keep) -> None:
        self._send = send
        self._keep = keep
        self._messages: list[Message] = []
        self._size = 0
        self._is_over = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._is_over = not 200 <= message["status"] < 300
        if self._is_over:
            await self._send(message)
            return
        self._messages.append(message)
        self._size += len(message.get("body", b""))
        if message["type"] == "http.response.start":
            return
        if self._size > LONGEST or not message.get("more_body", False):
            await self._settle()

    async def _settle(self) -> None:
        start, *pieces = self._messages
        self._is_over, self._messages = True, []
        body = None if self._size > LONGEST else b"".join([piece.get("body", b"") for piece in pieces])
        await self._keep(start["status"], _kept(start.get("headers", ())), body)
        for message in (start, *pieces):
            await self._send(message)


def _kept(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    decoded = ((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers)
    return {name: value for name, value in decoded if name in _KEPT}
