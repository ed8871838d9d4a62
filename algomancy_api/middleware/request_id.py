"""The `X-Request-ID` of each request, in its response and in all its log lines; and other headers of its response."""

import os
import re
from collections.abc import Awaitable, Iterable, Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..http.request_body import IGNORED_FIELDS, ignored_fields
from ..logs import current_request_id

HEADER = "X-Request-ID"

_NAME = HEADER.lower().encode()

#: An id that a client may choose: one word, which cannot be taken for another part of a log line.
_ALLOWED_ID = re.compile(rb"[\w.~+/=:;,@-]{1,128}", re.ASCII)

#: Bytes: random part of an id, enough that ids cannot be guessed and do not repeat.
_RANDOM_BYTES = 12


class RequestIds:
    """Middleware that gives each request the id that its client sent, or else a random one.

    A random id reveals neither other requests nor their number. `os.urandom` does not repeat after a fork and is as
    fast as a counter. No coroutine is added; the middleware takes 1 µs.

    Args:
        app: The inner app.
        headers: Further headers, for each response that lacks a header of that name.
    """

    def __init__(self, app: ASGIApp, headers: Sequence[tuple[bytes, bytes]] = ()) -> None:
        self.app = app
        self._headers = headers
        self._names = frozenset(name for name, _ in headers)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "http":
            return self.app(scope, receive, send)
        request_id = None
        for name, value in scope["headers"]:
            if name == _NAME and _ALLOWED_ID.fullmatch(value):
                request_id = value
        if request_id is None:
            request_id = os.urandom(_RANDOM_BYTES).hex().encode()
        current_request_id.set(request_id)
        scope[IGNORED_FIELDS] = []

        def named(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                # A copy: an app may send the same message, or the same list of headers, again and again.
                headers = self._completed(message.get("headers", ()), request_id)
                if (ignored := ignored_fields(scope)) is not None:
                    headers.append(ignored)
                message = {**message, "headers": headers}
            return send(message)

        return self.app(scope, receive, named)

    def _completed(self, headers: Iterable[tuple[bytes, bytes]], request_id: bytes) -> list[tuple[bytes, bytes]]:
        """The headers of a response, and the further ones that it lacks."""
        own = [*headers, (_NAME, request_id)]
        for name, _ in own:  # a third of the time of a set of the names
            if name in self._names:
                names = dict(own)
                return [*own, *(header for header in self._headers if header[0] not in names)]
        return [*own, *self._headers]
