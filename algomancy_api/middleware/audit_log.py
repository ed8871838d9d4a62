"""The audit log: one line for each request that changes something, or tried to, with its sender and its status."""

import logging
from collections.abc import Awaitable
from typing import Any

from starlette.requests import Request
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..http.router import Destination, destination_of
from ..logs import as_words, in_fields
from ..methods import SAFE_METHODS
from ..openapi.idempotency import REPLAYED
from ..openapi.operation import needed_for

_logger = logging.getLogger("algomancy_api.audit")

#: Field of the log line by path parameter.
_SUBJECTS = {"session_id": "session", "scenario_id": "scenario", "data_key": "dataset"}

#: The same, of a field that only lines about such a thing have.
_RARE_SUBJECTS = {"webhook": "webhook"}

_REPLAYED = REPLAYED.lower().encode()

#: Scope key: the name that the request gives to something it creates or renames.
_NEW_NAME = "algomancy_api.new_name"


class AuditLog:
    """Middleware that logs requests with unsafe methods at INFO, to the logger ``algomancy_api.audit``.

    It is outside the authorization, so refused requests are in the log, too. Of a body, only the name that it gives to
    a created or renamed object is logged.

    Args:
        app: The inner app.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "http" or scope["method"] in SAFE_METHODS or not _logger.isEnabledFor(logging.INFO):
            return self.app(scope, receive, send)
        destination = destination_of(scope)
        if destination is None or destination.route is None or isinstance(destination.endpoint, StaticFiles):
            return self.app(scope, receive, send)  # static files and paths without a route cannot change anything
        if needed_for(destination.endpoint, scope["method"]) == "read":
            return self.app(scope, receive, send)  # a query that is too long for a URL
        return self._logged(destination, scope, receive, send)

    async def _logged(self, destination: Destination, scope: Scope, receive: Receive, send: Send) -> None:
        status, is_replayed = 500, False  # the response to an exception of the app

        async def watched(message: Message) -> None:
            nonlocal status, is_replayed
            if message["type"] == "http.response.start":
                status = message["status"]
                is_replayed = (_REPLAYED, b"true") in message.get("headers", ())
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            client = scope.get("client")
            line = {
                "user": _user(scope),
                "operation": getattr(destination.route, "name", None),
                **_subjects(destination),
                "new_name": scope.get(_NEW_NAME),
                "status": status,
                "client": client[0] if client else None,
            }
            if is_replayed:  # nothing has changed this time
                line["replayed"] = True
            _logger.info("%s", as_words(line), extra=in_fields(line))


def note_new_name(request: Request, name: str) -> None:
    """Put the name that a request gives to a created or renamed object into its audit line."""
    request.scope[_NEW_NAME] = name


def _subjects(destination: Destination) -> dict[str, str | None]:
    names = destination.path_params
    subjects = {subject: str(names[name]) if name in names else None for name, subject in _SUBJECTS.items()}
    return subjects | {subject: str(names[name]) for name, subject in _RARE_SUBJECTS.items() if name in names}


def _user(scope: Scope) -> str | None:
    """The display name of the authenticated user; None without authentication."""
    user: Any = scope.get("user")
    if not getattr(user, "is_authenticated", False):
        return None
    try:
        return str(user.display_name)
    except NotImplementedError:  # raised by Starlette's base class
        return type(user).__name__
