"""Exceptions in a host's handlers become the documented errors; a duplicate route is rejected."""

import logging
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from algomancy_data import ETLConstructionError
from algomancy_utils.baseparameterset import ParameterError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send

from algomancy_api import ApiLauncher
from algomancy_api.http.errors import EXCEPTION_HANDLERS, ExceptionLayer

from ...conftest import API
from ...support import wiring
from ...support.asgi import exchange
from ...support.clients import PATIENCE, calling, serving
from ...support.errors import assert_error


class Odd(ValueError):
    """A subclass follows its base."""


CAUSES: list[tuple[BaseException, int, str]] = [
    (ValueError("too small"), 400, "too small"),
    (Odd("too odd"), 400, "too odd"),
    (ParameterError("no such parameter"), 400, "no such parameter"),
    (ETLConstructionError("no such extension"), 400, "no such extension"),
    (AssertionError("wrong state"), 409, "wrong state"),
    (AssertionError(), 409, "Conflict"),
    (HTTPException(418, "a teapot"), 418, "a teapot"),
    (HTTPException(401, headers={"WWW-Authenticate": "Bearer"}), 401, "Unauthorized"),
    (HTTPException(405), 405, "Method Not Allowed"),
    (KeyError("secret"), 500, "Internal server error"),
    (RuntimeError("secret"), 500, "Internal server error"),
    (OSError(5, "secret"), 500, "Internal server error"),
    (SystemExit("secret"), 500, "Internal server error"),
    (StopIteration("secret"), 500, "Internal server error"),
    (ExceptionGroup("secret", [ValueError("secret")]), 500, "Internal server error"),
]


def on_the_loop(cause: BaseException) -> Callable[..., Any]:
    async def handler(_request: Request) -> Response:
        raise cause

    return handler


def on_a_thread(cause: BaseException) -> Callable[..., Any]:
    def handler(_request: Request) -> Response:
        raise cause

    return handler


@pytest.mark.parametrize("kind", [on_the_loop, on_a_thread])
@pytest.mark.parametrize("mount", ["", "/x"])
def test_what_a_handler_raises_follows_the_table(
    kind: Callable[[BaseException], Callable[..., Any]], mount: str, caplog: pytest.LogCaptureFixture
) -> None:
    routes = [Route(f"/own/{number}", kind(cause)) for number, (cause, _, _) in enumerate(CAUSES)]
    app = ApiLauncher.build(wiring.configuration(), routes=routes)
    with calling(Mount(mount, app)) as client:
        for number, (cause, status, says) in enumerate(CAUSES):
            caplog.clear()
            response = client.get(f"{mount}{API}/own/{number}")
            assert_error(response, status)
            assert response.json() == {"detail": says}
            tracebacks = [record for record in caplog.records if record.levelno == logging.ERROR and record.exc_info]
            assert len(tracebacks) == (status == 500), cause
        assert client.get(f"{mount}{API}/own/7").headers["www-authenticate"] == "Bearer"
        assert client.get(f"{mount}{API}/own/8").headers["allow"] == "GET, HEAD"
    app.state.session_manager.shutdown()


async def half_an_answer(_request: Request) -> Response:
    return JSONResponse({"value": object()})


def test_the_connection_stays_usable() -> None:
    handlers = [on_the_loop(RuntimeError()), on_a_thread(KeyError()), half_an_answer]
    routes = [Route(f"/own/{number}", handler) for number, handler in enumerate(handlers)]
    app = ApiLauncher.build(wiring.configuration(), routes=routes)
    with serving(app) as url, httpx.Client(base_url=url, timeout=PATIENCE) as client:
        streams = set()
        for number in [*range(len(handlers))] * 2:
            response = client.get(f"{API}/own/{number}")
            assert_error(response, 500, "Internal server error")
            streams.add(response.extensions["network_stream"].get_extra_info("client_addr"))
        assert len(streams) == 1
    app.state.session_manager.shutdown()


async def half_an_answer_then_an_error(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise ValueError("too late")


def test_an_answer_that_has_begun_has_no_second_beginning() -> None:
    sent = exchange(ExceptionLayer(half_an_answer_then_an_error, EXCEPTION_HANDLERS))
    assert [message["type"] for message in sent.messages] == ["http.response.start"]
    assert str(sent.error) == "too late"


def test_a_host_answers_what_it_has_a_handler_for() -> None:
    async def odd(request: Request, error: Any) -> Response:
        return JSONResponse({"odd": str(error), "path": request.url.path}, 422)

    async def missing(_request: Request, error: Any) -> Response:
        return JSONResponse({"missing": error.detail}, 404)

    app = ApiLauncher.build(wiring.configuration(), routes=[Route("/own/odd", on_a_thread(Odd("too odd")))])
    app.add_exception_handler(Odd, odd)
    app.add_exception_handler(404, missing)
    with calling(app) as client:
        response = client.get(f"{API}/own/odd")
        assert (response.status_code, response.json()) == (422, {"odd": "too odd", "path": f"{API}/own/odd"})
        assert client.get("/nowhere").json() == {"missing": "Not Found"}
    app.state.session_manager.shutdown()


# Routes that cannot be -----------------------------------------------------------------------------------------


async def never(_request: Request) -> Response:
    raise NotImplementedError


class Anything:
    """An ASGI application, which takes every method."""

    async def __call__(self, *_arguments: Any) -> None:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("route", "prefix"),
    [
        (Route("/sessions", never), "/api/v1"),
        (Route("/sessions", never, methods=["PUT", "POST"]), "/api/v1"),
        (Route("/sessions", never, methods=["HEAD"]), "/api/v1"),
        (Route("/sessions/{other}", never, methods=["DELETE"]), "/api/v1"),
        (Route("/sessions/{number:int}", never, methods=["DELETE"]), "/api/v1"),
        (Route("/sessions/special", never, methods=["PATCH"]), "/api/v1"),
        (Route("/sessions/{a}/data/{b}/derive", never, methods=["POST"]), "/é"),
        (Route("/sessions/{session_id}/etl", Anything()), "/api/v1"),
        (Route("/health", never), "/"),
        (Route("/openapi.json", never), "/"),
        (Route("/docs", never), "/"),
        (Route("/docs/swagger-ui/own.css", never), "/"),
        (Route("/page/start.js", never), "/docs"),
    ],
)
def test_a_route_that_is_taken_is_refused(route: Route, prefix: str) -> None:
    with pytest.raises(ValueError, match=rf"^the route '.*{route.path}' is taken: the API has its own, '\w+'"):
        ApiLauncher.build(wiring.configuration(prefix=prefix), routes=[route])


@pytest.mark.parametrize(
    ("route", "prefix"),
    [
        (Route("/sessions", never, methods=["PUT"]), "/api/v1"),
        (Route("/sessions/{session_id}/copy", never), "/api/v1"),
        (Route("/sessions/{rest:path}", never, methods=["DELETE"]), "/api/v1"),
        (Route("/health", never), "/api/v1"),
        (Route("/{anything:path}", never), "/"),
        (Route("/", never), "/"),
    ],
)
def test_a_route_that_is_free_takes_nothing_away(route: Route, prefix: str) -> None:
    app = ApiLauncher.build(wiring.configuration(prefix=prefix), routes=[route])
    root = prefix.rstrip("/")
    with calling(app) as client:
        for path in ("/health", "/docs", "/openapi.json", "/docs/page/start.js", f"{root}/sessions"):
            assert client.get(path).status_code == 200
        assert client.delete(f"{root}/sessions/main").status_code == 200
    app.state.session_manager.shutdown()


@pytest.mark.parametrize("other", [Mount("/own", routes=[]), WebSocketRoute("/own", never), never, "/own"])
def test_what_is_no_route_is_refused(other: Any) -> None:
    with pytest.raises(TypeError, match=f"starlette.routing.Route; got {type(other).__name__}"):
        ApiLauncher.build(wiring.configuration(), routes=[other])
