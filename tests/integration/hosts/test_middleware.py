"""Middleware of a host: it sees every request, and its exceptions are a 500 like any other."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from algomancy_api import ApiLauncher, get_session_manager

from ...conftest import API
from ...support import wiring
from ...support.clients import PATIENCE, AppClient, calling, serving
from ...support.errors import assert_error
from . import journeys

PAGE = "https://page.example"


@contextmanager
def wrapped(*middleware: Middleware, mount: str = "", **options: Any) -> Iterator[AppClient]:
    """A client of the wiring's app with middleware of a host's own, mounted if so told."""
    routes = options.pop("routes", ())
    app = ApiLauncher.build(wiring.configuration(**options), routes=routes, middleware=middleware)
    with calling(Mount(mount, app)) as client:
        client.declared_only = False  # the middleware answers as it likes
        yield client
    app.state.session_manager.shutdown()


class Tagging:
    """Notes each request, lets the handlers know, and puts a header on each answer."""

    def __init__(self, app: ASGIApp, tag: str, seen: list[str]) -> None:
        self.app = app
        self.tag = tag
        self.seen = seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        self.seen.append(f"{self.tag} {scope['method']} {scope['path']}")
        scope.setdefault("state", {})["tag"] = self.tag

        async def tagged(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append((b"x-tag", self.tag.encode()))
            await send(message)

        await self.app(scope, receive, tagged)


class Raising:
    """Raises: before there is an answer, or in the middle of it."""

    def __init__(self, app: ASGIApp, error: Exception, in_the_middle: bool = False) -> None:
        self.app = app
        self.error = error
        self.in_the_middle = in_the_middle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.in_the_middle:
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})
        raise self.error


class Guarding:
    """Answers by itself unless the request has a key."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and Request(scope).headers.get("x-key") != "right":
            await PlainTextResponse("no key", 401)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


async def fail(_request: Request) -> Response:
    raise RuntimeError("on purpose")


async def tell(request: Request) -> Response:
    return JSONResponse([request.state.tag, len(get_session_manager(request).list_sessions())])


REQUESTS = [
    ("GET", "/health", 200),
    ("GET", "/docs", 200),
    ("GET", "/docs/page/start.js", 200),
    ("GET", "/openapi.json", 200),
    ("GET", f"{API}/sessions", 200),
    ("POST", f"{API}/sessions", 422),
    ("GET", f"{API}/sessions/no-such/data", 404),
    ("GET", "/nowhere", 404),
    ("PUT", f"{API}/sessions", 405),
    ("GET", "/health/", 307),
    ("GET", f"{API}/fail", 500),
    ("GET", f"{API}/tell", 200),
]


@pytest.mark.parametrize("mount", ["", "/x"])
def test_it_sees_every_request_and_every_answer(mount: str) -> None:
    seen: list[str] = []
    routes = [Route("/fail", fail), Route("/tell", tell)]
    with wrapped(Middleware(Tagging, "a", seen=seen), mount=mount, routes=routes) as client:
        for method, path, status in REQUESTS:
            response = client.request(method, mount + path)
            assert response.status_code == status
            # A 500 is made outside of it, so that it also is one if the middleware itself fails.
            assert response.headers.get("x-tag") == ("a" if status != 500 else None)
        assert seen == [f"a {method} {mount}{path}" for method, path, _ in REQUESTS]
        assert client.get(f"{mount}{API}/tell").json() == ["a", 1]


def test_the_first_is_the_outermost() -> None:
    seen: list[str] = []
    with wrapped(Middleware(Tagging, "a", seen), Middleware(Tagging, "b", seen)) as client:
        response = client.get("/health")
    assert seen == ["a GET /health", "b GET /health"]
    assert response.headers.get_list("x-tag") == ["b", "a"]


def test_everything_works_through_it() -> None:
    with wrapped(Middleware(Tagging, "a", [])) as client:
        journeys.every_route(client, "")
        journeys.every_page(client, "")
        journeys.assert_errors_as_everywhere(client, "")
        journeys.assert_redirects_stay(client, "")


ERRORS = [ValueError("secret"), AssertionError("secret"), HTTPException(401, "secret"), KeyError("secret")]


@pytest.mark.parametrize("error", ERRORS)
def test_what_it_raises_is_a_500(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    with wrapped(Middleware(Raising, error), cors_origins=[PAGE]) as client:
        for path in ("/health", "/docs", f"{API}/sessions", "/nowhere"):
            caplog.clear()
            response = client.get(path, headers={"Origin": PAGE})
            assert_error(response, 500)
            assert response.json() == {"detail": "Internal server error"}
            assert response.headers["access-control-allow-origin"] == PAGE
            [record] = [record for record in caplog.records if record.levelno == logging.ERROR]
            assert record.exc_info is not None
            assert record.exc_info[1] is error


def test_half_an_answer_closes_the_connection_and_the_server_goes_on() -> None:
    middleware = Middleware(Raising, RuntimeError("on purpose"), in_the_middle=True)
    app = ApiLauncher.build(wiring.configuration(), middleware=[middleware])
    with serving(app) as url, httpx.Client(base_url=url, timeout=PATIENCE) as client:
        for _ in range(2):
            with pytest.raises(httpx.RemoteProtocolError):
                client.get("/health")
    app.state.session_manager.shutdown()


def test_its_own_answers_stand_and_a_page_can_read_them() -> None:
    with wrapped(Middleware(Guarding), cors_origins=[PAGE]) as client:
        for path in ("/health", "/nowhere", f"{API}/sessions"):
            response = client.get(path, headers={"Origin": PAGE})
            assert (response.status_code, response.text) == (401, "no key")
            assert response.headers["access-control-allow-origin"] == PAGE
        assert client.get("/health", headers={"X-Key": "right"}).status_code == 200
        # A browser asks before it sends a key.
        asked = {"Origin": PAGE, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "x-key"}
        assert client.request("OPTIONS", "/health", headers=asked).status_code == 200


def test_each_request_is_in_the_log_whatever_the_middleware_does(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "algomancy_api")
    for middleware, status in ((Middleware(Guarding), 401), (Middleware(Raising, ValueError()), 500)):
        caplog.clear()
        with wrapped(middleware) as client:
            client.get("/health")
        lines = [record.getMessage() for record in caplog.records if record.levelno == logging.INFO]
        assert [line.rpartition(" ms")[0].rpartition(" ")[0] for line in lines if "/health" in line] == [
            f"GET /health {status}"
        ]
