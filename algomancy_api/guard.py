"""The door: who may not do what a request asks for gets no further."""

from starlette.authentication import AuthCredentials, AuthenticationBackend, AuthenticationError, UnauthenticatedUser
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from .authentication import AuthenticationUnavailable, identify
from .errors import error_response
from .needs import Needs
from .operations import OPEN, Needed
from .tokens import ACCESSES

#: By what is needed: the scopes that are enough, each of which includes those below it.
_ENOUGH: dict[Needed, frozenset[str]] = {needed: frozenset(ACCESSES[number:]) for number, needed in enumerate(ACCESSES)}


class Guard:
    """Lets through what its sender may do.

    Args:
        app: What is guarded; the router is the next to look at the path.
        needs: What it takes to send a request.
        backend: Says who sent a request.
    """

    def __init__(self, app: ASGIApp, needs: Needs, backend: AuthenticationBackend) -> None:
        self.app = app
        self._needs = needs
        self._backend = backend

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it."""
        if scope["type"] == "http" and (refusal := await self._refusal(scope)) is not None:
            await refusal(scope, receive, send)
        elif scope["type"] == "websocket":  # there is none among the routes
            await WebSocketClose()(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _refusal(self, scope: Scope) -> Response | None:
        needed = self._needs.of(scope)
        try:
            known = await self._backend.authenticate(HTTPConnection(scope))
        except AuthenticationError as error:
            if needed != OPEN:
                return _unidentified(error)
            known = None
        credentials, user = known or (AuthCredentials(), UnauthenticatedUser())
        identify(scope, credentials, user)
        if needed == OPEN or (user.is_authenticated and not _ENOUGH[needed].isdisjoint(credentials.scopes)):
            return None
        return _forbidden(needed) if user.is_authenticated else _unauthorized(_NO_TOKEN, "Bearer")


_NO_TOKEN = "This needs a token, as Authorization: Bearer <token>"  # noqa: S105 - it says so


#: Retry-After, in seconds, when nobody can say whose a token is.
_RETRY_AFTER = 5


def _unidentified(error: AuthenticationError) -> Response:
    if isinstance(error, AuthenticationUnavailable):
        return error_response(503, str(error), {"Retry-After": str(_RETRY_AFTER)})
    return _unauthorized(str(error), 'Bearer error="invalid_token"')


def _unauthorized(detail: str, challenge: str) -> Response:
    return error_response(401, detail, {"WWW-Authenticate": challenge})


def _forbidden(needed: Needed) -> Response:
    challenge = f'Bearer error="insufficient_scope", scope="{needed}"'
    return error_response(403, f"This needs {needed!r} access", {"WWW-Authenticate": challenge})
