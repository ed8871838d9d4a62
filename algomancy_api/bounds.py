"""Requests that are too large are refused before anything is done for them."""

from collections.abc import Awaitable

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .errors import error_response
from .limits import Limits
from .lingering import Lingering
from .negotiation import header

_WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS"})

#: What is left of a request is nobody's.
_CLOSE = {"Connection": "close"}


def url_too_long(limits: Limits) -> Response:
    """The refusal of a path and a query beyond the limit."""
    return error_response(414, f"Path and query are longer than {limits.url} bytes", _CLOSE)


def headers_too_long(limits: Limits) -> Response:
    """The refusal of headers beyond the limit."""
    return error_response(431, f"The headers are longer than {limits.headers} bytes", _CLOSE)


class Bounds:
    """Refuses a URL, headers or a body beyond the limits: 414, 431, 413."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self.app = app
        self._limits = limits

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Pass the request on."""
        if scope["type"] != "http":
            return self.app(scope, receive, send)
        if len(scope.get("raw_path") or scope["path"]) + len(scope["query_string"]) > self._limits.url:
            return url_too_long(self._limits)(scope, receive, Lingering(receive, send))
        if sum([len(name) + len(value) for name, value in scope["headers"]]) > self._limits.headers:
            return headers_too_long(self._limits)(scope, receive, Lingering(receive, send))
        if scope["method"] not in _WITHOUT_BODY:
            body = _BoundedBody(receive, self._largest_body(scope), header(scope, b"content-length"))
            return self.app(scope, body, body.answered_by(send))
        return self.app(scope, receive, send)

    def _largest_body(self, scope: Scope) -> int:
        is_form = header(scope, b"content-type").lower().startswith(b"multipart/")
        return self._limits.upload if is_form else self._limits.body


class _BoundedBody:
    """What a body is received through: it ends in a 413 as soon as it is known to be too large."""

    def __init__(self, receive: Receive, largest: int, declared: bytes) -> None:
        self._receive = receive
        self._largest = largest
        self._left = largest
        self._declared = int(declared) if declared.isdigit() else 0
        self._is_cut_off = False

    async def __call__(self) -> Message:
        if self._declared > self._largest:
            raise self._too_large(has_more=True)
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise self._too_large(has_more=message.get("more_body", False))
        return message

    def answered_by(self, send: Send) -> Send:
        """What the answer is sent through, which a client hears that is still sending what is refused."""
        lingering = Lingering(self._receive, send)

        def answered(message: Message) -> Awaitable[None]:
            return (lingering if self._is_cut_off else send)(message)

        return answered

    def _too_large(self, *, has_more: bool) -> HTTPException:
        self._is_cut_off = has_more
        return HTTPException(413, f"The body is larger than {self._largest} bytes", _CLOSE)
