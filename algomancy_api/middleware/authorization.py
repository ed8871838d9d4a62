"""The door: who may not do what a request asks for gets no further."""

import time

from starlette.authentication import AuthCredentials, AuthenticationBackend, AuthenticationError, UnauthenticatedUser
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from ..auth.backend import AuthenticationUnavailable
from ..auth.identity import identify
from ..auth.tokens import ACCESSES
from ..http.errors import error_response
from ..http.route_access import RouteAccess
from ..openapi.operation import OPEN, Needed

#: By what is needed: the scopes that are enough, each of which includes those below it.
_ENOUGH: dict[Needed, frozenset[str]] = {needed: frozenset(ACCESSES[number:]) for number, needed in enumerate(ACCESSES)}


#: Retry-After, in seconds, when nobody can say whose a token is.
_RETRY_AFTER = 5

#: Methods of requests that change nothing, whatever their bodies hold.
_WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS"})

#: Seconds: a decision that is older when a request's body has come to its end is made again.
_STALE = 0.05


class Authorization:
    """Lets through what its sender may do.

    A request whose body takes its time is decided on again when the last of it is there: its token may have been
    deleted since, or its session hidden from it, and nothing has been changed for it yet.

    Args:
        app: What is guarded; the router is the next to look at the path.
        needs: What it takes to send a request.
        backend: Says who sent a request.
    """

    def __init__(self, app: ASGIApp, needs: RouteAccess, backend: AuthenticationBackend) -> None:
        self.app = app
        self._needs = needs
        self._backend = backend

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it."""
        if scope["type"] == "websocket":  # there is none among the routes
            await WebSocketClose()(scope, receive, send)
        elif scope["type"] != "http":
            await self.app(scope, receive, send)
        elif (refusal := await self.refusal(scope)) is not None:
            await error_response(refusal.status_code, refusal.detail, refusal.headers)(scope, receive, send)
        elif scope["method"] in _WITHOUT_BODY:
            await self.app(scope, receive, send)
        else:
            await self.app(scope, _Body(self, scope, receive), send)

    async def refusal(self, scope: Scope) -> HTTPException | None:
        """Why a request gets no further; None if it does, and its scope says who sent it."""
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


class _Body:
    """What a request's body is received through: before the last of it, the request is decided on again."""

    def __init__(self, guard: Authorization, scope: Scope, receive: Receive) -> None:
        self._guard = guard
        self._scope = scope
        self._receive = receive
        self._decided = time.monotonic()

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request" and not message.get("more_body", False) and self._is_stale():
            self._decided = time.monotonic()
            if (refusal := await self._guard.refusal(self._scope)) is not None:
                raise refusal
        return message

    def _is_stale(self) -> bool:
        return time.monotonic() - self._decided > _STALE


def _unidentified(error: AuthenticationError) -> HTTPException:
    if isinstance(error, AuthenticationUnavailable):
        return HTTPException(503, str(error), {"Retry-After": str(_RETRY_AFTER)})
    return _unauthorized(str(error), 'Bearer error="invalid_token"')


def _unauthorized(detail: str, challenge: str) -> HTTPException:
    return HTTPException(401, detail, {"WWW-Authenticate": challenge})


def _forbidden(needed: Needed) -> HTTPException:
    challenge = f'Bearer error="insufficient_scope", scope="{needed}"'
    return HTTPException(403, f"This needs {needed!r} access", {"WWW-Authenticate": challenge})
