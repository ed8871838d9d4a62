"""An app mounted in a host without lifespan calls: every route, page, error and redirect works."""

from collections.abc import Iterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from algomancy_api import ApiLauncher

from ...conftest import API
from ...support import wiring
from ...support.clients import PATIENCE, AppClient, calling, serving
from . import journeys, mounting

MOUNT = "/x/y"


@pytest.fixture
def app() -> Iterator[Starlette]:
    """The wiring's app, in memory."""
    app = ApiLauncher.build(wiring.configuration())
    yield app
    app.state.session_manager.shutdown()


@pytest.fixture(params=mounting.TELLING)
def mounted(request: pytest.FixtureRequest, app: Starlette) -> Iterator[AppClient]:
    """A client of a host that has the app at the mount point, and lets it know."""
    with calling(request.param(app, MOUNT)) as client:
        yield client


def test_every_route_is_there(mounted: AppClient) -> None:
    journeys.every_route(mounted, MOUNT)


def test_every_page_is_there(mounted: AppClient) -> None:
    journeys.every_page(mounted, MOUNT)
    journeys.assert_the_document_leads_here(mounted, MOUNT)


def test_errors_and_redirects_are_those_of_the_app(mounted: AppClient) -> None:
    journeys.assert_errors_as_everywhere(mounted, MOUNT)
    journeys.assert_redirects_stay(mounted, MOUNT)


def test_all_is_the_same_without_a_host(app: Starlette) -> None:
    with calling(app) as client:
        journeys.every_route(client, "")
        journeys.every_page(client, "")
        journeys.assert_the_document_leads_here(client, "")
        journeys.assert_errors_as_everywhere(client, "")
        journeys.assert_redirects_stay(client, "")


def test_the_journey_leaves_no_route_out(app: Starlette) -> None:
    used: list[tuple[str, str]] = []

    class Recording(AppClient):
        def request(self, method: str, url: str, **keywords: object) -> httpx.Response:
            used.append((method, url.partition("?")[0]))
            return super().request(method, url, **keywords)

    with calling(app) as client:
        client.__class__ = Recording
        journeys.every_route(client, "")
    routes = [route for route in app.routes if isinstance(route, Route) and route.path.startswith(API)]
    unused = [
        route.name
        for route in routes
        if not any(method in (route.methods or ()) and route.path_regex.match(url) for method, url in used)
    ]
    assert len(routes) == 52
    assert unused == []


def test_a_host_that_hides_the_mount_point_is_served_all_the_same(app: Starlette) -> None:
    with calling(mounting.dispatcher_of_path_and_raw_path(app, MOUNT)) as client:
        journeys.every_route(client, MOUNT)
        journeys.every_page(client, MOUNT)
        journeys.assert_errors_as_everywhere(client, MOUNT)


def test_a_host_without_raw_paths_is_served_all_but_slashes_in_names(app: Starlette) -> None:
    with calling(mounting.dispatcher_without_raw_path(app, MOUNT)) as client:
        sessions = f"{MOUNT}{API}/sessions"
        for name in ("é 50%41", "100%"):
            assert client.post(sessions, json={"display_name": name}).status_code == 201
            assert client.get(f"{sessions}/{journeys.segment(name)}/data").json() == {"keys": []}
        journeys.every_page(client, MOUNT)
        journeys.assert_the_document_leads_here(client, MOUNT)


def test_a_proxy_takes_off_what_the_server_is_told(app: Starlette) -> None:
    with serving(app, root_path=MOUNT) as url, httpx.Client(base_url=url, timeout=PATIENCE) as client:
        journeys.every_route(client, "")
        journeys.every_page(client, "")
        journeys.assert_errors_as_everywhere(client, "")
        assert client.get("/openapi.json").json()["servers"] == [{"url": MOUNT}]
        location = client.get(f"{API}/sessions/a%2Fb/data/").headers["location"]
        assert location == f"{url}{MOUNT}{API}/sessions/a%2Fb/data"
