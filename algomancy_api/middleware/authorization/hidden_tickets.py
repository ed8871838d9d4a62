"""The tickets of event streams: out of the URL of a request, before anything can log it."""

from collections.abc import Awaitable

from starlette.types import ASGIApp, Receive, Scope, Send

from ...auth.tickets import PREFIX

_NAME = b"ticket="

#: The beginning of a ticket in a query. Other values of the name, in a host's own route for example, stay as they are.
_TICKET = _NAME + PREFIX.encode()

_HIDDEN = _NAME + b"hidden"

#: Scope key: the ticket of the request.
_KEY = "algomancy_api.ticket"


class HiddenTickets:
    """Middleware that takes a ticket out of the query, and keeps it for the authorization.

    It changes the scope of the server itself: a server with an access log of its own, such as uvicorn's, writes the
    query of that scope when the response starts.

    Args:
        app: The inner app.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] == "http" and _TICKET in scope["query_string"]:
            _hide(scope)
        return self.app(scope, receive, send)


def ticket_of(scope: Scope) -> bytes | None:
    """The ticket of a request; None if its query has none, and empty if it has what cannot be one."""
    ticket: bytes | None = scope.get(_KEY)
    if ticket is None and any(part.startswith(_NAME) for part in scope["query_string"].split(b"&")):
        return b""
    return ticket


def _hide(scope: Scope) -> None:
    parts = scope["query_string"].split(b"&")
    # Several are joined, and then are no ticket.
    scope[_KEY] = b",".join([part.removeprefix(_NAME) for part in parts if part.startswith(_NAME)])
    scope["query_string"] = b"&".join([_HIDDEN if part.startswith(_NAME) else part for part in parts])
