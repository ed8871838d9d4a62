"""The router: one look-up says where a request goes, and everything else is decided by what it found.

The package's own routes are found in a few lookups, where Starlette's router tries one route after the other.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
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

#: Where in a request's scope its destination is.
_DESTINATION = "algomancy_api.destination"

#: Where in a request's scope a layer outside the look-up has put what it is to be told through.
_SIGHTING = "algomancy_api.sighting"


_NO_CHANGES: Mapping[str, Any] = MappingProxyType({})


@dataclass(slots=True)
class Destination:
    """The route of a request, as the one look-up found it.

    Attributes:
        route: The route; None if none has the path and the method.
        endpoint: Its endpoint. For a `Mount`, the endpoint of the route inside it, or else what is mounted.
        path_params: The names that the path holds.
        is_own: Whether the route is one of the package's own, which is a function from a `Request` to a `Response`.
        changes: What the scope gets beside the route, as Starlette says it.
    """

    route: BaseRoute | None
    endpoint: Any
    path_params: dict[str, Any]
    is_own: bool = False
    changes: Mapping[str, Any] = _NO_CHANGES


class DestinationObserver:
    """What a layer outside the look-up learns of a request's destination; None if the request never got that far."""

    destination: Destination | None = None


#: Paths: those asked for last, whose routes are remembered. Clients that poll ask for the same ones again and again.
_REMEMBERED = 1024


class _Found(NamedTuple):
    """A route, its place in the table, and which parts of a path are its names."""

    place: int
    route: Route
    names: tuple[tuple[str, int], ...]


_NO_ROUTES: dict[str, _Found] = {}

_NOWHERE = Destination(None, None, {})


class _Shape(NamedTuple):
    """The routes whose literal parts stand at the same places of a path, by these parts and by method."""

    literal_parts: Callable[[list[str]], Any]
    routes: dict[Any, dict[str, _Found]]


class RouteLookup:
    """Middleware that looks up the destination of each request, the only time that this is done.

    The access that a request takes, its line in the audit, its label in the metrics and its endpoint come from what
    is found here, so that no two of them can disagree. What is not found is not reached.

    Args:
        app: The layers that decide by the destination, and the router.
        router: The router.
    """

    def __init__(self, app: ASGIApp, router: ApiRouter) -> None:
        self.app = app
        self._router = router

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Look up a request's destination and pass the request on."""
        if scope["type"] == "lifespan":
            return self.app(scope, receive, send)
        scope = routable(scope)
        if scope["type"] == "http":
            scope[_DESTINATION] = destination = self._router.find(scope)
            sighting = scope.get(_SIGHTING)
            if sighting is not None and sighting.destination is None:  # else it is an app around this one that asks
                sighting.destination = destination
        return self.app(scope, receive, send)


class ApiRouter(Router):
    """Starlette's router, which looks up the package's own routes instead of trying them.

    What is no route of the package's own is looked for as Starlette does it: a host's routes and mounts, those
    included that it adds to a built app.

    Args:
        own: The package's own routes, each of whose names is one part of a path, and whose endpoints are functions.
        others: The routes that are tried after them.
        lifespan: As in Starlette.
    """

    def __init__(self, own: Sequence[Route], others: Sequence[BaseRoute], lifespan: Lifespan[Any]) -> None:
        super().__init__([*own, *others], lifespan=lifespan)
        self._shapes = _shapes(own)
        self._find_own = lru_cache(_REMEMBERED)(self._search_own)
        self._own = len(own)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:  # type: ignore[override]
        return self.middleware_stack(scope, receive, send)  # Starlette's own is a coroutine around this one

    def find(self, scope: Scope) -> Destination:
        """The destination of a request whose path is as `RouteLookup` has it."""
        found = self._find_own(_path_inside(scope), scope["method"])
        if found is None:
            return self._find_other(scope)
        route, own = found
        params = {**scope["path_params"], **own} if "path_params" in scope else {**own}
        return Destination(route, route.endpoint, params, True)  # by position: a keyword takes longer

    def methods_of(self, scope: Scope) -> set[str]:
        """Every method that a route of the request's path has."""
        methods: set[str] = set()
        for route in self.routes:
            if _match(route, scope)[0] is not Match.NONE:
                methods |= getattr(route, "methods", None) or set()
        return methods

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on to its destination."""
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
            # What it raises goes to `ExceptionLayer`, which is around this router.
            response = await destination.endpoint(Request(scope, receive, send))
            await response(scope, receive, send)
        elif destination.route is not None:
            scope["route"] = destination.route
            scope.update(destination.changes)
            await destination.route.handle(scope, receive, send)
        else:
            await self._answer_for_none(scope, receive, send)

    def _search_own(self, path: str, method: str) -> tuple[Route, Mapping[str, str]] | None:
        """The first route of the table that has such a path and the method, and the names that the path holds."""
        parts = path.split("/")  # `RouteLookup` leaves no slash in a name
        first = None
        for shape in self._shapes.get(len(parts), ()):
            found = shape.routes.get(shape.literal_parts(parts), _NO_ROUTES).get(method)
            if found is None or (first is not None and first.place < found.place):
                continue
            if all(parts[part] for _, part in found.names):
                first = found
        if first is None:
            return None
        return first.route, {name: unquote(parts[part]) for name, part in first.names}

    def _find_other(self, scope: Scope) -> Destination:
        for route in islice(self.routes, self._own, None):
            match, changes = _match(route, scope)
            if match is Match.FULL:
                params = _decoded(changes.get("path_params", {}))
                return Destination(route, _innermost(route, {**scope, **changes}), params, changes=changes)
        return _NOWHERE

    async def _answer_for_none(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say what is there instead, as Starlette does: other methods, or the same path with or without a slash."""
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
        return any(_match(route, scope)[0] is not Match.NONE for route in self.routes)


def destination_of(scope: Scope) -> Destination | None:
    """The destination that `RouteLookup` has found for a request; None if it has not been there."""
    destination: Destination | None = scope.get(_DESTINATION)
    return destination


def observe_destination(scope: Scope) -> DestinationObserver:
    """Have a layer outside the look-up told of what it finds."""
    scope[_SIGHTING] = sighting = DestinationObserver()
    return sighting


def _match(route: BaseRoute, scope: Scope) -> tuple[Match, Scope]:
    """As Starlette's `matches`, of the whole path: its patterns end in ``$``, which is also before a last newline."""
    match, changes = route.matches(scope)
    if match is not Match.NONE and scope["path"].endswith("\n") and not _is_whole(route, scope):
        return Match.NONE, {}
    return match, changes


def _is_whole(route: BaseRoute, scope: Scope) -> bool:
    return not isinstance(route, Route | Mount) or route.path_regex.fullmatch(_path_inside(scope)) is not None


def _innermost(route: BaseRoute, scope: Scope) -> Any:  # noqa: ANN401 - a function, a class or an app
    """The endpoint that a route leads to: within a mount, that of the route of a plain router.

    An app with middleware of its own, which may look at another path, is one endpoint.
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
    """The path without the mount point, as Starlette's routes read it."""
    path: str = scope["path"]
    root = scope.get("root_path")
    if not root:
        return path
    return path.removeprefix(root) if f"{path}/".startswith(f"{root}/") else path


def _shapes(routes: Sequence[Route]) -> dict[int, list[_Shape]]:
    """Routes by the number of their parts; most numbers have one or two shapes."""
    shapes: dict[int, dict[tuple[int, ...], _Shape]] = {}
    for place, route in enumerate(routes):
        parts = list(enumerate(route.path_format.split("/")))
        literal = tuple(number for number, part in parts if not part.startswith("{"))
        names = tuple((part[1:-1], number) for number, part in parts if part.startswith("{"))
        shape = shapes.setdefault(len(parts), {}).setdefault(literal, _Shape(itemgetter(*literal), {}))
        by_method = shape.routes.setdefault(shape.literal_parts(route.path_format.split("/")), {})
        for method in route.methods or ():
            by_method.setdefault(method, _Found(place, route, names))
    return {length: list(alike.values()) for length, alike in shapes.items()}
