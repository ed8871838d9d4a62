"""A name for each request, which its answer and every one of its log lines carry."""

import logging
import re
import secrets
from collections.abc import Awaitable
from contextvars import ContextVar
from itertools import count

from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "X-Request-ID"

_NAME = HEADER.lower().encode()

#: What a client may call its request: a word that cannot be taken for anything else in a log line.
_SANE = re.compile(rb"[\w.~+/=:;,@-]{1,128}", re.ASCII)

#: Stands in the log lines of no request.
NO_REQUEST = "-"

#: Random bytes that tell the ids of one process from those of all others.
_OF_PROCESS = 5

#: Never reset: what the server logs after the app has raised is a line of the request, too, whose task ends then.
_current: ContextVar[bytes] = ContextVar("request id", default=b"-")


class RequestIds:
    """Gives each request the id that its client has given it, else one of its own.

    This is on the way of each request, and adds no coroutine to it, nor asks for random numbers: it takes 1 µs.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        # When the first request has come: a server that forks has forked by now.
        self._prefix = secrets.token_hex(_OF_PROCESS).encode()
        self._numbers = count(1)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Pass the request on."""
        if scope["type"] != "http":
            return self.app(scope, receive, send)
        request_id = b"%b-%d" % (self._prefix, next(self._numbers))
        for name, value in scope["headers"]:
            if name == _NAME and _SANE.fullmatch(value):
                request_id = value
        _current.set(request_id)

        def named(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                message = message.copy()  # type: ignore[attr-defined]  # both may be sent again and again
                message["headers"] = [*message.get("headers", ()), (_NAME, request_id)]
            return send(message)

        return self.app(scope, receive, named)


class RequestIdFilter(logging.Filter):
    """Lets every record through, and gives it the ``request_id`` of the request that it was logged for.

    For the handlers of a host that has its own set-up of `logging`; that of `ApiLauncher.run` has it already.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Give it to a record."""
        record.request_id = _current.get().decode()
        return True
