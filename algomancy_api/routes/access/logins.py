"""Logins of browsers, by a cookie. Only a server with ``cookie_auth`` has these routes."""

from typing import Any

from msgspec.json import Decoder
from starlette.authentication import AuthenticationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ...auth.backend import TokenAuthentication
from ...auth.identity import identify
from ...auth.logins import COOKIE, Logins, login_cookie
from ...auth.origins import OtherOrigin, check_origin
from ...auth.tokens import digest_of
from ...http.paths import public_path
from ...http.request_body import IGNORED_FIELDS_HEADER, decode
from ...http.responses import json_response, no_content
from ...middleware.authorization import authentication_error
from ...middleware.size_limits import limit_body
from ...openapi.operation import OPEN, operation
from ...schemas import LoggedIn, LogIn

TAGS = ("meta",)

#: Bytes: the longest body of a login. Anybody may send one.
_LONGEST = 8 * 1024

_LOG_IN = Decoder(LogIn)


@operation(
    "Log in",
    body=LogIn,
    example={"token": "alg_…"},
    returns={200: LoggedIn},
    errors=(401, 403, 415, 422),
    headers={200: IGNORED_FIELDS_HEADER | {"Set-Cookie": "The cookie that takes the place of the token."}},
    tags=TAGS,
    is_secret=True,
    access=OPEN,
)
async def log_in(request: Request) -> Response:
    """Set a cookie that takes the place of a token, until it is not used for 12 hours, or the browser is closed.

    The response says what the token may do. Only a server with `cookie_auth` has this route.
    """
    backend: TokenAuthentication = request.app.state.authentication
    logins = _logins(request)
    limit_body(request.scope, _LONGEST)
    body = await decode(request, _LOG_IN)
    try:
        known = await backend.known_by(digest_of(body.token.strip().encode()))
        if known is None:
            raise AuthenticationError("The token is not valid")
    except AuthenticationError as error:
        raise authentication_error(error) from error
    credentials, user = known
    identify(request.scope, credentials, user)  # for the audit log
    _end(request, logins)
    response = json_response(LoggedIn(user.display_name, user.access, list(user.sessions)))
    response.headers["Cache-Control"] = "no-store"
    response.set_cookie(COOKIE, logins.begin(user.digest), **_attributes(request))
    return response


@operation(
    "Log out",
    returns={204: "The login has ended, and the cookie is deleted."},
    errors=(403,),
    headers={204: {"Set-Cookie": "The cookie, which ends at once."}},
    tags=TAGS,
    is_secret=True,
    access=OPEN,
)
async def log_out(request: Request) -> Response:
    """End a login and delete its cookie. It is no error if there is none.

    Only a server with `cookie_auth` has this route.
    """
    _end(request, _logins(request))
    response = no_content()
    response.delete_cookie(COOKIE, **_attributes(request))
    return response


def _logins(request: Request) -> Logins:
    """The logins of the app, for a request that no page of another origin has made."""
    logins: Logins = request.app.state.authentication.logins
    try:
        check_origin(request.scope, logins.origins, needs_proof=False)
    except OtherOrigin as error:
        raise authentication_error(error) from error
    return logins


def _end(request: Request, logins: Logins) -> None:
    """End the login of the cookie that a request has."""
    if (value := login_cookie(request.scope)) is not None:
        logins.end(value)


def _attributes(request: Request) -> dict[str, Any]:
    """The attributes of the cookie: for all paths of this app, and for no script, no other site, no plain HTTP."""
    path = public_path(request.scope, "") or "/"
    return {
        "path": "/" if ";" in path else path,  # which would end the attribute
        "secure": request.scope["scheme"] == "https",
        "httponly": True,
        "samesite": "strict",
    }


# fmt: off
ROUTES = [
    Route("/login",  log_in,  methods=["POST"], name="log_in"),
    Route("/logout", log_out, methods=["POST"], name="log_out"),
]
# fmt: on
