"""The launcher: building an app and running it, on its own and in a host."""

import contextlib
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from algomancy_scenario import CoreConfig, SessionManager
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from algomancy_api import ApiConfiguration, ApiLauncher

from .conftest import API, create, default_session, upload_items
from .support import wiring
from .support.clients import SOON, AppClient, calling, eventually
from .support.errors import assert_error
from .support.processes import Started, answering, free_port, interrupted, started


@contextlib.contextmanager
def called(**overrides: Any) -> Iterator[AppClient]:
    """A client of the wiring's app with a configuration of its own."""
    app = ApiLauncher.build(wiring.configuration(**overrides))
    with calling(app) as client:
        yield client
    app.state.session_manager.shutdown()


# Building ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [ApiConfiguration, CoreConfig, dict])
def test_build_takes_a_configuration_in_three_forms(form: Callable[..., Any]) -> None:
    app = ApiLauncher.build(form(**wiring.settings()))
    assert isinstance(app, Starlette)
    assert type(app.state.config) is ApiConfiguration
    assert app.state.config.title == "Wiring"
    assert isinstance(app.state.session_manager, SessionManager)


def test_the_app_keeps_the_very_configuration_as_it_was() -> None:
    configuration = wiring.configuration()
    before = dict(vars(configuration))
    assert ApiLauncher.build(configuration).state.config is configuration
    assert vars(configuration) == before


@pytest.mark.parametrize("nonsense", [None, "config", 1, [], object(), ApiConfiguration])
def test_build_refuses_anything_else(nonsense: Any) -> None:
    with pytest.raises(TypeError, match="expected an ApiConfiguration, a CoreConfig or a dict; got"):
        ApiLauncher.build(nonsense)


def test_build_refuses_a_dict_that_breaks_a_rule() -> None:
    with pytest.raises(ValueError, match="port"):
        ApiLauncher.build(wiring.settings(port=0))


@pytest.mark.parametrize(
    ("prefix", "address"), [("/", ""), ("/api/v1/", "/api/v1"), ("/a/b/c", "/a/b/c"), ("/äpi", "/%C3%A4pi")]
)
def test_a_prefix_moves_every_route_but_health(prefix: str, address: str) -> None:
    with called(prefix=prefix) as client:
        assert client.get(f"{address}/sessions").status_code == 200
        assert client.get(f"{address}/sessions/main/algorithms").status_code == 200
        assert client.get("/health").status_code == 200
        if address:
            assert_error(client.get(f"{address}/health"), 404)
        if address != API:
            assert_error(client.get(f"{API}/sessions"), 404)


def test_two_apps_of_one_process_know_nothing_of_each_other() -> None:
    one = {"title": "One", "prefix": "/one", "allow_session_create": False, "algorithms": {"Only": wiring.Instant}}
    two = {"title": "Two", "prefix": "/two"}
    with called(**one) as first, called(**two) as second:
        assert second.post("/two/sessions", json={"display_name": "other"}).status_code == 201
        assert_error(first.post("/one/sessions", json={"display_name": "other"}), 403)
        assert first.get("/one/sessions/main/algorithms").json() == {"algorithms": ["Only"]}
        assert len(second.get("/two/sessions/main/algorithms").json()["algorithms"]) == len(wiring.ALGORITHMS)
        assert [client.get("/health").json()["title"] for client in (first, second)] == ["One", "Two"]
        assert [len(client.get("/health").json()["sessions"]) for client in (first, second)] == [1, 2]
        assert_error(first.get("/two/sessions"), 404)


@pytest.mark.parametrize("mount", ["/x", "/x/y"])
def test_the_app_works_inside_another(mount: str) -> None:
    inner = ApiLauncher.build(wiring.configuration())
    with calling(Starlette(routes=[Mount(mount, inner)])) as client:
        sessions = f"{mount}{API}/sessions"
        assert client.get(f"{mount}/health").json()["status"] == "ok"
        assert client.post(sessions, json={"display_name": "a/b"}).status_code == 201
        assert upload_items(client, f"{sessions}/a%2Fb", "c/d").json()["keys"] == ["c/d"]
        assert client.get(f"{sessions}/a%2Fb/data/c%2Fd").json()["metadata"]["name"] == "c/d"
        assert client.get(f"{sessions}/").headers["location"] == f"http://test{sessions}"
        response = client.request("PUT", sessions)
        assert_error(response, 405)
        assert response.headers["allow"] == "GET, HEAD, POST"
        assert_error(client.get(f"{sessions}/no%2Fsuch/data"), 404, "Session 'no/such' not found")
    inner.state.session_manager.shutdown()


# Behind a proxy ------------------------------------------------------------------------------------------------


async def who(request: Request) -> PlainTextResponse:
    assert request.client is not None
    return PlainTextResponse(f"{request.url.scheme} {request.client.host}")


PROXIED = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}


@pytest.mark.parametrize(
    ("trusted", "seen"),
    [
        (None, "http 127.0.0.1"),
        ("10.0.0.1", "http 127.0.0.1"),
        (["10.0.0.1", "10.0.0.2"], "http 127.0.0.1"),
        ("127.0.0.1", "https 203.0.113.9"),
        (["10.0.0.1", "127.0.0.1"], "https 203.0.113.9"),
        ("127.0.0.0/8", "https 203.0.113.9"),
        ("*", "https 203.0.113.9"),
        (("*",), "https 203.0.113.9"),
    ],
)
def test_a_proxy_is_believed_if_it_is_trusted(trusted: Any, seen: str) -> None:
    with called(forwarded_allow_ips=trusted) as client:
        assert isinstance(client.app, Starlette)
        client.app.router.routes.append(Route("/who", who))
        assert client.get("/who", headers=PROXIED).text == seen
        location = client.get(f"{API}/sessions/", headers=PROXIED).headers["location"]
        assert location == f"{seen.partition(' ')[0]}://test{API}/sessions"


# Pages of other origins ----------------------------------------------------------------------------------------

PAGE = "https://page.example"
PREFLIGHT = {"Access-Control-Request-Method": "DELETE", "Access-Control-Request-Headers": "x-anything"}


async def fail(_request: Request) -> PlainTextResponse:
    raise RuntimeError("on purpose")


@pytest.fixture(params=[[PAGE], ["https://other.example", PAGE]])
def shared(request: pytest.FixtureRequest) -> Iterator[AppClient]:
    """A client of an app that the page may call."""
    with called(cors_origins=request.param) as client:
        yield client


def test_without_origins_there_is_no_cors() -> None:
    with called() as client:
        answers = (
            client.get("/health", headers={"Origin": PAGE}),
            client.request("OPTIONS", "/health", headers={"Origin": PAGE} | PREFLIGHT),
        )
        assert [answer.status_code for answer in answers] == [200, 405]
        assert not any(name.startswith("access-control") for answer in answers for name in answer.headers)


def test_a_preflight_allows_every_method_and_header(shared: AppClient) -> None:
    for method in ("GET", "POST", "PATCH", "DELETE"):
        asked = {"Origin": PAGE} | PREFLIGHT | {"Access-Control-Request-Method": method}
        response = shared.request("OPTIONS", f"{API}/sessions/main", headers=asked)
        assert response.status_code == 200
        assert response.headers["access-control-allow-origin"] == PAGE
        assert response.headers["access-control-allow-credentials"] == "true"
        assert method in response.headers["access-control-allow-methods"]
        assert response.headers["access-control-allow-headers"] == "x-anything"


def test_a_page_can_read_every_answer_and_every_error(shared: AppClient) -> None:
    assert isinstance(shared.app, Starlette)
    shared.app.router.routes.append(Route("/fail", fail))
    requests = [("GET", "/health"), ("GET", "/nowhere"), ("POST", f"{API}/sessions"), ("GET", "/fail")]
    answers = [shared.request(*request, headers={"Origin": PAGE}) for request in requests]
    assert [answer.status_code for answer in answers] == [200, 404, 422, 500]
    for answer in answers:
        assert answer.headers["access-control-allow-origin"] == PAGE
        assert answer.headers["access-control-allow-credentials"] == "true"
        assert "Origin" in answer.headers["vary"]


@pytest.mark.parametrize("origins", [["*"], [PAGE, "*"]])
@pytest.mark.parametrize("cookie", [{}, {"Cookie": "a=b"}])
def test_pages_of_everybody_are_let_in_without_credentials(origins: list[str], cookie: dict[str, str]) -> None:
    with called(cors_origins=origins) as client:
        stranger = {"Origin": "https://stranger.example"} | cookie
        asked = client.request("OPTIONS", f"{API}/sessions/main", headers=stranger | PREFLIGHT)
        assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (200, "*")
        assert asked.headers["access-control-allow-headers"] == "x-anything"
        answer = client.get(f"{API}/sessions", headers=stranger)
        assert answer.headers["access-control-allow-origin"] == "*"
        for response in (asked, answer):
            assert "access-control-allow-credentials" not in response.headers


def test_a_page_of_another_origin_is_refused_like_any_error() -> None:
    with called(cors_origins=[PAGE]) as client:
        stranger = {"Origin": "https://stranger.example"}
        refused = client.request("OPTIONS", f"{API}/sessions", headers=stranger | PREFLIGHT)
        assert_error(refused, 400, "origin")
        for answer in (refused, client.get("/health", headers=stranger)):
            assert "access-control-allow-origin" not in answer.headers


# Running, in a process of its own ------------------------------------------------------------------------------


def launched(folder: Path, configured: dict[str, Any], **options: Any) -> contextlib.AbstractContextManager[Started]:
    """`ApiLauncher.run` at work on the wiring."""
    run = f"ApiLauncher.run(ApiLauncher.build(wiring.configuration(**{configured})), **{options})"
    program = f"from algomancy_api import ApiLauncher; from tests.support import wiring; {run}"
    return started(folder, sys.executable, "-c", program)


def test_run_serves_where_the_configuration_says_until_ctrl_c(tmp_path: Path) -> None:
    port = free_port()
    with launched(tmp_path, {"port": port}) as process, answering(process, port) as client:
        session = default_session(client)
        upload_items(client, session)
        client.post(f"{session}/scenarios/{create(client, session, 'Blocks')}/run")
        eventually(lambda: client.get(f"{session}/processing").json())
        location = client.get(f"{API}/sessions/", headers={"X-Forwarded-Proto": "https"}).headers["location"]
        assert location.startswith("http://"), "nobody is trusted unless the configuration says so"
        begin = time.monotonic()
        output, log = interrupted(process)
        assert time.monotonic() - begin < SOON
        assert (process.returncode, output) == (0, "")
        assert f"Wiring: http://127.0.0.1:{port}/console" in log.splitlines()[0]
        assert "Traceback" not in log


@pytest.mark.parametrize(
    ("host", "tokens", "warns"),
    [("0.0.0.0", "[]", True), ("0.0.0.0", "[Token('x', 'a')]", False), ("::1", "[]", False)],  # noqa: S104
)
def test_run_warns_of_an_address_where_everybody_may_do_everything(
    host: str, tokens: str, warns: bool, tmp_path: Path
) -> None:
    configured = f"wiring.configuration(host={host!r}, tokens={tokens})"
    program = (
        "from algomancy_api import ApiLauncher, Token; from tests.support import wiring; import uvicorn;"
        "import algomancy_api.launcher; algomancy_api.launcher.run_server = lambda *_, **__: None;"  # it would listen
        f"app = ApiLauncher.build({configured}); app.state.session_manager.shutdown(); ApiLauncher.run(app)"
    )
    with started(tmp_path, sys.executable, "-c", program) as process:
        _, log = process.ended()
    warnings = [line for line in log.splitlines() if "WARNING" in line and "can do everything" in line]
    assert len(warnings) == warns, log


def test_run_serves_where_its_caller_says(tmp_path: Path) -> None:
    port = free_port()
    configured = {"host": "nowhere.invalid", "port": 1}
    with launched(tmp_path, configured, host="127.0.0.1", port=port) as process, answering(process, port):
        interrupted(process)
        assert process.returncode == 0


def test_run_says_that_its_port_is_taken(tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        launched(tmp_path, {"port": listener.getsockname()[1]}, log_level="error") as process,
    ):
        output, log = process.ended()
    assert process.returncode not in (0, None)
    assert output == ""
    [line] = log.splitlines()
    assert "ERROR" in line
    assert "address already in use" in line
