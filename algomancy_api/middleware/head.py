"""Responses to HEAD: the headers that GET would get, without a body."""

from collections.abc import Awaitable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Types of ASGI messages that carry a body, or a part of one.
_BODIES = frozenset({"http.response.body", "http.response.pathsend", "http.response.zerocopysend"})


class Head:
    """Middleware that withholds the body of a response to HEAD from the server: not every server leaves it out.

    Everything inside it responds to HEAD as to GET, because some headers depend on the body.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] == "http" and scope["method"] == "HEAD":
            send = _without_body(send)
        return self.app(scope, receive, send)


def _without_body(send: Send) -> Send:
    def bodiless(message: Message) -> Awaitable[None]:
        if message["type"] in _BODIES:
            message = {"type": "http.response.body", "body": b"", "more_body": message.get("more_body", False)}
        return send(message)

    return bodiless
