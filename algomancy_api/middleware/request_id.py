"""A name for each request, which its answer and every one of its log lines carry."""

import os
import re
from collections.abc import Awaitable, Iterable, Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..logs import current_request_id

HEADER = "X-Request-ID"

_NAME = HEADER.lower().encode()

#: What a client may call its request: a word that cannot be taken for anything else in a log line.
_SANE = re.compile(rb"[\w.~+/=:;,@-]{1,128}", re.ASCII)

#: Random bytes of an id: so many that nobody guesses one, and none comes twice.
_RANDOM = 12


class RequestIds:
    """Middleware that gives each request the id that its client has given it, else a random one.

    An id tells nothing of other requests, nor how many there were. The system's random numbers are not repeated after a
    fork, and take no longer than to count: this adds no coroutine to a request, and takes it 1 µs.

    Args:
        app: The app.
        headers: Further headers, for each answer that does not have its own of that name.
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
            if name == _NAME and _SANE.fullmatch(value):
                request_id = value
        if request_id is None:
            request_id = os.urandom(_RANDOM).hex().encode()
        current_request_id.set(request_id)

        def named(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                # A copy: an app may send the same message, or the same list of headers, again and again.
                message = {**message, "headers": self._completed(message.get("headers", ()), request_id)}
            return send(message)

        return self.app(scope, receive, named)

    def _completed(self, headers: Iterable[tuple[bytes, bytes]], request_id: bytes) -> list[tuple[bytes, bytes]]:
        """The headers of an answer, and those that it lacks."""
        own = [*headers, (_NAME, request_id)]
        for name, _ in own:  # a loop takes a third of the time of a set of the names
            if name in self._names:
                names = dict(own)
                return [*own, *(header for header in self._headers if header[0] not in names)]
        return [*own, *self._headers]
