"""From a path to its endpoint in a few lookups, where Starlette's router tries one route after the other."""

from collections.abc import Callable, Sequence
from itertools import islice
from operator import itemgetter
from typing import Any, NamedTuple
from urllib.parse import unquote

from starlette.requests import Request
from starlette.routing import BaseRoute, Match, Route, Router
from starlette.types import Lifespan, Receive, Scope, Send

from .stopping import refuse_new_work


class _Found(NamedTuple):
    """A route, its place in the table, and which parts of a path are its names."""

    place: int
    route: Route
    names: tuple[tuple[str, int], ...]


_NO_ROUTES: dict[str, _Found] = {}


class _Shape(NamedTuple):
    """The routes whose literal parts stand at the same places of a path, by these parts and by method."""

    literal_parts: Callable[[list[str]], Any]
    routes: dict[Any, dict[str, _Found]]


class Dispatcher(Router):
    """Starlette's router, which looks up the package's own routes instead of trying them.

    What it does not find at once it leaves to Starlette: a host's routes and mounts, a method that a path does not
    have, a path that is no route's. Both find the same, which a test holds.

    Args:
        own: The package's own routes, each of whose names is one part of a path, and whose endpoints are functions.
        others: The routes that are tried after them.
        lifespan: As in Starlette.
    """

    def __init__(self, own: Sequence[Route], others: Sequence[BaseRoute], lifespan: Lifespan[Any]) -> None:
        super().__init__([*own, *others], lifespan=lifespan)
        self._shapes = _shapes(own)
        self._own = len(own)

    def route_of(self, scope: Scope) -> BaseRoute | None:
        """The route that a request is going to be passed on to; None if none has its path and its method."""
        found = self._find(_parts(scope), scope["method"])
        if found is not None:
            return found.route
        others = islice(self.routes, self._own, None)
        return next((route for route in others if route.matches(scope)[0] is Match.FULL), None)

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on to its endpoint."""
        found = None
        if scope["type"] == "http":
            if (method := scope["method"]) != "GET":
                refuse_new_work(scope)
            parts = _parts(scope)
            found = self._find(parts, method)
        if found is None:
            await super().app(scope, receive, send)
            return
        _, route, names = found
        scope.setdefault("router", self)
        scope["route"], scope["endpoint"] = route, route.endpoint
        own = {name: parts[part] for name, part in names}
        if "%" in scope["path"]:
            own = {name: unquote(value) for name, value in own.items()}
        scope["path_params"] = {**scope["path_params"], **own} if "path_params" in scope else own
        # What it raises goes to `Exceptions`, which is around this router.
        response = await route.endpoint(Request(scope, receive, send))
        await response(scope, receive, send)

    def _find(self, parts: list[str], method: str) -> _Found | None:
        """The first route of the table that such a path is of, and that has the method."""
        first = None
        for shape in self._shapes.get(len(parts), ()):
            found = shape.routes.get(shape.literal_parts(parts), _NO_ROUTES).get(method)
            if found is None or (first is not None and first.place < found.place):
                continue
            if all(parts[part] for _, part in found.names):
                first = found
        return first


def _parts(scope: Scope) -> list[str]:
    """The path inside the app, split at its slashes: as `RoutablePath` leaves it, a name has none."""
    path: str = scope["path"]
    if root := scope.get("root_path"):
        path = path.removeprefix(root) if path.startswith(f"{root}/") else ""
    return path.split("/")


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
