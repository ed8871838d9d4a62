"""uvicorn's HTTP/1.1 protocol with limits on what is received before the app is called, and JSON errors."""

import asyncio
import logging
from typing import Any

from httptools import HttpParserError
from starlette.responses import Response
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from ..http.errors import error_response
from ..limits import Limits
from ..middleware.cors import GUARDED
from ..middleware.size_limits import headers_too_long, url_too_long
from .no_upgrades import WithoutUpgrades

_logger = logging.getLogger("algomancy_api")

#: Bytes: a head may have these beside its URL and its headers: method, version, and four bytes around each header.
_HEAD_OVERHEAD = 16 * 1024

_END_OF_HEAD = b"\r\n\r\n"

#: Bytes: overhead that a body in chunks may have for each chunk, and for each byte of it. More counts as headers.
_OVERHEAD_PER_CHUNK = 16
_OVERHEAD_PER_BYTE = 2

#: Seconds: a lingering close. If the connection closes while the client is sending, the client may lose the response.
_LINGER = 2


class BoundedProtocol(WithoutUpgrades):
    """A connection with limits on the memory and time that a client can use before its request is complete.

    A head (request line and headers) beyond the limits gets the app's 414 or 431 as soon as too many bytes have
    arrived. A head that is not complete in time gets a 408. A connection without any request is closed after that time.

    Args:
        limits: The limits on requests.
        uvicorn: uvicorn's own arguments of a protocol.
    """

    def __init__(self, *, limits: Limits, **uvicorn: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(**uvicorn)
        self._limits = limits
        self._max_head = limits.url + limits.headers + _HEAD_OVERHEAD
        #: Bytes received of an incomplete head, or as overhead of a body. Bytes of the body itself do not count.
        self._pending = 0
        #: Bytes: allowed overhead of the body's chunks so far, and size of the last chunk.
        self._chunk_overhead = 0
        self._chunk = 0
        self._latest = self.cycle
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        super().connection_made(transport)
        self._set_deadline(self._limits.head_wait)

    def connection_lost(self, exc: Exception | None) -> None:
        self._clear_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._pending += len(data)
        self._unset_keepalive_if_required()
        try:
            self.feed(data)
        except HttpParserError:
            self._refuse(error_response(400, "Invalid HTTP request"))
        if self.cycle is not self._latest:
            self._latest = self.cycle
            self._pending = self._behind_head(data) if len(data) > _HEAD_OVERHEAD else 0
            if self._deadline is None and not self._pending:
                return  # an ordinary request: no further work for it
        self._check_limits()

    def on_body(self, body: bytes) -> None:
        self._pending -= len(body)
        self._chunk += len(body)
        super().on_body(body)

    def on_chunk_header(self) -> None:
        """Count the overhead of a chunk, and keep trailers out of the headers, which the app has already."""
        if not self._is_chunked():
            self.headers = [*self.headers]
            self._chunk_overhead = self._chunk = 0
        allowed = _OVERHEAD_PER_CHUNK + _OVERHEAD_PER_BYTE * self._chunk
        self._pending -= allowed
        self._chunk_overhead += allowed
        self._chunk = 0

    def _is_chunked(self) -> bool:
        """Whether a chunk of the body has started."""
        return self.headers is not self.scope["headers"]

    def _behind_head(self, data: bytes) -> int:
        """The number of bytes after a head in the same data that do not belong to its body: the next head."""
        own = len(self.cycle.body) + (self._chunk_overhead if self._is_chunked() else 0)
        return len(data) - data.rfind(_END_OF_HEAD) - len(_END_OF_HEAD) - own

    def _check_limits(self) -> None:
        if self.transport.is_closing() or self.parser is _IGNORING:
            return
        self._pending = max(0, self._pending)
        if self._pending > self._max_head:
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
            return  # it is a web socket now
        if self._pending:
            self._refuse(
                error_response(408, f"The request line and headers did not arrive within {self._limits.head_wait:g} s")
            )
        else:
            self.transport.close()

    def _refuse(self, response: Response) -> None:
        """Send an error and stop reading. If a response is in progress, end the connection after it instead."""
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
        _logger.info("Refused a request from %s: %d", host, response.status_code)
        response.headers["Connection"] = "close"
        headers = [*self.server_state.default_headers, *response.raw_headers, *GUARDED]
        lines = [b"%b: %b\r\n" % header for header in headers]
        self.transport.write(b"".join([STATUS_LINE[response.status_code], *lines, b"\r\n", bytes(response.body)]))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._clear_deadline()
        self._deadline = self.loop.call_later(_LINGER, self.transport.close)


class _IgnoringParser:
    """A parser that discards its input, for what arrives after a refusal."""

    def feed_data(self, data: bytes) -> None:
        """Discard data."""


_IGNORING: Any = _IgnoringParser()
