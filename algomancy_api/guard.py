"""The door: who may not do what a request asks for gets no further."""

from collections.abc import Sequence

from starlette.authentication import AuthCredentials, AuthenticationBackend, AuthenticationError, UnauthenticatedUser
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from .authentication import identify
from .dispatch import Dispatcher
from .errors import error_response
from .operations import OPEN, Needed, needed_for
from .tokens import ACCESSES

#: By what is needed: the scopes that are enough, each of which includes those below it.
_ENOUGH: dict[Needed, frozenset[str]] = {needed: frozenset(ACCESSES[number:]) for number, needed in enumerate(ACCESSES)}


class Guard:
    """Lets through what its sender may do.

    What that takes is decided by the very route that the router will pass the request on to, so that no spelling of
    a path gets around it. What has no route takes a token, too: nothing is said about it to strangers.

    Args:
        app: What is guarded; the router is the next to look at the path.
        router: The router.
        backend: Says who sent a request.
        open_routes: Routes for everybody, beside those whose operation says so.
    """

    def __init__(
        self, app: ASGIApp, router: Dispatcher, backend: AuthenticationBackend, open_routes: Sequence[BaseRoute]
    ) -> None:
        self.app = app
        self._router = router
        self._backend = backend
        self._open = {id(route): route for route in open_routes}  # routes have no hash

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it."""
        if scope["type"] == "http" and (refusal := await self._refusal(scope)) is not None:
            await refusal(scope, receive, send)
        elif scope["type"] == "websocket":  # there is none among the routes
            await WebSocketClose()(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _refusal(self, scope: Scope) -> Response | None:
        needed = self._needed(scope)
        try:
            known = await self._backend.authenticate(HTTPConnection(scope))
        except AuthenticationError as error:
            if needed != OPEN:
                return _unauthorized(str(error), 'Bearer error="invalid_token"')
            known = None
        credentials, user = known or (AuthCredentials(), UnauthenticatedUser())
        identify(scope, credentials, user)
        if needed == OPEN or (user.is_authenticated and not _ENOUGH[needed].isdisjoint(credentials.scopes)):
            return None
        return _forbidden(needed) if user.is_authenticated else _unauthorized(_NO_TOKEN, "Bearer")

    def _needed(self, scope: Scope) -> Needed:
        route = self._router.route_of(scope)
        if id(route) in self._open:
            return OPEN
        return needed_for(getattr(route, "endpoint", None), scope["method"])


_NO_TOKEN = "This needs a token, as Authorization: Bearer <token>"  # noqa: S105 - it says so


def _unauthorized(detail: str, challenge: str) -> Response:
    return error_response(401, detail, {"WWW-Authenticate": challenge})


def _forbidden(needed: Needed) -> Response:
    challenge = f'Bearer error="insufficient_scope", scope="{needed}"'
    return error_response(403, f"This needs {needed!r} access", {"WWW-Authenticate": challenge})
