"""One line in the log for each request that changes something, or would have: who, what, on what, and how it ended."""

import logging
from collections.abc import Awaitable
from typing import Any

from starlette.requests import Request
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..http.router import Destination, destination_of
from ..logs import as_words, in_fields

_logger = logging.getLogger("algomancy_api.audit")

#: Whoever sends these only wants to know; all others change something.
_READING = frozenset({"GET", "HEAD", "OPTIONS"})

#: What a name in a path is the name of.
_SUBJECTS = {"session_id": "session", "scenario_id": "scenario", "data_key": "dataset"}

#: Where in a request's scope the name is that it gives to what it makes or renames.
_NEW_NAME = "algomancy_api.new_name"


class AuditLog:
    """Logs at INFO, to the logger ``algomancy_api.audit``, what the requests do that change something.

    Stands around the door, where there is one, so that what is refused there is in the log, too. Nothing of a body is,
    but for the name that it gives to what it makes.

    Args:
        app: What changes something.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "http" or scope["method"] in _READING or not _logger.isEnabledFor(logging.INFO):
            return self.app(scope, receive, send)
        destination = destination_of(scope)
        if destination is None or destination.route is None or isinstance(destination.endpoint, StaticFiles):
            return self.app(scope, receive, send)  # there is nothing that it could change
        return self._logged(destination, scope, receive, send)

    async def _logged(self, destination: Destination, scope: Scope, receive: Receive, send: Send) -> None:
        status = 500  # what is answered to what the app raises

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
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
            _logger.info("%s", as_words(line), extra=in_fields(line))


def note_new_name(request: Request, name: str) -> None:
    """Have the name in the line of a request that it gives to what it makes or renames."""
    request.scope[_NEW_NAME] = name


def _subjects(destination: Destination) -> dict[str, str | None]:
    names = destination.path_params
    return {subject: str(names[name]) if name in names else None for name, subject in _SUBJECTS.items()}


def _user(scope: Scope) -> str | None:
    """What the sender is called, as whoever has authenticated them says."""
    user: Any = scope.get("user")
    if not getattr(user, "is_authenticated", False):
        return None
    try:
        return str(user.display_name)
    except NotImplementedError:  # as in Starlette's own base class
        return type(user).__name__
