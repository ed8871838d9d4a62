"""``GET /``: the links of the app, right wherever it is mounted, and never in the way of a host."""

from typing import Any
from urllib.parse import unquote

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from algomancy_api import ApiLauncher

from ...support import wiring
from ...support.clients import calling
from ...support.errors import assert_error
from ...support.identities import TOKENS
from .mounting import TELLING, Mounting


async def mine(_request: Request) -> Response:
    return PlainTextResponse("mine")


def links(root: str = "", **configured: Any) -> dict[str, str]:
    """What the app at a path of a host says, with each link followed once."""
    app = ApiLauncher.build(wiring.configuration(**configured))
    with calling(Mount(unquote(root), app)) as client:
        found: dict[str, str] = client.get(f"{root}/").json()
        for name, path in found.items():
            if name != "title":
                below = "/sessions" if name == "api" else ""
                assert client.get(f"{path.rstrip('/')}{below}").status_code == 200, name
    app.state.session_manager.shutdown()
    return found


COMMON = {"title": "Wiring", "api": "/api/v1", "health": "/health", "ready": "/ready", "console": "/console"}


@pytest.mark.parametrize(
    ("configured", "expected"),
    [
        ({}, {**COMMON, "openapi": "/openapi.json", "docs": "/docs"}),
        ({"docs_url": None}, {**COMMON, "openapi": "/openapi.json"}),
        ({"openapi_url": None, "docs_url": None}, COMMON),
        ({"openapi_url": None, "console_url": "/a/b"}, {**COMMON, "console": "/a/b"}),
        ({"prefix": "/"}, {**COMMON, "api": "/", "openapi": "/openapi.json", "docs": "/docs"}),
        (
            {"prefix": "/é é/", "openapi_url": "/my/document.json", "docs_url": "/my/page"},
            {**COMMON, "api": "/%C3%A9%20%C3%A9", "openapi": "/my/document.json", "docs": "/my/page"},
        ),
    ],
)
def test_the_links_are_those_that_are_on(configured: dict[str, Any], expected: dict[str, str]) -> None:
    assert links(**configured) == expected


def test_a_console_that_is_off_has_no_link() -> None:
    assert "console" not in links(console_url=None)


@pytest.mark.parametrize("root", ["/tools", "/a%20b/%C3%A9"])
def test_the_links_lead_here_from_a_mount(root: str) -> None:
    assert links(root)["api"] == f"{root}/api/v1"


@pytest.mark.parametrize("mounting", TELLING)
def test_every_kind_of_mount_gives_them(mounting: Mounting) -> None:
    app = ApiLauncher.build(wiring.configuration())
    with calling(mounting(app, "/a/b")) as client:
        assert client.get("/a/b/").json()["health"] == "/a/b/health"
    app.state.session_manager.shutdown()


def test_it_is_open_and_read_only() -> None:
    app = ApiLauncher.build(wiring.configuration(tokens=TOKENS))
    with calling(app) as client:
        assert client.get("/").status_code == client.request("HEAD", "/").status_code == 200
        assert_error(client.post("/"), 401)
    app.state.session_manager.shutdown()


def test_other_methods_are_told_which_there_are() -> None:
    app = ApiLauncher.build(wiring.configuration())
    with calling(app) as client:
        response = client.post("/")
        assert_error(response, 405)
        assert response.headers["allow"] == "GET, HEAD"
    app.state.session_manager.shutdown()


def test_a_host_has_the_path_first() -> None:
    given = ApiLauncher.build(wiring.configuration(prefix="/"), routes=[Route("/", mine)])
    anything = ApiLauncher.build(wiring.configuration(prefix="/"), routes=[Route("/{anything:path}", mine)])
    added = ApiLauncher.build(wiring.configuration())
    added.add_route("/", mine)
    mounted = ApiLauncher.build(wiring.configuration())
    mounted.mount("/", Route("/", mine))
    for app in (given, anything, added, mounted):
        with calling(app) as client:
            assert client.get("/").text == "mine"
            assert client.get("/health").status_code == 200
        app.state.session_manager.shutdown()


def test_a_host_may_have_it_for_another_method() -> None:
    app = ApiLauncher.build(wiring.configuration(prefix="/"), routes=[Route("/", mine, methods=["POST"])])
    with calling(app) as client:
        assert client.post("/").text == "mine"
        assert client.get("/").json()["api"] == "/"
        assert client.request("PUT", "/").headers["allow"] == "GET, HEAD, POST"
    app.state.session_manager.shutdown()
