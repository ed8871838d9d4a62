"""Names in a path, whatever characters they hold."""

from urllib.parse import unquote

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

_STILL_ENCODED = "algomancy_api.path_is_encoded"


class EncodedSlashes:
    """Lets ``%2F`` be part of a name.

    A server decodes the path before it arrives here, and a router splits it at every slash. So a path that has
    an encoded slash is routed as it came in the request line, and `path_name` decodes each of its names.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        raw: bytes = scope.get("raw_path") or b""
        if b"%2F" in raw or b"%2f" in raw:
            encoded = _encoded_path(scope["path"], raw.partition(b"?")[0].decode("ascii", "replace"))
            if encoded is not None:
                scope = {**scope, "path": encoded, _STILL_ENCODED: True}
        await self.app(scope, receive, send)


def path_name(request: Request, parameter: str) -> str:
    """The name that a request's path holds at ``{parameter}``."""
    name: str = request.path_params[parameter]
    return unquote(name) if _STILL_ENCODED in request.scope else name


def printable_path(scope: Scope) -> str:
    """A request's path as one word of printable ASCII, for a log line."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode("unicode_escape")
    return raw.decode("ascii", "backslashreplace")


def _encoded_path(path: str, raw: str) -> str | None:
    """The encoded form of ``path`` in the path of the request line.

    They differ where a host took its mount point off the first of them alone.
    """
    starts = [position for position, character in enumerate(raw) if character == "/"]
    return next((raw[start:] for start in starts if unquote(raw[start:]) == path), None)
