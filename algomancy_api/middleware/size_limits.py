"""Requests that are too large, or too slow, are refused before anything is done for them."""

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

_WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS"})

#: Bytes: a body gets on if so many come within `Limits.body_wait`.
_PROGRESS = 64 * 1024

#: Bytes of a form that wait in memory to be written to disk.
_OF_FORM = 1024 * 1024

#: What is left of a request is nobody's.
_CLOSE = {"Connection": "close"}


def url_too_long(limits: Limits) -> Response:
    """The refusal of a path and a query beyond the limit."""
    return error_response(414, f"Path and query are longer than {limits.url} bytes", _CLOSE)


def headers_too_long(limits: Limits) -> Response:
    """The refusal of headers beyond the limit."""
    return error_response(431, f"The headers are longer than {limits.headers} bytes", _CLOSE)


class SizeLimits:
    """Refuses a URL, headers or a body beyond the limits: 414, 431, 413; and a body that does not get on: 408.

    The bodies of all requests under way have a bound together: 503, and of each sender's: 429.
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
        if scope["method"] not in _WITHOUT_BODY:
            return self._with_body(scope, receive, send)
        return self.app(scope, receive, send)

    async def _with_body(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = _LimitedBody(scope, receive, self._limits, self._memory)
        try:
            await self.app(scope, body, body.answered_by(send))
        finally:
            body.give_back()


class _LimitedBody:
    """What a body is received through: an error as soon as it is known to be too large, or not to get on."""

    def __init__(self, scope: Scope, receive: Receive, limits: Limits, memory: BodyMemory) -> None:
        is_form = header(scope, b"content-type").lower().startswith(b"multipart/")
        declared = header(scope, b"content-length")
        self._receive = receive
        self._sender = share_sender(scope)
        self._memory = memory
        self._largest = limits.upload if is_form else limits.body
        #: Bytes that are kept in memory at a time. The files of a form are on disk.
        self._kept = _OF_FORM if is_form else self._largest
        self._left = self._largest
        self._declared = int(declared) if declared.isdigit() else 0
        self._wait = limits.body_wait
        self._patience = limits.body_wait
        self._progress = 0
        self._held_by = ""
        self._held = 0
        self._is_complete = False
        self._is_cut_off = False

    async def __call__(self) -> Message:
        if self._declared > self._largest:
            raise self._too_large(has_more=True)
        if self._is_complete:  # what comes now is the end of the connection, which is waited for without a deadline
            return await self._receive()
        message = await self._received()
        size, has_more = len(message.get("body", b"")), message.get("more_body", False)
        self._is_complete = not has_more
        self._left -= size
        if self._left < 0:
            raise self._too_large(has_more=has_more)
        self._keep(size, has_more=has_more)
        return message

    def answered_by(self, send: Send) -> Send:
        """What the answer is sent through, which a client hears that is still sending what is refused."""
        lingering = LingeringClose(self._receive, send)

        def answered(message: Message) -> Awaitable[None]:
            return (lingering if self._is_cut_off else send)(message)

        return answered

    def give_back(self) -> None:
        """Say that the request is over, and nothing of it is kept any more."""
        if self._held:
            self._memory.give_back(self._held_by, self._held)

    async def _received(self) -> Message:
        """The next piece, if enough comes in time: what counts is the time in which the app waits for the client."""
        start = time.monotonic()
        try:
            async with asyncio.timeout(self._patience):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(
                408, f"Less than {_PROGRESS} bytes of the body came within {self._wait:g} s", _CLOSE
            ) from None
        self._patience -= time.monotonic() - start
        self._progress += len(message.get("body", b""))
        if self._progress >= _PROGRESS:
            self._progress, self._patience = 0, self._wait
        return message

    def _keep(self, size: int, *, has_more: bool) -> None:
        size = min(size, self._kept - self._held)
        if size <= 0:
            return
        if not self._held:
            self._held_by = self._sender.name
        try:
            self._memory.take(self._held_by, size)
        except ApiError as refusal:
            self._is_cut_off = has_more
            raise http_exception(refusal, _CLOSE) from None
        self._held += size

    def _too_large(self, *, has_more: bool) -> HTTPException:
        self._is_cut_off = has_more
        return HTTPException(413, f"The body is larger than {self._largest} bytes", _CLOSE)
