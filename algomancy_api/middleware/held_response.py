"""A response whose start is held back until its body tells in which form it is sent."""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping

from starlette.types import Message, Send

from ..concurrency.shared import SharedResults
from ..http.large_bodies import LARGE, send_body
from ..http.negotiation import Headers, revised

#: Statuses: responses without a body, or with a part of one.
_WITHOUT_WHOLE_BODY = frozenset({204, 205, 206})


class HeldResponse(ABC):
    """A `send` that holds back the start of a response, since its headers depend on the body.

    Args:
        send: Where the response goes.
        shared: Converted bodies, for all clients that are sent the same large one now.
        form: What tells the form from others.
        decided_by: The header of the request that decides on the form, as `Vary` names it.
        is_sent_whole: Whether a layer outside converts the body once more, and takes it whole.
    """

    def __init__(
        self,
        send: Send,
        shared: SharedResults[bytes, bytes | None],
        form: Hashable,
        decided_by: bytes,
        *,
        is_sent_whole: bool = False,
    ) -> None:
        self.send = send
        self._shared = shared
        self._form = form
        self._decided_by = decided_by
        self._is_sent_whole = is_sent_whole
        self._start: Message | None = None

    @abstractmethod
    def can_convert(self, headers: Mapping[bytes, bytes]) -> bool:
        """Whether a body with such headers may be sent in another form."""

    @abstractmethod
    async def convert(self, body: bytes) -> bytes | None:
        """A whole body in its other form; None if it has none."""

    @abstractmethod
    def new_headers(self, length: int | None) -> Headers:
        """The headers that go with the other form.

        Args:
            length: Bytes of the body; None if they are not known.
        """

    @abstractmethod
    async def receive_body(self, start: Message, message: Message) -> None:
        """Take the next piece of a body whose start is held back."""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._take_start(message)
        elif self._start is None:
            await self.pass_on(message)
        elif message["type"] == "http.response.body":
            await self.receive_body(self._start, message)
        else:  # for example a file that the server sends itself
            await self.release(self._start)
            await self.send(message)

    async def pass_on(self, message: Message) -> None:
        """Send a message after the start has been sent."""
        await self.send(message)

    async def release(self, start: Message, headers: Headers | None = None) -> None:
        """Send the start, with new headers if there are any."""
        self._start = None
        if headers is not None:
            start = {**start, "headers": revised(start.get("headers", []), headers, self._decided_by)}
        await self.send(start)

    async def send_converted(self, start: Message, body: bytes) -> None:
        """Send a whole body in its other form. A large one is converted once for all clients that are sent it now."""
        if len(body) <= LARGE:
            await self._send_whole(start, body, await self.convert(body))
            return
        async with self._shared.of(body, self._form, self.convert) as converted:
            await self._send_whole(start, body, converted)

    async def _send_whole(self, start: Message, body: bytes, converted: bytes | None) -> None:
        if converted is None:
            await self.release(start)
        else:
            await self.release(start, self.new_headers(len(converted)))
            body = converted
        if self._is_sent_whole:
            await self.send({"type": "http.response.body", "body": body})
        else:
            await send_body(body, self.send)

    async def _take_start(self, start: Message) -> None:
        headers = dict(start.get("headers", ()))
        if start["status"] == 304:  # its `Vary` must be that of the whole response
            await self.release(start, [])
        elif start["status"] in _WITHOUT_WHOLE_BODY or b"content-encoding" in headers or not self.can_convert(headers):
            await self.send(start)
        else:
            self._start = start
