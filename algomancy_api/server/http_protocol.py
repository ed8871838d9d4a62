"""HTTP/1.1 as uvicorn speaks it, with bounds on what is gathered before the app is asked, and errors of its form."""

import asyncio
import logging
from typing import Any

from httptools import HttpParserError
from starlette.responses import Response
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from ..http.errors import error_response
from ..limits import Limits
from ..middleware.answer_headers import GUARDED
from ..middleware.size_limits import headers_too_long, url_too_long
from .no_upgrades import WithoutUpgrades

_logger = logging.getLogger("algomancy_api")

#: What a head has beside a path, a query, names and values: the method, and four bytes between any two of those.
_BETWEEN = 16 * 1024

_END_OF_HEAD = b"\r\n\r\n"

#: Bytes that each chunk may have around it, and more for each byte of it: what is beyond counts as headers.
_AROUND_CHUNK = 16
_AROUND_BYTE = 2

#: How long a client that is refused may go on sending, in seconds: one that finds the connection closed while it does
#: may never see why.
_LINGER = 2


class BoundedProtocol(WithoutUpgrades):
    """A connection whose client cannot take memory or time without end before a request of its is complete.

    A head beyond the limits is answered as the app does, 414 or 431, when so much of it has arrived; one that does not
    come to its end in time with a 408. A connection that asks for nothing at all is closed by then.

    Args:
        limits: How much a client may ask for.
        uvicorn: What uvicorn gives its protocol.
    """

    def __init__(self, *, limits: Limits, **uvicorn: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(**uvicorn)
        self._limits = limits
        self._most = limits.url + limits.headers + _BETWEEN
        #: How many bytes have come of a head that has no end yet, or around a body: none that are a body's.
        self._pending = 0
        #: How many bytes the chunks of this body may have around them, and the size of the last one.
        self._around = 0
        self._chunk = 0
        self._latest = self.cycle
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._set_deadline(self._limits.head_wait)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._clear_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what has arrived."""
        self._pending += len(data)
        self._unset_keepalive_if_required()
        try:
            self.feed(data)
        except HttpParserError:
            self._refuse(error_response(400, "Invalid HTTP request received."))
        if self.cycle is not self._latest:
            self._latest = self.cycle
            self._pending = self._behind_head(data) if len(data) > _BETWEEN else 0
            if self._deadline is None and not self._pending:
                return  # an ordinary request, which pays no more than this
        self._bound()

    def on_body(self, body: bytes) -> None:
        """Hand a piece of the body to the app."""
        self._pending -= len(body)
        self._chunk += len(body)
        super().on_body(body)

    def on_chunk_header(self) -> None:
        """Keep what may come after the last chunk from the app, which has seen the headers already."""
        if not self._is_chunked():
            self.headers = [*self.headers]
            self._around = self._chunk = 0
        allowed = _AROUND_CHUNK + _AROUND_BYTE * self._chunk
        self._pending -= allowed
        self._around += allowed
        self._chunk = 0

    def _is_chunked(self) -> bool:
        """Whether a chunk of the body has begun to come."""
        return self.headers is not self.scope["headers"]

    def _behind_head(self, data: bytes) -> int:
        """How many of the bytes that have come with the end of a head stand behind it, and are none of its body."""
        own = len(self.cycle.body) + (self._around if self._is_chunked() else 0)
        return len(data) - data.rfind(_END_OF_HEAD) - len(_END_OF_HEAD) - own

    def _bound(self) -> None:
        if self.transport.is_closing() or self.parser is _IGNORING:
            return
        self._pending = max(0, self._pending)
        if self._pending > self._most:
            is_url = self.scope is not None and len(self.url) > self._limits.url
            self._refuse(url_too_long(self._limits) if is_url else headers_too_long(self._limits))
            return
        is_answering = self.cycle is not None and not self.cycle.response_complete
        if is_answering or not self._pending:
            self._clear_deadline()
        if not is_answering and self._deadline is None:
            self._set_deadline(self._limits.head_wait)

    def _set_deadline(self, seconds: float) -> None:
        self._deadline = self.loop.call_later(seconds, self._expire)

    def _clear_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _expire(self) -> None:
        if self.transport.get_protocol() is not self:
            return  # it has become a web socket
        if self._pending:
            self._refuse(error_response(408, f"The request did not come to its end in {self._limits.head_wait:g} s"))
        else:
            self.transport.close()

    def _refuse(self, response: Response) -> None:
        """Answer what cannot be read on from, or else end the connection after the answer that is under way."""
        cycle = self.cycle
        self.parser = _IGNORING
        if cycle is None or cycle.response_complete:
            self._answer(response)
        elif cycle.scope is not self.scope:
            cycle.keep_alive = False
        elif cycle.response_started or self.pipeline:
            self.transport.close()
        else:
            cycle.disconnected = True
            cycle.message_event.set()
            self._answer(response)

    def _answer(self, response: Response) -> None:
        host = self.client[0] if self.client else "a client"
        _logger.info("Refused what %s sent: %d", host, response.status_code)
        response.headers["Connection"] = "close"
        headers = [*self.server_state.default_headers, *response.raw_headers, *GUARDED]
        lines = [b"%b: %b\r\n" % header for header in headers]
        self.transport.write(b"".join([STATUS_LINE[response.status_code], *lines, b"\r\n", bytes(response.body)]))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._clear_deadline()
        self._deadline = self.loop.call_later(_LINGER, self.transport.close)


class _IgnoringParser:
    """In place of a parser: what comes after a refusal is not looked at."""

    def feed_data(self, data: bytes) -> None:
        """Forget it."""


_IGNORING: Any = _IgnoringParser()
