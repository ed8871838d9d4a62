"""Limits on the size of requests and on the time of their bodies: 408, 413, 414 and 431."""

import asyncio
import time
from collections.abc import Awaitable

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..auth.identity import share_sender
from ..concurrency.body_memory import BodyMemory
from ..errors import ApiError
from ..http.draining import LingeringClose
from ..http.errors import error_response, http_exception
from ..http.negotiation import header
from ..limits import Limits
from ..methods import SAFE_METHODS

#: Bytes: minimum of a body that must arrive within each `Limits.body_wait`.
_PROGRESS = 64 * 1024

#: Bytes: maximum of a form or an archive in memory. The rest has been written to disk.
_FORM_IN_MEMORY = 1024 * 1024

#: Headers of a refusal: the connection closes, since the rest of the request is not read.
_CLOSE = {"Connection": "close"}


#: Scope key: the `_LimitedBody` of the request.
_BODY = "algomancy_api.body"


def limit_body(scope: Scope, largest: int) -> None:
    """Let the body of a request, of which nothing is read yet, have at most this many bytes."""
    body: _LimitedBody = scope[_BODY]
    body.limit(largest)


def url_too_long(limits: Limits) -> Response:
    """The 414 response."""
    return error_response(414, f"Path and query are longer than {limits.url} bytes", _CLOSE)


def headers_too_long(limits: Limits) -> Response:
    """The 431 response."""
    return error_response(431, f"The headers are longer than {limits.headers} bytes", _CLOSE)


class SizeLimits:
    """Middleware that refuses a URL (414), headers (431) or a body (413) beyond the limits, and a slow body (408).

    The memory of all request bodies in progress is limited in total (503) and for each sender (429).
    """

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self.app = app
        self._limits = limits
        self._longest_url, self._longest_headers = limits.url, limits.headers
        self._memory = BodyMemory(limits.most_bodies)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "http":
            return self.app(scope, receive, send)
        if len(scope.get("raw_path") or scope["path"]) + len(scope["query_string"]) > self._longest_url:
            return url_too_long(self._limits)(scope, receive, LingeringClose(receive, send))
        if sum([len(name) + len(value) for name, value in scope["headers"]]) > self._longest_headers:
            return headers_too_long(self._limits)(scope, receive, LingeringClose(receive, send))
        if scope["method"] not in SAFE_METHODS:  # no handler reads a body of theirs
            return self._with_body(scope, receive, send)
        return self.app(scope, receive, send)

    async def _with_body(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[_BODY] = body = _LimitedBody(scope, receive, send, self._limits, self._memory)
        try:
            await self.app(scope, body, body.send)
        finally:
            body.give_back()


def _is_on_disk(scope: Scope) -> bool:
    """Whether a body is written to disk as it arrives: a form, or an archive of tables."""
    content_type = header(scope, b"content-type").lower()
    is_archive = scope["method"] == "PUT" and content_type.partition(b";")[0].strip() == b"application/zip"
    return is_archive or content_type.startswith(b"multipart/")


class _LimitedBody:
    """A `receive` that raises as soon as the body is known to be too large, or is too slow."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, limits: Limits, memory: BodyMemory) -> None:
        is_on_disk = _is_on_disk(scope)
        declared = header(scope, b"content-length")
        self._receive = receive
        self._send = send
        self._sender = share_sender(scope)
        self._memory = memory
        self._largest = limits.upload if is_on_disk else limits.body
        #: Bytes: maximum of this body in memory.
        self._most_in_memory = _FORM_IN_MEMORY if is_on_disk else self._largest
        self._left = self._largest
        self._declared = int(declared) if declared.isdigit() else 0
        self._body_wait = limits.body_wait
        self._time_left = limits.body_wait
        self._progress = 0
        self._held_by = ""
        self._held = 0
        self._is_complete = False
        self._is_cut_off = False

    async def __call__(self) -> Message:
        if self._declared > self._largest:
            raise self._too_large(has_more=True)
        if self._is_complete:  # the next message is the disconnect, which has no deadline
            return await self._receive()
        message = await self._received()
        size, has_more = len(message.get("body", b"")), message.get("more_body", False)
        self._is_complete = not has_more
        self._left -= size
        if self._left < 0:
            raise self._too_large(has_more=has_more)
        self._keep(size, has_more=has_more)
        return message

    def limit(self, largest: int) -> None:
        """Let it have at most this many bytes, if that is less than before."""
        self._largest = self._left = min(self._largest, largest)

    def send(self, message: Message) -> Awaitable[None]:
        """The `send` for the response. It does a lingering close if the body was refused before its end."""
        if self._is_cut_off:
            self._is_cut_off = False
            self._send = LingeringClose(self._receive, self._send)
        return self._send(message)

    def give_back(self) -> None:
        """Give the memory of the body back, at the end of the request."""
        if self._held:
            self._memory.give_back(self._held_by, self._held)

    async def _received(self) -> Message:
        """The next message, if enough arrives in time. Only the time spent waiting for the client counts."""
        next_message = asyncio.Task(self._next(), eager_start=True)
        if not next_message.done():  # what has arrived before needs no clock
            await self._in_time(next_message)
        message = next_message.result()
        self._progress += len(message.get("body", b""))
        if self._progress >= _PROGRESS:
            self._progress, self._time_left = 0, self._body_wait
        return message

    async def _next(self) -> Message:
        return await self._receive()

    async def _in_time(self, next_message: asyncio.Task[Message]) -> None:
        start = time.monotonic()
        try:
            async with asyncio.timeout(self._time_left):
                await next_message
        except TimeoutError:
            raise HTTPException(
                408, f"Less than {_PROGRESS} bytes of the body arrived within {self._body_wait:g} s", _CLOSE
            ) from None
        self._time_left -= time.monotonic() - start

    def _keep(self, size: int, *, has_more: bool) -> None:
        size = min(size, self._most_in_memory - self._held)
        if size <= 0:
            return
        if not self._held:
            self._held_by = self._sender.name
        try:
            self._memory.take(self._held_by, size)
        except ApiError as error:
            self._is_cut_off = has_more
            raise http_exception(error, _CLOSE) from None
        self._held += size

    def _too_large(self, *, has_more: bool) -> HTTPException:
        self._is_cut_off = has_more
        return HTTPException(413, f"The body is larger than {self._largest} bytes", _CLOSE)
