"""Pages and their files, all served from here."""

from collections.abc import Mapping

from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send


def page_headers(*, styles: str) -> Mapping[str, str]:
    """The headers of a page, whose policy lets it load nothing from other origins, and run no script that is inline.

    Args:
        styles: The sources of its styles, as Content-Security-Policy has them.
    """
    policy = (
        "default-src 'none'",
        "script-src 'self'",
        f"style-src {styles}",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
    return {
        "cache-control": "no-cache",
        "content-security-policy": "; ".join(policy),
        "referrer-policy": "no-referrer",
        "x-frame-options": "DENY",  # for browsers that do not know frame-ancestors
    }


class PageFiles(StaticFiles):
    """The files of a page, without ranges: Starlette's error for a malformed range is not JSON."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(name, value) for name, value in scope["headers"] if name != b"range"]
        await super().__call__({**scope, "headers": headers}, receive, send)
