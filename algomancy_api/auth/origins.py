"""Which page has a browser send a request: one of this server, or another (cross-site request forgery).

A browser sends the cookie of a login by itself, whichever page is open. `SameSite=Strict` keeps it from requests of
other sites, but not from those of the same site: other ports and other subdomains. So a request that may change
something has to show where it is from, which browsers tell and pages cannot change.
"""

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.authentication import AuthenticationError
from starlette.datastructures import Headers
from starlette.types import Scope

#: What a browser says of requests of a page of this origin, and of the user, as by the address bar.
_OWN = ("same-origin", "none")

#: A header of any text, for clients without the others: a page of another origin can send it only with CORS.
_OF_PROGRAMS = "x-requested-with"


class OtherOrigin(AuthenticationError):
    """A request that a page of another origin may have made."""


def check_origin(scope: Scope, allowed: Collection[str], *, needs_proof: bool = True) -> None:
    """Check that a request is from a page of this server, or of an allowed origin.

    Args:
        scope: The scope of the request.
        allowed: The other origins.
        needs_proof: Whether a request that says nothing of its origin is refused, too.

    Raises:
        OtherOrigin: It is from another page, or may be.
    """
    headers = Headers(scope=scope)
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if origin is not None and origin in allowed:
        return
    if site is not None:
        is_own = site in _OWN
    elif origin is not None:
        is_own = urlsplit(origin).netloc == headers.get("host")
    else:
        is_own = not needs_proof or _OF_PROGRAMS in headers
    if not is_own:
        raise OtherOrigin(
            "With a cookie, only pages of this server and of `cors_origins` may send this; a program needs the header "
            "X-Requested-With"
        )
