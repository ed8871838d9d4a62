"""The document and its page as an app serves them."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from algomancy_api import ApiLauncher

from ..support import wiring
from ..support.clients import PATIENCE, AppClient, calling, serving
from ..support.errors import assert_error
from ..support.validation import FILE
from ..test_launcher import called

GENERATED = json.loads(FILE.read_bytes())

#: Those of its paths that every app has: logins are there with ``cookie_auth``.
PATHS = {path: item for path, item in GENERATED["paths"].items() if path not in ("/login", "/logout")}


def prefixed(path: str, prefix: str = "/api/v1") -> str:
    return path if path in ("/", "/health", "/ready") else prefix + path


def addresses(page: httpx.Response) -> list[str]:
    """What a page loads, as addresses of its server."""
    return [urljoin(str(page.url), address) for address in re.findall(r'(?:href|src)="([^"]+)"', page.text)]


def test_it_is_the_generated_one_with_title_prefix_and_server() -> None:
    with called(title='Depots "é"') as client:
        document = client.get("/openapi.json").json()
    assert document == GENERATED | {
        "info": GENERATED["info"] | {"title": 'Depots "é"'},
        "paths": {prefixed(path): item for path, item in PATHS.items()},
        "servers": [{"url": "/"}],
    }


@pytest.mark.parametrize(
    ("prefix", "before"), [("/", ""), ("/v2", "/v2"), ("/a/b/", "/a/b"), ("/é 1%", "/%C3%A9%201%25")]
)
def test_its_paths_carry_the_prefix_as_clients_write_it(prefix: str, before: str) -> None:
    with called(prefix=prefix) as client:
        document = client.get("/openapi.json").json()
        assert document["paths"].keys() == {prefixed(path, before) for path in PATHS}
        assert client.get(f"{before}/sessions").status_code == 200


def test_under_a_mount_its_server_is_the_mount() -> None:
    app = ApiLauncher.build(wiring.configuration())
    with calling(Starlette(routes=[Mount("/one", app), Mount("/é/two", app)])) as client:
        plain = [client.get(f"{mount}/openapi.json").json() for mount in ("/one", "/é/two", "/one")]
        assert [document["servers"] for document in plain] == [
            [{"url": "/one"}], [{"url": "/%C3%A9/two"}], [{"url": "/one"}]
        ]  # fmt: skip
        assert plain[0] | {"servers": plain[1]["servers"]} == plain[1]
    app.state.session_manager.shutdown()


def test_behind_a_proxy_that_cuts_a_path_off_its_server_is_that_path(http_at_root_path: str) -> None:
    document = httpx.get(f"{http_at_root_path}/openapi.json", timeout=PATIENCE).json()
    assert document["servers"] == [{"url": "/tools/api"}]


@pytest.fixture
def http_at_root_path() -> Iterator[str]:
    """The address of a server that is told where its clients see it."""
    app = ApiLauncher.build(wiring.configuration())
    with serving(app, root_path="/tools/api") as url:
        yield url
    app.state.session_manager.shutdown()


# Caching -------------------------------------------------------------------------------------------------------


@pytest.fixture
def documented() -> Iterator[AppClient]:
    with called() as client:
        yield client


def test_the_document_can_be_cached_and_is_revalidated(documented: AppClient) -> None:
    first = documented.get("/openapi.json")
    assert first.headers["content-type"] == "application/json"
    assert first.headers["cache-control"] == "no-cache"
    assert re.fullmatch(r'W/"[0-9a-f]{32}"', first.headers["etag"])  # of any form: this one came compressed
    assert documented.get("/openapi.json").headers["etag"] == first.headers["etag"]
    with called(title="Another") as other:
        assert other.get("/openapi.json").headers["etag"] != first.headers["etag"]


@pytest.mark.parametrize("asked", ["{tag}", "W/{tag}", '"a", {tag}', '"a",W/{tag} , "b"', "*"])
def test_a_client_that_has_the_document_gets_a_304(documented: AppClient, asked: str) -> None:
    etag = documented.get("/openapi.json").headers["etag"]
    tag = etag.removeprefix("W/")
    response = documented.get("/openapi.json", headers={"If-None-Match": asked.format(tag=tag)})
    assert (response.status_code, response.content) == (304, b"")
    assert (response.headers["etag"], response.headers["cache-control"]) == (etag, "no-cache")


@pytest.mark.parametrize("asked", ['"a"', 'W/"a", "b"', "", "nonsense", '"'])
def test_a_client_that_has_another_document_gets_this_one(documented: AppClient, asked: str) -> None:
    response = documented.get("/openapi.json", headers={"If-None-Match": asked})
    assert response.status_code == 200
    assert response.json()["openapi"].startswith("3.1.")


@pytest.mark.parametrize("path", ["/openapi.json", "/docs"])
def test_head_says_what_get_would(path: str) -> None:
    app = ApiLauncher.build(wiring.configuration())
    with serving(app) as url:
        get, head = httpx.get(url + path, timeout=PATIENCE), httpx.head(url + path, timeout=PATIENCE)
    assert (get.status_code, head.status_code, head.content) == (200, 200, b"")
    unlike = {"date", "x-request-id"}
    assert {name: value for name, value in head.headers.items() if name not in unlike} == {
        name: value for name, value in get.headers.items() if name not in unlike
    }
    app.state.session_manager.shutdown()


# Where they are ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("locations", "there", "gone"),
    [
        ({"docs_url": None}, ["/openapi.json"], ["/docs", "/docs/swagger-ui/swagger-ui.css", "/docs/page/start.js"]),
        ({"openapi_url": None}, [], ["/openapi.json", "/docs"]),
        ({"openapi_url": None, "docs_url": None}, [], ["/openapi.json", "/docs"]),
        ({"openapi_url": "/api.json"}, ["/api.json", "/docs"], ["/openapi.json"]),
        ({"docs_url": "/help/api"}, ["/openapi.json", "/help/api"], ["/docs", "/help"]),
    ],
)
def test_they_are_where_the_configuration_says(locations: dict[str, Any], there: list[str], gone: list[str]) -> None:
    with called(**locations) as client:
        assert {path: client.get(path).status_code for path in there} == dict.fromkeys(there, 200)
        for path in gone:
            assert_error(client.get(path), 404)


@pytest.mark.parametrize("mount", ["", "/x/y"])
@pytest.mark.parametrize(
    "locations", [{}, {"docs_url": "/help/api", "openapi_url": "/v1/api.json"}, {"docs_url": "/v1/docs"}]
)
def test_the_page_finds_its_files_and_the_document_by_relative_addresses(mount: str, locations: dict[str, str]) -> None:
    app = ApiLauncher.build(wiring.configuration(title="<Depots & more>", **locations))
    with calling(Starlette(routes=[Mount(mount or "/", app)])) as client:
        page = client.get(mount + locations.get("docs_url", "/docs"))
        assert page.status_code == 200
        assert "<title>&lt;Depots &amp; more&gt;</title>" in page.text
        assert not re.search(r'(?:href|src|data-document)="(?:/|https?:)', page.text)
        loaded = addresses(page)
        assert len(loaded) == 6
        assert {address: client.get(address).status_code for address in loaded} == dict.fromkeys(loaded, 200)
        [document] = re.findall(r'data-document="([^"]+)"', page.text)
        assert client.get(urljoin(str(page.url), document)).json()["info"]["title"] == "<Depots & more>"
    app.state.session_manager.shutdown()


@pytest.mark.parametrize("mount", ["", "/x/y"])
@pytest.mark.parametrize("locations", [{}, {"console_url": "/help/console", "prefix": "/"}, {"console_url": "/v1/see"}])
def test_the_console_finds_its_files_and_the_api_by_relative_addresses(mount: str, locations: dict[str, str]) -> None:
    app = ApiLauncher.build(wiring.configuration(title="<Depots & more>", **locations))
    with calling(Starlette(routes=[Mount(mount or "/", app)])) as client:
        page = client.get(mount + locations.get("console_url", "/console"))
        assert page.status_code == 200
        assert "<title>&lt;Depots &amp; more&gt;</title>" in page.text
        assert not re.search(r'(?:href|src|data-api)="(?:/|https?:)', page.text)
        assert "unsafe" not in page.headers["content-security-policy"]
        for address in re.findall(r'(?:href|src)="([^"]+/files/[^"]+)"', page.text):
            assert client.get(urljoin(str(page.url), address)).status_code == 200
        [api] = re.findall(r'data-api="([^"]+)"', page.text)
        assert client.get(f"{urljoin(str(page.url), api).rstrip('/')}/sessions").status_code == 200
    app.state.session_manager.shutdown()


def test_a_console_that_is_off_is_not_there() -> None:
    with called(console_url=None) as client:
        for path in ("/console", "/console/files/console.js"):
            assert_error(client.get(path), 404)


def test_the_page_loads_nothing_from_elsewhere(documented: AppClient) -> None:
    page = documented.get("/docs")
    assert {httpx.URL(address).host for address in addresses(page)} == {"test"}
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_the_page_is_in_no_frame_and_tells_nobody_where_it_was(documented: AppClient) -> None:
    page = documented.get("/docs")
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert (page.headers["x-frame-options"], page.headers["referrer-policy"]) == ("DENY", "no-referrer")
    files = [documented.get(address) for address in addresses(page) if not address.endswith("/openapi.json")]
    assert {file.headers["x-content-type-options"] for file in [page, *files]} == {"nosniff"}
    again = documented.get("/docs/page/start.js", headers={"If-None-Match": files[-1].headers["etag"]})
    assert again.status_code == 304
