"""The router: one lookup finds the route of a request, and access, audit log, metrics and endpoint use its result.

The package's own routes are found by dictionary lookups; Starlette's router tries one route after the other.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from operator import itemgetter
from types import MappingProxyType
from typing import Any, NamedTuple, TypeIs
from urllib.parse import unquote

from starlette.datastructures import URL
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Match, Mount, Route, Router
from starlette.types import ASGIApp, Lifespan, Receive, Scope, Send

from .paths import routable
from .shutdown import refuse_new_work

#: Scope key: the `Destination` of the request.
_DESTINATION = "algomancy_api.destination"

#: Scope key: the `DestinationObserver` of a middleware outside `RouteLookup`.
_OBSERVER = "algomancy_api.destination_observer"

_NO_CHANGES: Mapping[str, Any] = MappingProxyType({})


@dataclass(slots=True)
class Destination:
    """The route of a request, as the lookup found it.

    Attributes:
        route: The route; None if none has the path and the method.
        endpoint: The endpoint. For a `Mount`, the endpoint of its inner route, or else the mounted app.
        path_params: The path parameters.
        is_own: Whether the route is one of the package's own, whose endpoint is a function of a `Request`.
        changes: The child scope that Starlette's `Route.matches` returned.
    """

    route: BaseRoute | None
    endpoint: Any
    path_params: dict[str, Any]
    is_own: bool = False
    changes: Mapping[str, Any] = _NO_CHANGES


class DestinationObserver:
    """Gives a middleware outside `RouteLookup` the destination of a request; None if the request did not reach it."""

    destination: Destination | None = None


#: Paths: size of the cache of routes by path. Clients that poll ask for the same paths again and again.
_CACHED_PATHS = 1024


class _Found(NamedTuple):
    """A route, its position in the table, and its path parameters by name and segment number."""

    position: int
    route: Route
    names: tuple[tuple[str, int], ...]


_NO_ROUTES: dict[str, _Found] = {}

_NOWHERE = Destination(None, None, {})


class _Shape(NamedTuple):
    """The routes with literal segments at the same positions, by these segments and by method."""

    literal_parts: Callable[[list[str]], Any]
    routes: dict[Any, dict[str, _Found]]


class RouteLookup:
    """Middleware that looks up the destination of each request, once.

    Access, audit log, metrics and endpoint use this result, so they cannot disagree. A route that is not found here is
    not reached.

    Args:
        app: The middleware that decides by the destination, around the router.
        router: The router.
    """

    def __init__(self, app: ASGIApp, router: ApiRouter) -> None:
        self.app = app
        self._router = router

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] == "lifespan":
            return self.app(scope, receive, send)
        scope = routable(scope)
        if scope["type"] == "http":
            scope[_DESTINATION] = destination = self._router.find(scope)
            observer = scope.get(_OBSERVER)
            if observer is not None and observer.destination is None:  # set already: it is of an app around this one
                observer.destination = destination
        return self.app(scope, receive, send)


class ApiRouter(Router):
    """Starlette's router, with a lookup of the package's own routes.

    All other routes are tried one after the other, as in Starlette: a host's routes and mounts, also those that it adds
    to a built app.

    Args:
        own: The package's own routes. Each path parameter is one segment, and each endpoint is a function.
        others: The routes that are tried after them.
        lifespan: The lifespan of the app.
        last: Routes that are tried after all others, even those that a host adds to the built app.
    """

    def __init__(
        self, own: Sequence[Route], others: Sequence[BaseRoute], lifespan: Lifespan[Any], last: Sequence[Route] = ()
    ) -> None:
        super().__init__([*own, *others], lifespan=lifespan)
        self._last = last
        self._shapes = _shapes(own)
        self._find_own = lru_cache(_CACHED_PATHS)(self._search_own)
        self._own = len(own)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:  # type: ignore[override]
        return self.middleware_stack(scope, receive, send)  # Starlette's own adds a coroutine

    def find(self, scope: Scope) -> Destination:
        """The destination of a request, whose path is as `routable` makes it."""
        found = self._find_own(_path_inside(scope), scope["method"])
        if found is None:
            return self._find_other(scope)
        route, own = found
        params = {**scope["path_params"], **own} if "path_params" in scope else {**own}
        return Destination(route, route.endpoint, params, True)  # positional: keywords take longer

    def methods_of(self, scope: Scope) -> set[str]:
        """The methods of all routes with the path of a request."""
        methods: set[str] = set()
        for route in chain(self.routes, self._last):
            if _match(route, scope)[0] is not Match.NONE:
                methods |= getattr(route, "methods", None) or set()
        return methods

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().app(scope, receive, send)
            return
        if scope["method"] != "GET":
            refuse_new_work(scope)
        destination = destination_of(scope) or self.find(scope)
        scope.setdefault("router", self)
        if destination.is_own:
            scope["route"], scope["endpoint"] = destination.route, destination.endpoint
            scope["path_params"] = destination.path_params
            # `ExceptionLayer`, which is around this router, handles its exceptions.
            response = await destination.endpoint(Request(scope, receive, send))
            await response(scope, receive, send)
        elif destination.route is not None:
            scope["route"] = destination.route
            scope.update(destination.changes)
            await destination.route.handle(scope, receive, send)
        else:
            await self._respond_without_route(scope, receive, send)

    def _search_own(self, path: str, method: str) -> tuple[Route, Mapping[str, str]] | None:
        """The first route of the table with this path and method, and its path parameters."""
        parts = path.split("/")  # `routable` leaves no slash in a path parameter
        first = None
        for shape in self._shapes.get(len(parts), ()):
            found = shape.routes.get(shape.literal_parts(parts), _NO_ROUTES).get(method)
            if found is None or (first is not None and first.position < found.position):
                continue
            if all(parts[part] for _, part in found.names):
                first = found
        if first is None:
            return None
        return first.route, {name: unquote(parts[part]) for name, part in first.names}

    def _find_other(self, scope: Scope) -> Destination:
        for route in chain(islice(self.routes, self._own, None), self._last):
            match, changes = _match(route, scope)
            if match is Match.FULL:
                params = _decoded(changes.get("path_params", {}))
                return Destination(route, _innermost(route, {**scope, **changes}), params, changes=changes)
        return _NOWHERE

    async def _respond_without_route(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as Starlette does if no route matches: 405, a redirect that adds or removes a last slash, or 404."""
        if self._is_path(scope):
            raise HTTPException(405)
        if (url := self._redirection(scope)) is not None:
            await RedirectResponse(url)(scope, receive, send)
            return
        await self.default(scope, receive, send)

    def _redirection(self, scope: Scope) -> str | None:
        path: str = scope["path"]
        if not self.redirect_slashes or _path_inside(scope) == "/":
            return None
        other = {**scope, "path": path.rstrip("/") if path.endswith("/") else f"{path}/"}
        return str(URL(scope=other)) if self._is_path(other) else None

    def _is_path(self, scope: Scope) -> bool:
        return any(_match(route, scope)[0] is not Match.NONE for route in chain(self.routes, self._last))


def destination_of(scope: Scope) -> Destination | None:
    """The destination that `RouteLookup` found for a request; None if the request has not been there."""
    destination: Destination | None = scope.get(_DESTINATION)
    return destination


def observe_destination(scope: Scope) -> DestinationObserver:
    """Have `RouteLookup` report the destination of a request to a middleware outside it."""
    scope[_OBSERVER] = observer = DestinationObserver()
    return observer


def _match(route: BaseRoute, scope: Scope) -> tuple[Match, Scope]:
    """Starlette's `matches` for the full path: its patterns end in ``$``, which also matches before a final newline."""
    match, changes = route.matches(scope)
    if match is not Match.NONE and scope["path"].endswith("\n") and not _is_whole(route, scope):
        return Match.NONE, {}
    return match, changes


def _is_whole(route: BaseRoute, scope: Scope) -> bool:
    return not isinstance(route, Route | Mount) or route.path_regex.fullmatch(_path_inside(scope)) is not None


def _innermost(route: BaseRoute, scope: Scope) -> Any:  # noqa: ANN401 - a function, a class or an app
    """The endpoint of a route. For a mount of a plain router, it is the endpoint of the inner route.

    A mounted app with middleware, which may rewrite the path, counts as one endpoint.
    """
    while isinstance(route, Mount) and _is_plain(route.app):
        inner = _first_full(route.app.routes, scope)
        if inner is None:
            return route.app
        route, changes = inner
        scope = {**scope, **changes}
    return scope.get("endpoint")


def _is_plain(app: ASGIApp) -> TypeIs[Router]:
    return type(app) is Router and app.middleware_stack == app.app


def _first_full(routes: Iterable[BaseRoute], scope: Scope) -> tuple[BaseRoute, Scope] | None:
    for route in routes:
        match, changes = route.matches(scope)
        if match is Match.FULL:
            return route, changes
    return None


def _decoded(path_params: dict[str, Any]) -> dict[str, Any]:
    return {name: unquote(value) if isinstance(value, str) else value for name, value in path_params.items()}


def _path_inside(scope: Scope) -> str:
    """The path without the mount point, as Starlette's routes match it."""
    path: str = scope["path"]
    root = scope.get("root_path")
    if not root:
        return path
    return path.removeprefix(root) if f"{path}/".startswith(f"{root}/") else path


def _shapes(routes: Sequence[Route]) -> dict[int, list[_Shape]]:
    """Routes by their number of segments; most numbers have one or two shapes."""
    shapes: dict[int, dict[tuple[int, ...], _Shape]] = {}
    for position, route in enumerate(routes):
        parts = list(enumerate(route.path_format.split("/")))
        literal = tuple(number for number, part in parts if not part.startswith("{"))
        names = tuple((part[1:-1], number) for number, part in parts if part.startswith("{"))
        shape = shapes.setdefault(len(parts), {}).setdefault(literal, _Shape(itemgetter(*literal), {}))
        by_method = shape.routes.setdefault(shape.literal_parts(route.path_format.split("/")), {})
        for method in route.methods or ():
            by_method.setdefault(method, _Found(position, route, names))
    return {length: list(alike.values()) for length, alike in shapes.items()}
