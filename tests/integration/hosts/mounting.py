"""Ways to mount an app under a path of a host."""

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.routing import Mount, Router
from starlette.types import ASGIApp, Receive, Scope, Send

#: A function from an app and a path to a host that has the app at the path.
Mounting = Callable[[ASGIApp, str], ASGIApp]


class ApiRouter:
    """A host without a framework, which passes requests to one app.

    Args:
        app: The app.
        path: The path of the app.
        change: A function from the scope and the path to the keys that replace those of the scope.
    """

    def __init__(self, app: ASGIApp, path: str, change: Callable[[Scope, str], Scope]) -> None:
        self.app = app
        self.path = path
        self.change = change

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http", "there is no lifespan call"
        assert scope["path"].startswith(f"{self.path}/")
        await self.app({**scope, **self.change(scope, self.path)}, receive, send)


def starlette_mount(app: ASGIApp, path: str) -> ASGIApp:
    return Starlette(routes=[Mount(path, app)])


def nested_mounts(app: ASGIApp, path: str) -> ASGIApp:
    """A mount in a mount. The path must have two segments."""
    outer, inner = path.strip("/").split("/")
    return Starlette(routes=[Mount(f"/{outer}", Starlette(routes=[Mount(f"/{inner}", app)]))])


def router_mount(app: ASGIApp, path: str) -> ASGIApp:
    return Router(routes=[Mount(path, routes=[Mount("/", app)])])


def dispatcher_as_specified(app: ASGIApp, path: str) -> ASGIApp:
    """As in the ASGI specification: the path stays whole, and ``root_path`` is the path of the app."""
    return ApiRouter(app, path, lambda scope, path: {"root_path": scope.get("root_path", "") + path})


def dispatcher_of_path(app: ASGIApp, path: str) -> ASGIApp:
    return ApiRouter(app, path, lambda scope, path: {"path": scope["path"].removeprefix(path)})


def dispatcher_of_path_and_root_path(app: ASGIApp, path: str) -> ASGIApp:
    return ApiRouter(app, path, lambda scope, path: {"path": scope["path"].removeprefix(path), "root_path": path})


def dispatcher_of_path_and_raw_path(app: ASGIApp, path: str) -> ASGIApp:
    """A host whose scope has no trace of the path of the app."""
    return ApiRouter(app, path, _without_path)


def dispatcher_of_all_three(app: ASGIApp, path: str) -> ASGIApp:
    return ApiRouter(app, path, lambda scope, path: {**_without_path(scope, path), "root_path": path})


def dispatcher_without_raw_path(app: ASGIApp, path: str) -> ASGIApp:
    """A host without ``raw_path``, which is optional in ASGI."""
    return ApiRouter(app, path, lambda _scope, path: {"raw_path": None, "root_path": path})


def _without_path(scope: Scope, path: str) -> Scope:
    parts = path.count("/")
    raw = b"/" + scope["raw_path"].split(b"/", parts + 1)[-1]
    return {"path": scope["path"].removeprefix(path), "raw_path": raw}


#: Hosts whose scope tells an app its path, so that encoded names and redirects work.
TELLING: list[Mounting] = [
    starlette_mount,
    nested_mounts,
    router_mount,
    dispatcher_as_specified,
    dispatcher_of_path,
    dispatcher_of_path_and_root_path,
    dispatcher_of_all_three,
]
