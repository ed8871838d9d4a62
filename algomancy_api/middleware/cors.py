"""What pages of other origins may read and embed: CORS, and the security headers of every response."""

from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp

from ..http.errors import error_response
from ..openapi.idempotency import REPLAYED
from .request_id import HEADER

type SecurityHeaders = tuple[tuple[bytes, bytes], ...]

#: Browsers must not guess another type than the Content-Type: JSON never runs as a script, whatever text is in it.
_NO_SNIFFING = (b"x-content-type-options", b"nosniff")

_POLICY = b"cross-origin-resource-policy"

#: Headers of a response that no page of another origin may embed.
GUARDED: SecurityHeaders = (_NO_SNIFFING, (_POLICY, b"same-origin"))

#: Headers of a response that any page may embed.
SHARED: SecurityHeaders = (_NO_SNIFFING, (_POLICY, b"cross-origin"))

#: A header of responses to requests with cookies: no shared cache keeps them, as it keeps none with `Authorization`.
PRIVATE = (b"cache-control", b"private")

#: Response headers: a script of another origin reads these, beside those that CORS lets it read in any case.
_EXPOSED = (
    "Allow",
    "ETag",
    "Location",
    "Preference-Applied",
    "Link",
    "Retry-After",
    "WWW-Authenticate",
    "X-Ignored-Fields",
    "X-Total-Count",
    REPLAYED,
    HEADER,
)


class Cors(CORSMiddleware):
    """Starlette's CORS middleware, which allows every method and header, and credentials for named origins only.

    With ``"*"``, credentials would let any page use the cookies of the user. A token that a page sends in
    `Authorization` by itself is not a credential in this sense, and any page may send one.
    """

    def __init__(self, app: ASGIApp, origins: list[str]) -> None:
        named = "*" not in origins
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=["*"],
            allow_headers=["*"],
            allow_credentials=named,
            expose_headers=_EXPOSED,
        )

    def preflight_response(self, request_headers: Headers) -> Response:
        """The response to a preflight request. Starlette's refusal is plain text; this one is JSON."""
        response = super().preflight_response(request_headers)
        if response.status_code < 400:
            return response
        headers = {name: value for name, value in response.headers.items() if not name.startswith("content-")}
        return error_response(response.status_code, bytes(response.body).decode(), headers)


def headers_for(origins: Sequence[str], *, may_use_cookies: bool) -> SecurityHeaders:
    """The security headers of an app's responses.

    The policy does not apply to CORS requests, so the pages of named origins do not need a weaker one. It applies to
    embedded resources such as scripts and images, for which a browser sends cookies without a preflight.

    Args:
        origins: The origins whose pages may read the responses; ``"*"`` for all.
        may_use_cookies: Whether requests may be authenticated by cookies: those of logins, or of a host's own
            authentication. Then no page may embed a response.
    """
    return SHARED if "*" in origins and not may_use_cookies else GUARDED
