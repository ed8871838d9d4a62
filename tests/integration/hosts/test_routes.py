"""Routes of a host: their paths, the requests that they get, and their own middleware."""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import pytest
from starlette.endpoints import HTTPEndpoint
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from algomancy_api import ApiLauncher, get_scenario_manager, get_session_manager, operation

from ...conftest import API, upload_items
from ...support import wiring
from ...support.clients import AppClient, calling
from ...support.errors import assert_error


@contextmanager
def extended(*routes: Route, mount: str = "", **overrides: Any) -> Iterator[AppClient]:
    """A client of the wiring's app with routes of a host's own, mounted if so told."""
    app = ApiLauncher.build(wiring.configuration(**overrides), routes=routes)
    with calling(Mount(mount, app)) as client:
        yield client
    app.state.session_manager.shutdown()


def echo(request: Request) -> Response:
    """What a handler sees of its request; on a worker thread, since it is no coroutine."""
    return JSONResponse([request.method, request.path_params])


async def echo_on_the_loop(request: Request) -> Response:
    return JSONResponse([request.method, request.path_params])


class Echo(HTTPEndpoint):
    def get(self, request: Request) -> Response:
        return echo(request)

    async def put(self, request: Request) -> Response:
        return echo(request)


class BareEcho:
    """An ASGI application."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await echo(Request(scope, receive))(scope, receive, send)


ENDPOINTS: list[Any] = [echo, echo_on_the_loop, Echo, BareEcho(), functools.partial(echo)]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize(("prefix", "address"), [("/api/v1", API), ("/", ""), ("/é", "/%C3%A9")])
@pytest.mark.parametrize("mount", ["", "/x"])
def test_a_route_stands_under_the_prefix(endpoint: Any, prefix: str, address: str, mount: str) -> None:
    with extended(Route("/own/{name}/{number:int}", endpoint), mount=mount, prefix=prefix) as client:
        assert client.get(f"{mount}{address}/own/one/2").json() == ["GET", {"name": "one", "number": 2}]
        assert client.get(f"{mount}{address}/sessions").status_code == 200
        assert_error(client.get(f"{mount}/own/one/2") if address else client.get("/x/own/one/two"), 404)


@pytest.mark.parametrize("name", ["a/b", "é", "100%41", "a b?#"])
def test_a_name_comes_decoded_once(name: str) -> None:
    written = name.encode().hex("%")
    with extended(Route("/own/{name}", echo), Route("/files/{rest:path}", echo)) as client:
        assert client.get(f"{API}/own/%{written}").json()[1] == {"name": name}
        assert client.get(f"{API}/files/x/%{written}/y").json()[1] == {"rest": f"x/{name}/y"}


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_a_route_may_have_any_method(method: str) -> None:
    with extended(Route("/own", echo, methods=[method])) as client:
        response = client.request(method, f"{API}/own")
        assert response.status_code == 200
        assert method == "HEAD" or response.json()[0] == method
        assert_error(client.request("PROPFIND", f"{API}/own"), 405)


@pytest.mark.parametrize("endpoint", [echo, Echo])
def test_a_path_may_have_methods_of_the_hosts_beside_the_apis(endpoint: Any) -> None:
    methods = None if endpoint is Echo else ["GET", "PUT"]
    with extended(Route("/sessions/{session_id}/copy", endpoint, methods=methods)) as client:
        assert client.get(f"{API}/sessions/a%2Fb/copy").json() == ["GET", {"session_id": "a/b"}]
        assert client.request("PUT", f"{API}/sessions/main/copy").json()[0] == "PUT"
        assert client.post(f"{API}/sessions/main/copy", json={"new_display_name": "other"}).status_code == 201
        response = client.patch(f"{API}/sessions/main/copy")
        assert_error(response, 405)
        assert response.headers["allow"] == "GET, HEAD, POST, PUT"


class Refusing:
    """Middleware of one route: what it refuses must not come through."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("not you", 403)(scope, receive, send)


async def length(request: Request) -> Response:
    return JSONResponse(len(await request.body()))


def test_a_route_keeps_its_own_middleware_and_limit() -> None:
    guarded = Route("/guarded", echo, middleware=[Middleware(Refusing)])
    limited = Route("/limited", length, methods=["POST"], max_body_size=10)
    with extended(guarded, limited) as client:
        response = client.get(f"{API}/guarded")
        assert (response.status_code, response.text) == (403, "not you")
        assert client.post(f"{API}/limited", content=b"x" * 10).json() == 10
        assert client.post(f"{API}/limited", content=b"x" * 11).status_code == 413


def test_one_route_may_be_given_to_several_apps() -> None:
    route = Route("/own/{name}", echo, name="own")
    before = dict(vars(route))
    for prefix in ("/one", "/two"):
        with extended(route, prefix=prefix) as client:
            assert client.get(f"{prefix}/own/x").json()[1] == {"name": "x"}
    assert vars(route) == before


def test_a_route_is_in_the_document_if_it_says_something() -> None:
    described = operation("Say hello", returns={200: dict[str, str]}, tags=("own",))(echo_on_the_loop)
    with extended(Route("/hello", described, name="say_hello"), Route("/silent", echo)) as client:
        paths = client.get("/openapi.json").json()["paths"]
        assert paths[f"{API}/hello"]["get"]["operationId"] == "sayHello"
        assert f"{API}/silent" not in paths


# The managers --------------------------------------------------------------------------------------------------


async def count_sessions(request: Request) -> Response:
    return JSONResponse(len(get_session_manager(request).list_sessions()))


async def list_tags(request: Request) -> Response:
    manager = get_scenario_manager(request)
    scenarios = await anyio.to_thread.run_sync(manager.list_summaries)
    return JSONResponse([record.tag for record in scenarios])


def list_data(request: Request) -> Response:
    return JSONResponse(get_scenario_manager(request).get_data_keys())


@pytest.mark.parametrize("mount", ["", "/x/y"])
def test_a_handler_reaches_the_managers_by_id_and_by_name(mount: str) -> None:
    routes = (
        Route("/count", count_sessions),
        Route("/sessions/{session_id}/tags", list_tags),
        Route("/sessions/{session_id}/keys", list_data),
    )
    with extended(*routes, mount=mount) as client:
        sessions = f"{mount}{API}/sessions"
        assert client.get(f"{mount}{API}/count").json() == 1
        client.post(sessions, json={"display_name": "a/b"})
        assert client.get(f"{mount}{API}/count").json() == 2
        upload_items(client, f"{sessions}/a%2Fb")
        session_id = client.get(sessions).json()["sessions"][1]["id"]
        for address in ("a%2Fb", session_id):
            assert client.get(f"{sessions}/{address}/tags").json() == []
            assert client.get(f"{sessions}/{address}/keys").json() == ["items"]
        for path in ("tags", "keys"):
            assert_error(client.get(f"{sessions}/no%2Fsuch/{path}"), 404, "Session 'no/such' not found")
