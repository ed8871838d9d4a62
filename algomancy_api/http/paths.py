"""Path parameters with any characters, `/` included, wherever a host mounts the app."""

from collections.abc import Collection
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

#: Characters that a path may have unencoded (RFC 3986), beside letters and digits.
_UNENCODED = "/!$&'()*+,;=:@~"


class DecodedNames:
    """Wrapper around the endpoint of a route: decodes the path parameters that `routable` has encoded."""

    def __init__(self, app: ASGIApp, parameters: Collection[str]) -> None:
        self.app = app
        self._parameters = parameters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        names = scope["path_params"]  # includes those of the host's mount point
        decoded = {name: unquote(names[name]) for name in self._parameters if isinstance(names[name], str)}
        scope["path_params"] = names | decoded
        await self.app(scope, receive, send)


def routable(scope: Scope) -> Scope:
    """A scope whose path can be split at slashes and begins with the mount point; the same scope if it can already.

    The server decodes the path, so ``%2F`` in a path parameter looks like a separator. Here ``/`` and ``%`` in each
    parameter are encoded again from the raw path; the router or `DecodedNames` decodes them. Some hosts remove their
    mount point from the path, although the ASGI specification keeps it there. Here it is put back, so that redirects
    and the server URL of the OpenAPI document are under the mount point.
    """
    if (
        scope.get("raw_path") == scope["path"].encode(errors="replace")
        and not scope.get("root_path")
        and "%" not in scope["path"]
    ):
        return scope
    path, root = _routable(scope["path"], scope.get("root_path", "").rstrip("/"), _path_of_request_line(scope))
    if (path, root) == (scope["path"], scope.get("root_path", "")):
        return scope
    return {**scope, "path": path, "root_path": root}


def encoded(path: str) -> str:
    """A literal segment of a path, encoded as in the paths that `routable` makes."""
    return path.replace("%", "%25")


def path_name(request: Request, parameter: str) -> str:
    """The path parameter ``{parameter}`` of a request."""
    name: str = request.path_params[parameter]
    return name


def public_path(scope: Scope, path: str) -> str:
    """A path of this app as clients write it: percent-encoded, under the mount point that `routable` has found."""
    return quote(scope.get("root_path", ""), safe=f"{_UNENCODED}%") + quote(path, safe=_UNENCODED)


def printable_path(scope: Scope) -> str:
    """A request's path as one word of printable ASCII, for a log line."""
    raw: bytes = scope.get("raw_path") or quote(scope["path"], errors="replace").encode()
    return raw.partition(b"?")[0].decode("ascii", "backslashreplace")  # some servers have the query in it


def _path_of_request_line(scope: Scope) -> str:
    """The path as the client sent it; empty if the server does not give it."""
    raw: bytes = scope.get("raw_path") or b""
    return raw.partition(b"?")[0].decode("utf-8", "replace") if raw.startswith(b"/") else ""


def _routable(path: str, root: str, raw: str) -> tuple[str, str]:
    """Full path and mount point of a request, both encoded.

    Args:
        path: The decoded path, with or without the mount point.
        root: The decoded mount point; empty if the host does not give it.
        raw: The path as the client sent it; empty if unknown.
    """
    if path == raw and not root and "%" not in path:  # most requests of an app that is not mounted
        return path, root
    names = [unquote(name) for name in raw.split("/")]
    is_whole = f"{path}/".startswith(f"{root}/") and "/".join(names) != root + path
    inside = path[len(root) :] if is_whole else path
    start = _start_of(inside, names)
    if start is None:  # the host has rewritten the path
        return encoded(root + inside), encoded(root)
    mount_point = "/".join(names[:start])
    if not root.endswith(mount_point):
        root = mount_point
    return encoded(root) + "".join("/" + encoded(name).replace("/", "%2F") for name in names[start:]), encoded(root)


def _start_of(path: str, names: list[str]) -> int | None:
    """The index of the first name of a path that consists of the last names; None if it does not."""
    start, length = len(names), 0
    while start and length < len(path):
        start -= 1
        length += 1 + len(names[start])
    return start if "/" + "/".join(names[start:]) == path else None
