"""Authorization: 401 and 403, for any spelling of a path."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import anyio
import msgspec
import pytest
from starlette.applications import Starlette
from starlette.authentication import AuthCredentials, AuthenticationBackend, BaseUser, SimpleUser, UnauthenticatedUser
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from algomancy_api import ApiLauncher

from ..conftest import API
from ..integration.hosts import mounting
from ..integration.hosts.test_middleware import Tagging
from ..support import wiring
from ..support.clients import calling
from ..support.errors import assert_error
from ..support.identities import TOKENS, bearer, protected

SECRET = bearer("read")["Authorization"].removeprefix("Bearer ")

OPEN = [
    "/", "/health", "/ready", "/openapi.json", "/docs", "/docs/page/start.js", "/docs/swagger-ui/swagger-ui-bundle.js",
]  # fmt: skip

#: What looks like an open path and is none, and what is none at all.
CLOSED = [
    f"{API}/sessions", f"{API}/sessions/main/data", f"/health/..{API}/sessions", f"/docs/..{API}/sessions",
    "/health/", "/health/x", "/health%2F", "/HEALTH", "//health", "/health;x", "/health%00", "/x/health",
    f"{API}/health", "/docs/", "/docs/x", "/docs/page", "/openapi.json/", "/nowhere", API, f"{API}/sessions/",
    f"/{API}/sessions", f"{API}//sessions", f"{API}/%73essions", f"{API}/sessions%2Fmain/data",
    f"{API}/sessions/main%2F..%2F..%2F..%2F..%2Fhealth", f"{API}/sessions/%2E%2E/health", f"{API}/../../health/data",
]  # fmt: skip

#: Below a folder of the page, which has no other files than its own, whatever comes after it.
NO_FILES = [
    "/docs/page/", f"/docs/page/..{API}/sessions", f"/docs/page/../..{API}/sessions", "/docs/page/../../health",
    f"/docs/page/%2E%2E/%2E%2E{API}/sessions", f"/docs/swagger-ui/..%2F..%2F..{API}/sessions",
    "/docs/page/..%2F..%2Fapplication.py",
]  # fmt: skip


@pytest.fixture(scope="module")
def app() -> Iterator[Starlette]:
    """The wiring's app behind the guard."""
    app = ApiLauncher.build(wiring.configuration(tokens=TOKENS))
    yield app
    app.state.session_manager.shutdown()


def status(app: ASGIApp, path: str, method: str = "GET", *headers: tuple[str, str]) -> int:
    """The status of the answer to a request that no client library has tidied up."""
    return anyio.run(begun, app, path, method, *headers)


async def begun(app: ASGIApp, path: str, method: str, *headers: tuple[str, str]) -> int:
    """The same, on a loop that runs; what comes after the status is not waited for."""
    scope = {
        "type": "http", "method": method, "path": unquote(path), "raw_path": path.encode(), "root_path": "",
        "query_string": b"", "server": ("test", 80), "client": ("127.0.0.1", 1), "scheme": "http",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers],
    }  # fmt: skip
    sent: list[Any] = []

    incoming = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Any:
        if not incoming:
            await anyio.sleep_forever()
        return incoming.pop()

    async def send(message: Any) -> None:
        sent.append(message)
        cancel_scope.cancel()

    with anyio.CancelScope() as cancel_scope:
        await app(scope, receive, send)
    found: int = sent[0]["status"]
    return found


PLACES = [
    *((host, "/x/y") for host in mounting.TELLING),
    *(
        (host, mount)
        for host in (mounting.starlette_mount, mounting.dispatcher_of_path)
        for mount in ("/health", "/docs")
    ),
    (lambda app, _: app, ""),
]


@pytest.mark.parametrize(("host", "mount"), PLACES)
def test_strangers_get_what_is_open_and_nothing_else(app: Starlette, host: mounting.Mounting, mount: str) -> None:
    hosted = host(app, mount)
    assert {path: status(hosted, mount + path) for path in OPEN} == dict.fromkeys(OPEN, 200)
    assert {path: status(hosted, mount + path) for path in CLOSED} == dict.fromkeys(CLOSED, 401)
    assert {status(hosted, mount + path) for path in NO_FILES} <= {401, 404, 405}


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PROPFIND", "TRACE", "get", ""])
def test_no_method_gets_around(app: Starlette, method: str) -> None:
    assert {status(app, path, method) for path in CLOSED} == {401}
    assert {status(app, path, method) for path in NO_FILES} <= {401, 404, 405}
    if method != "HEAD":
        assert {status(app, path, method) for path in ("/health", "/docs", "/openapi.json")} == {401}


@pytest.mark.parametrize(("path", "found"), [("/nowhere", 404), ("/health/", 307), (f"{API}/sessions/main/etl", 405)])
def test_who_is_known_finds_what_is_there(app: Starlette, path: str, found: int) -> None:
    assert status(app, path, "GET", *bearer("read").items()) == found
    assert status(app, path, "PUT", *bearer("read").items()) == 403
    assert status(app, path, "PUT", *bearer("write").items()) == (404 if found == 404 else 307 if found == 307 else 405)


@pytest.mark.parametrize("name", ["Authorization", "AUTHORIZATION"])
@pytest.mark.parametrize("value", [f"Bearer {SECRET}", f"bearer {SECRET}", f"BEARER  {SECRET} "])
def test_a_token_comes_in_the_header(app: Starlette, name: str, value: str) -> None:
    assert status(app, f"{API}/sessions", "GET", (name, value)) == 200


BAD = [
    f"Bearer {SECRET}x", f"Bearer {SECRET[:-1]}", f"Bearer {SECRET.upper()}", f"Bearer {SECRET} {SECRET}", "Bearer",
    "Bearer ", f"Bearer {TOKENS[0].secret}", f"Bearer {TOKENS[0].secret.removeprefix('sha256:')}",
    "Bearer " + "x" * 60_000, "Bearer é", "bearer read",
]  # fmt: skip
NONE = [
    "",
    "Basic cmVhZDpyZWFk",
    SECRET,
    f"Token {SECRET}",
    f"BearerX {SECRET}",
    f"Bearer\t{SECRET}",
    f"x Bearer {SECRET}",
]


@pytest.mark.parametrize(
    ("value", "challenge"),
    [*((value, 'Bearer error="invalid_token"') for value in BAD), *((value, "Bearer") for value in NONE)],
)
def test_a_missing_or_unknown_token_is_a_401(value: str, challenge: str) -> None:
    with protected() as client:
        response = client.get(f"{API}/sessions", headers={"Authorization": value.encode()})
        assert_error(response, 401, "token")
        assert response.headers["www-authenticate"] == challenge
        assert SECRET[:20] not in response.text
        # A program that asks whether the server is up needs none, so a bad one does no harm.
        assert client.get("/health", headers={"Authorization": value.encode()}).json()["sessions"] == []


def test_two_tokens_in_a_request_are_refused(app: Starlette) -> None:
    both = [("Authorization", f"Bearer {SECRET}")] * 2
    assert status(app, f"{API}/sessions", "GET", *both) == 401


def test_a_403_names_the_required_access() -> None:
    with protected() as client:
        response = client.delete(f"{API}/sessions/main", headers=bearer("write"))
        assert_error(response, 403, "admin")
        assert response.headers["www-authenticate"] == 'Bearer error="insufficient_scope", scope="admin"'


def test_a_refusal_comes_in_the_form_that_is_accepted_and_pages_can_read_it() -> None:
    page = {"Origin": "https://page.example"}
    with protected(cors_origins=[page["Origin"]]) as client:
        packed = client.get(f"{API}/sessions", headers={"Accept": "application/msgpack"} | page)
        assert (packed.status_code, list(msgspec.msgpack.decode(packed.content))) == (401, ["detail"])
        assert packed.headers["access-control-allow-origin"] == page["Origin"]
        asks = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
        preflight = client.request("OPTIONS", f"{API}/sessions", headers=page | asks)
        assert (preflight.status_code, preflight.headers["access-control-allow-headers"]) == (200, "authorization")


def test_a_web_socket_is_closed_even_where_a_host_has_put_one() -> None:
    async def accept(socket: WebSocket) -> None:
        await socket.accept()

    sent: list[Any] = []
    app = ApiLauncher.build(wiring.configuration(tokens=TOKENS))
    app.state.session_manager.shutdown()
    app.router.routes.append(WebSocketRoute("/socket", accept))

    async def connect() -> None:
        async def receive() -> Any:
            return {"type": "websocket.connect"}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "websocket", "path": "/socket", "headers": [], "query_string": b""}
        await app(scope, receive, send)

    anyio.run(connect)
    assert [message["type"] for message in sent] == ["websocket.close"]


# Hosts ---------------------------------------------------------------------------------------------------------


def test_without_tokens_the_users_of_a_host_do_not_matter() -> None:
    class HostUser(SimpleUser):
        sessions = ("no-such",)

    class Known:
        def __init__(self, app: ASGIApp) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await self.app(scope | {"user": HostUser("x"), "auth": AuthCredentials([])}, receive, send)

    app = ApiLauncher.build(wiring.configuration())
    with calling(Known(app)) as client:
        assert len(client.get(f"{API}/sessions").json()["sessions"]) == 1
        assert client.delete(f"{API}/sessions/main").status_code == 200
    app.state.session_manager.shutdown()


async def who(request: Request) -> Response:
    return JSONResponse([request.user.display_name, request.user.identity, request.auth.scopes])


def test_a_handler_is_told_who_it_is() -> None:
    with protected(Route("/who", who)) as client:
        assert client.get(f"{API}/who", headers=bearer("write")).json() == ["write", "write", ["read", "write"]]


def test_a_hosts_middleware_sees_every_request_and_cannot_get_around_authorization() -> None:
    class Rewriting:
        """Sends each request elsewhere."""

        def __init__(self, app: ASGIApp) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            path = f"{API}/sessions"
            await self.app({**scope, "path": path, "raw_path": path.encode()}, receive, send)

    seen: list[str] = []
    around = [Middleware(Tagging, "a", seen=seen), Middleware(Rewriting)]
    app = ApiLauncher.build(wiring.configuration(tokens=TOKENS), middleware=around)
    with calling(app) as client:
        client.declared_only = False
        assert client.get("/health").status_code == 401
        assert client.get("/health", headers=bearer("read")).json().keys() == {"sessions", "default"}
    assert seen == ["a GET /health"] * 2
    app.state.session_manager.shutdown()


class Answering(AuthenticationBackend):
    """Knows everybody as the same."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, BaseUser] | None:
        if isinstance(self.answer, Exception):
            raise self.answer
        answer: tuple[AuthCredentials, BaseUser] | None = self.answer
        return answer


class Guest(SimpleUser):
    def __init__(self, sessions: Any) -> None:
        super().__init__("guest")
        self.sessions = sessions


READ = AuthCredentials(["read"])


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (None, 401),
        ((AuthCredentials(["admin"]), UnauthenticatedUser()), 401),
        ((AuthCredentials([]), SimpleUser("x")), 403),
        ((AuthCredentials(["authenticated", "READ"]), SimpleUser("x")), 403),
        ((READ, SimpleUser("x")), 200),
        ((AuthCredentials(["admin"]), SimpleUser("x")), 200),
        ((READ, Guest(None)), 200),
        ((READ, Guest("main")), 200),
        ((READ, Guest(iter(["main"]))), 200),
        ((READ, Guest("ma*in")), 404),
        ((READ, Guest([])), 404),
        ((READ, Guest(["Main", "mai"])), 404),
        ((READ, Guest(5)), 500),
        (RuntimeError("the directory is down"), 500),
    ],
)
def test_a_backend_of_a_hosts_own_says_who_may_what(answer: Any, found: int) -> None:
    with protected(tokens=(), authentication=Answering(answer)) as client:
        assert client.get(f"{API}/sessions/main/data").status_code == found


def test_apps_side_by_side_have_their_own_authorization() -> None:
    with protected() as first, protected(tokens=TOKENS[1:2]) as second:
        hosts = Starlette(routes=[Mount("/first", first.app), Mount("/second", second.app)])
        with calling(hosts) as client:
            client.declared_only = False
            found = [client.get(f"/{name}{API}/sessions", headers=bearer("read")) for name in ("first", "second")]
    assert [response.status_code for response in found] == [200, 401]
