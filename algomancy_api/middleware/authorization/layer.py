"""Authorization: 401 and 403 for requests whose sender lacks the access that the route requires."""

import time

from starlette.authentication import (
    AuthCredentials,
    AuthenticationBackend,
    AuthenticationError,
    BaseUser,
    UnauthenticatedUser,
)
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from ...auth.backend import AuthenticationUnavailable, known_still
from ...auth.identity import identify, limit_to_session
from ...auth.origins import OtherOrigin
from ...auth.tickets import Tickets
from ...auth.tokens import ACCESSES
from ...http.errors import error_response
from ...http.route_access import RouteAccess
from ...methods import SAFE_METHODS
from ...openapi.operation import OPEN, Needed
from .hidden_tickets import ticket_of

#: Scopes that are sufficient, by required access. Each scope includes those before it.
_SUFFICIENT: dict[Needed, frozenset[str]] = {
    access: frozenset(ACCESSES[number:]) for number, access in enumerate(ACCESSES)
}

#: Seconds: Retry-After when tokens cannot be checked.
_RETRY_AFTER = 5

#: Seconds: a decision that is older when the last part of a request body arrives is made again.
_STALE = 0.05


class Authorization:
    """Middleware that refuses requests whose sender lacks the required access.

    A request with a slow body is checked again when the last part of the body arrives, before it changes anything: its
    token may have been deleted since, or may no longer see the session.

    Args:
        app: The inner app. The router is the next to read the path.
        access: The access that a request requires.
        backend: The authentication backend.
        tickets: The tickets, which take the place of what the backend asks for.
    """

    def __init__(self, app: ASGIApp, access: RouteAccess, backend: AuthenticationBackend, tickets: Tickets) -> None:
        self.app = app
        self._access = access
        self._backend = backend
        self._tickets = tickets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":  # no route is a web socket
            await WebSocketClose()(scope, receive, send)
        elif scope["type"] != "http":
            await self.app(scope, receive, send)
        elif (error := await self.check(scope)) is not None:
            await error_response(error.status_code, error.detail, error.headers)(scope, receive, send)
        elif scope["method"] in SAFE_METHODS:  # it changes nothing, so one check is enough
            await self.app(scope, receive, send)
        else:
            await self.app(scope, _Body(self, scope, receive), send)

    async def check(self, scope: Scope) -> HTTPException | None:
        """Identify the sender in the scope, and return the error if it lacks the required access, else None."""
        required = self._access.of(scope)
        try:
            known = await self._known(scope)
        except AuthenticationError as error:
            if required != OPEN:
                return authentication_error(error)
            known = None
        credentials, user = known or (AuthCredentials(), UnauthenticatedUser())
        identify(scope, credentials, user)
        if required == OPEN or (user.is_authenticated and not _SUFFICIENT[required].isdisjoint(credentials.scopes)):
            return None
        return _forbidden(required) if user.is_authenticated else _unauthorized(_NO_TOKEN, "Bearer")

    async def _known(self, scope: Scope) -> tuple[AuthCredentials, BaseUser] | None:
        """The sender of a request: by its ticket alone, if it has one, else by what the backend asks for."""
        if not self._access.takes_ticket(scope) or (secret := ticket_of(scope)) is None:
            return await self._backend.authenticate(HTTPConnection(scope))
        ticket = self._tickets.use(secret)
        known = None if ticket is None else await known_still(self._backend, ticket.credentials, ticket.user)
        if ticket is None or known is None:
            raise AuthenticationError(_NO_TICKET)
        limit_to_session(scope, ticket.session_id)
        return known


_NO_TOKEN = "Requires a token, as Authorization: Bearer <token>"  # noqa: S105 - a message

_NO_TICKET = "The ticket is not valid: it can be used once, within a minute, as long as its token is valid"


class _Body:
    """A `receive` that has the request checked again before it returns the last part of the body."""

    def __init__(self, authorization: Authorization, scope: Scope, receive: Receive) -> None:
        self._authorization = authorization
        self._scope = scope
        self._receive = receive
        self._decided = time.monotonic()

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request" and not message.get("more_body", False) and self._is_stale():
            self._decided = time.monotonic()
            if (error := await self._authorization.check(self._scope)) is not None:
                raise error
        return message

    def _is_stale(self) -> bool:
        return time.monotonic() - self._decided > _STALE


def authentication_error(error: AuthenticationError) -> HTTPException:
    """The response to a request whose sender cannot be identified: 401, 403 or 503."""
    if isinstance(error, AuthenticationUnavailable):
        return HTTPException(503, str(error), {"Retry-After": str(_RETRY_AFTER)})
    if isinstance(error, OtherOrigin):
        return HTTPException(403, str(error))
    return _unauthorized(str(error), 'Bearer error="invalid_token"')


def _unauthorized(detail: str, challenge: str) -> HTTPException:
    return HTTPException(401, detail, {"WWW-Authenticate": challenge})


def _forbidden(required: Needed) -> HTTPException:
    challenge = f'Bearer error="insufficient_scope", scope="{required}"'
    return HTTPException(403, f"Requires {required!r} access", {"WWW-Authenticate": challenge})
