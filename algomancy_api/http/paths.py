"""Names in a path, whatever characters they hold, and wherever a host has mounted the app."""

from collections.abc import Collection
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send


class DecodedNames:
    """Around the endpoint of a route: the names that its path holds, as they were before `routable`."""

    def __init__(self, app: ASGIApp, parameters: Collection[str]) -> None:
        self.app = app
        self._parameters = parameters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        names = scope["path_params"]  # those of a host's own mount point are among them
        decoded = {name: unquote(names[name]) for name in self._parameters if isinstance(names[name], str)}
        scope["path_params"] = names | decoded
        await self.app(scope, receive, send)


def routable(scope: Scope) -> Scope:
    """A request whose path the router can split at slashes, and begins with the mount point; most are so already.

    A server decodes the path before it arrives here, so that ``%2F`` in a name looks like the end of it: here each
    name gets its ``/`` and its ``%`` encoded again, and the router, or `DecodedNames`, decodes it. And some hosts
    take their mount point off the path, which by the ASGI specification stays whole: here it is put back, so that
    what is made of the path, a redirect or the address in the document, is under the mount point, too.
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
    """A literal part of a path, as it stands in the paths that `routable` gives the router."""
    return path.replace("%", "%25")


def path_name(request: Request, parameter: str) -> str:
    """The name that a request's path holds at ``{parameter}``."""
    name: str = request.path_params[parameter]
    return name


def printable_path(scope: Scope) -> str:
    """A request's path as one word of printable ASCII, for a log line."""
    raw: bytes = scope.get("raw_path") or quote(scope["path"], errors="replace").encode()
    return raw.decode("ascii", "backslashreplace")


def _path_of_request_line(scope: Scope) -> str:
    """The path as the client sent it, or nothing where the server does not tell."""
    raw: bytes = scope.get("raw_path") or b""
    return raw.partition(b"?")[0].decode("utf-8", "replace") if raw.startswith(b"/") else ""


def _routable(path: str, root: str, raw: str) -> tuple[str, str]:
    """Path and mount point of a request, both encoded, the path whole.

    Args:
        path: The path, decoded, with or without the mount point.
        root: The mount point, decoded, or nothing where the host does not tell.
        raw: The path as the client sent it, or nothing.
    """
    if path == raw and not root and "%" not in path:  # most requests of an app that is not mounted
        return path, root
    names = [unquote(name) for name in raw.split("/")]
    is_whole = f"{path}/".startswith(f"{root}/") and "/".join(names) != root + path
    inside = path[len(root) :] if is_whole else path
    start = _start_of(inside, names)
    if start is None:  # the host has given the app another path than the client asked for
        return encoded(root + inside), encoded(root)
    mount_point = "/".join(names[:start])
    if not root.endswith(mount_point):
        root = mount_point
    return encoded(root) + "".join("/" + encoded(name).replace("/", "%2F") for name in names[start:]), encoded(root)


def _start_of(path: str, names: list[str]) -> int | None:
    """Where the names begin that a path is made of, if it is made of the last ones."""
    start, length = len(names), 0
    while start and length < len(path):
        start -= 1
        length += 1 + len(names[start])
    return start if "/" + "/".join(names[start:]) == path else None
