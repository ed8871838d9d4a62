"""The access that is checked belongs to the endpoint that responds, however the path is spelled."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, get_args
from urllib.parse import unquote

import anyio
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, Router

from algomancy_api import ApiLauncher, operation
from algomancy_api.auth.tokens import ACCESSES, Access
from algomancy_api.openapi.operation import OPEN, Needed, needed_for
from algomancy_api.routes import root

from ...conftest import API
from ...support import wiring
from ...support.clients import AppClient
from ...support.identities import TOKENS, bearer, protected
from ..hosts import mounting

#: By access: the levels that are enough for it.
ENOUGH: dict[Needed, set[str]] = {OPEN: {"nobody", *ACCESSES}} | {
    access: set(ACCESSES[number:]) for number, access in enumerate(ACCESSES)
}


def endpoint(access: Needed | None = None) -> Callable[..., Any]:
    """A host's own endpoint, which says what it takes to send it a request, or leaves that to the method."""

    async def answer(_request: Request) -> Response:
        return Response()

    said = operation("Answer", returns={200: "It is answered."}, access=access)
    return answer if access is None else said(answer)


HOSTS_OWN = [
    Route("/open", endpoint(OPEN), methods=["POST"]),
    Route("/own/{thing}/admin", endpoint("admin")),
    Route("/own/{thing}/read", endpoint("read"), methods=["POST"]),
    Route("/own/{rest:path}", endpoint("admin"), methods=["PUT"]),
    Route("/own/{number:int}", endpoint()),
]

MOUNTED = [
    Mount("/tools", routes=[Route("/secret", endpoint("admin")), Route("/all/{x}", endpoint(OPEN), methods=["POST"])]),
    Mount("/deep", app=Router([Mount("/er", routes=[Route("/secret", endpoint("admin"), methods=["POST"])])])),
    Mount("/app", app=Starlette(routes=[Route("/x", endpoint(), methods=["GET", "POST"])])),
]


@dataclass
class Reached:
    """Which endpoint a request has reached, in place of what it does."""

    endpoints: list[Any] = field(default_factory=list)
    replaced: list[tuple[Route | Mount, dict[str, Any]]] = field(default_factory=list)

    def record(self, routes: list[BaseRoute]) -> None:
        """Have the endpoints of routes noted instead of called."""
        for route in routes:
            if isinstance(route, Mount) and type(route.app) is Router:
                self.record(route.app.routes)
            elif isinstance(route, Route | Mount):
                self._record(route)

    def restore(self) -> None:
        """Have the endpoints called again."""
        for route, attributes in self.replaced:
            vars(route).update(attributes)

    def _record(self, route: Route | Mount) -> None:
        reached = route.endpoint if isinstance(route, Route) else route.app
        self.replaced.append((route, dict(vars(route))))

        async def note(request: Request) -> Response:
            self.endpoints.append(reached)
            return Response()

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await (await note(Request(scope)))(scope, receive, send)

        route.app = app
        if isinstance(route, Route):
            note.__dict__.update(vars(reached))
            route.endpoint = note


@pytest.fixture(scope="module")
def recorded() -> Iterator[tuple[Starlette, Reached]]:
    """The wiring's app behind the guard, with routes and mounts of a host's own, whose endpoints are noted."""
    app = ApiLauncher.build(wiring.configuration(tokens=TOKENS, metrics=True), routes=HOSTS_OWN)
    app.router.routes.extend(MOUNTED)
    reached = Reached()
    reached.record([*app.router.routes, *root.ROUTES])
    yield app, reached
    reached.restore()  # routes beside the prefix are those of every app
    app.state.session_manager.shutdown()


PATHS = [
    "/", "/health", "/ready", "/openapi.json", "/docs", "/docs/page/start.js", "/metrics",
    "/console", "/console/files/console.js", f"{API}/sessions",
    *(f"{API}/sessions/main{rest}" for rest in (
        "", "/copy", "/scenarios", "/scenarios/1", "/scenarios/1/run", "/scenarios/1/status", "/scenarios/run",
        "/data", "/data/from-json", "/data/items", "/data/items/derive", "/etl", "/kpis", "/events", "/queue",
    )),
    *(f"{API}{path}" for path in ("/open", "/own/x/admin", "/own/x/read", "/own/x/y/z", "/own/7")),
    "/tools/secret", "/tools/all/x", "/deep/er/secret", "/app/x",
]  # fmt: skip

INSERTED = ["%0A", "%0D", "%00", "%2F", "/", "//", "/.", "/..", ";", "%20", "%25", "?", "%3F", "#", "é", "%C2%85", "\n"]

#: How a host has the app, if it does, and under which path.
PLACES: list[tuple[mounting.Mounting | None, str]] = [
    *((None, root) for root in ("", "/x", "/api", "/tools", "/x\n")),
    *((host, mount) for host in mounting.TELLING for mount in ("/x/y", "/docs/page", "/tools/all")),
]

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "get", "post", "POST\n", "PROPFIND", ""]


@st.composite
def spellings(draw: st.DrawFn) -> str:
    """A path of the app's, spelled in another way."""
    path = draw(st.sampled_from(PATHS))
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(path)) | st.just(len(path)))
        match draw(st.sampled_from(["insert", "insert", "encode", "case", "repeat", "delete"])):
            case "insert":
                path = path[:place] + draw(st.sampled_from(INSERTED)) + path[place:]
            case "encode":
                path = path[:place] + "".join(f"%{ord(one) % 256:02X}" for one in path[place:][:1]) + path[place + 1 :]
            case "case":
                path = path[:place] + path[place:].swapcase()
            case "repeat":
                path += draw(st.sampled_from(PATHS))
            case _:
                path = path[:place] + path[place + 1 :]
    return path if path.startswith("/") else f"/{path}"


def answer(app: Any, scope: dict[str, Any]) -> int:
    """The status of the answer to a request."""
    statuses: list[int] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        statuses.append(message.get("status", 0))

    anyio.run(app, scope, receive, send)
    return statuses[0]


@given(
    path=spellings(),
    method=st.sampled_from(METHODS),
    level=st.sampled_from(["nobody", *ACCESSES]),
    place=st.sampled_from(PLACES),
)
@example(path=f"{API}/sessions%0A", method="POST", level="write", place=PLACES[0])
@example(path=f"{API}/sessions/main/copy%0A", method="POST", level="write", place=PLACES[0])
@example(path=f"{API}/own/x/admin%0A", method="GET", level="read", place=PLACES[0])
@example(path="/tools/secret%0A", method="GET", level="read", place=PLACES[0])
@example(path="/deep/er/secret", method="POST", level="write", place=PLACES[0])
def test_what_a_request_takes_is_what_its_endpoint_takes(
    recorded: tuple[Starlette, Reached], path: str, method: str, level: str, place: tuple[Any, str]
) -> None:
    (app, reached), (host, mount) = recorded, place
    reached.endpoints.clear()
    raw = (mount + path).partition("?")[0]
    scope = {
        "type": "http", "method": method, "path": unquote(raw), "raw_path": raw.encode(), "query_string": b"",
        "root_path": "" if host else mount, "server": ("test", 80), "client": ("127.0.0.1", 1), "scheme": "http",
        "headers": [(name.lower().encode(), value.encode()) for name, value in bearer(level).items()],
    }  # fmt: skip
    status = answer(host(app, mount) if host else app, scope)
    if reached.endpoints:
        [endpoint] = reached.endpoints
        assert level in ENOUGH[needed(endpoint, method)]
    elif level == "nobody":
        # Strangers learn nothing of what is not reached: they are asked for a token, by this app or by its host.
        assert status in (401, 404 if host else 401)


#: The endpoints of pages and of the document, which the document does not have.
_OF_PAGES = ("get_openapi_document", "get_docs_page", "get_console")


def needed(endpoint: Any, method: str) -> Needed:
    """The access that an endpoint takes, as its declaration has it."""
    if getattr(endpoint, "__name__", "") in _OF_PAGES or hasattr(endpoint, "directory"):
        return OPEN
    return needed_for(endpoint, method)


@pytest.mark.parametrize("rest", ["", "/main/copy", "/main/scenarios", "/main/scenarios/x/run"])
@pytest.mark.parametrize("ending", ["%0A", "%0a", "%0D%0A", "%0A%0A"])
@pytest.mark.parametrize("level", [*get_args(Access.__value__)])
def test_a_path_with_a_newline_at_its_end_is_none(rest: str, ending: str, level: str) -> None:
    with protected() as client:
        before = state(client)
        body = {"display_name": "new", "new_display_name": "new", "tag": "t", "dataset_key": "d", "algo_name": "a"}
        answered = client.post(f"{API}/sessions{rest}{ending}", json=body, headers=bearer(level))
        assert answered.status_code == (403 if level == "read" else 404)
        assert client.get(f"{API}/sessions{ending}", headers=bearer(level)).status_code == 404
        assert state(client) == before


def state(client: AppClient) -> Any:
    """What there is, as an admin sees it."""
    return client.get(f"{API}/sessions", headers=bearer("admin")).json()
