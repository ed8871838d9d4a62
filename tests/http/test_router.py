"""The router against Starlette's own: both find the same route for any path."""

import re
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import anyio
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, Router

from algomancy_api.application import OUTSIDE_PREFIX, UNDER_PREFIX, _under, lifespan
from algomancy_api.http.router import ApiRouter

#: An app that is not shutting down.
AT_WORK = SimpleNamespace(state=SimpleNamespace(sessions=SimpleNamespace(is_stopping=False)))

WORDS = sorted(
    {
        part
        for route in [*UNDER_PREFIX, *OUTSIDE_PREFIX]
        for part in route.path.split("/")[1:]
        if part[:1] not in ("", "{")
    }
)
PREFIXES = ["/api/v1", "", "/a%25b/sessions"]


async def endpoint(request: Request) -> Response:
    """Respond with the route that was found and its parameters; each route has its own name."""
    found = request.scope["route"]
    return Response(repr((found.path, sorted(found.methods), request.path_params, request.scope["endpoint"])))


def own(prefix: str) -> list[Route]:
    """The package's own routes, each leading to the endpoint above."""
    routes = [Route(route.path, endpoint, methods=route.methods) for route in UNDER_PREFIX]
    return [
        *(_under(prefix, route) for route in routes),
        *(Route(r.path, endpoint, methods=r.methods) for r in OUTSIDE_PREFIX),
    ]


def overlapping(_prefix: str) -> list[Route]:
    """Routes of which two fit many a path: the earlier one counts."""
    paths = ["/sessions/{a}/data", "/sessions/main/{b}", "/{c}/main/data", "/sessions/main/data", "/{d}/{e}/{f}"]
    return [_under("", Route(path, endpoint, methods=[method])) for path in paths for method in ("GET", "POST")]


def to_the_end(routes: Sequence[BaseRoute]) -> list[BaseRoute]:
    """Routes whose patterns match whole paths: Starlette's end in a ``$``, which is also before a last newline."""
    for route in routes:
        assert isinstance(route, Route | Mount)
        route.path_regex = re.compile(route.path_regex.pattern.removesuffix("$") + r"\Z")
    return list(routes)


def others() -> list[BaseRoute]:
    """Routes that are not the package's own."""
    return [
        Route("/openapi.json", endpoint), Route("/sessions/main/{a}/{b:int}", endpoint, methods=["POST"]),
        Mount("/docs", routes=[Route("/x", endpoint)]),
    ]  # fmt: skip


def last() -> list[Route]:
    """A route that fits where others do, too."""
    return [Route("/sessions/main/{a}/{b}", endpoint)]


ROUTERS = [
    (
        prefix,
        ApiRouter(table(prefix), others(), lifespan, last()),
        Router(to_the_end([*table(prefix), *others(), *last()])),
    )
    for prefix in PREFIXES
    for table in (own, overlapping)
]

parts = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(["", "main", "a%2Fb", "%25", "..", "ü", "\n", "{session_id}"]),
    st.text(max_size=4),
)
paths = st.one_of(
    st.lists(parts, max_size=6).map(lambda names: "/" + "/".join(names)),
    st.sampled_from([route.path for route in [*UNDER_PREFIX, *OUTSIDE_PREFIX]]).flatmap(
        lambda path: st.lists(parts, min_size=2, max_size=2).map(
            lambda names: path.replace("{session_id}", names[0]).replace("{data_key}", names[1])
        )
    ),
)
methods = st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])


@given(st.sampled_from(ROUTERS), st.sampled_from(["", "/tools"]), paths, methods)
def test_finds_what_starlette_finds(routers: Any, root: str, path: str, method: str) -> None:
    prefix, dispatcher, router = routers
    for inside in (path, prefix + path):
        assert answer(dispatcher, root, inside, method) == answer(router, root, inside, method)


@given(st.sampled_from(ROUTERS), st.sampled_from(["", "/tools"]), paths, methods)
def test_says_beforehand_to_which_route_it_will_pass_a_request(routers: Any, root: str, path: str, method: str) -> None:
    prefix, dispatcher, _ = routers
    for inside in (path, prefix + path):
        scope = request(root, inside, method)
        destination = dispatcher.find(scope)
        [start, *_] = messages(dispatcher, scope)
        if destination.route is None:
            assert start["status"] in (307, 404, 405)
        else:
            assert isinstance(destination.route, Mount) or scope["route"] is destination.route


def answer(router: Router, root: str, path: str, method: str) -> list[Any]:
    """Every message that a router sends in answer to a request."""
    return messages(router, request(root, path, method))


def request(root: str, path: str, method: str) -> Any:
    return {
        "type": "http", "method": method, "path": root + path, "root_path": root, "headers": [], "query_string": b"",
        "path_params": {"room": "blue"}, "server": ("host", 80), "scheme": "http", "app": AT_WORK,
    }  # fmt: skip


def messages(router: Router, scope: Any) -> list[Any]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    try:
        anyio.run(router, scope, receive, send)
    except HTTPException as error:  # which an app answers
        sent.append({"status": error.status_code})
    return sent
