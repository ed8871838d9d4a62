"""Mount points and prefixes beyond ASCII letters, and similar ones."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from algomancy_api import ApiLauncher

from ...conftest import API
from ...support import wiring
from ...support.clients import calling
from . import journeys, mounting

#: Those that know a path by its decoded form, whatever a client has encoded.
HOSTINGS = [host for host in mounting.TELLING if host is not mounting.nested_mounts]

#: A mount point, and how clients write it.
MOUNT_POINTS = [
    ("/é", "/%C3%A9"),
    ("/a b", "/a%20b"),
    ("/日本/語", "/%E6%97%A5%E6%9C%AC/%E8%AA%9E"),
    ("/50%", "/50%25"),
    ("/a+b;c=d", "/a+b;c=d"),
    ("/sessions", "/sessions"),
]


@pytest.fixture
def app() -> Iterator[Starlette]:
    """The wiring's app, in memory."""
    app = ApiLauncher.build(wiring.configuration())
    yield app
    app.state.session_manager.shutdown()


@pytest.mark.parametrize("host", HOSTINGS)
@pytest.mark.parametrize(("mount", "address"), MOUNT_POINTS)
def test_a_mount_point_holds_any_letter(app: Starlette, host: mounting.Mounting, mount: str, address: str) -> None:
    with calling(host(app, mount)) as client:
        journeys.every_route(client, address)
        journeys.every_page(client, address)
        journeys.assert_the_document_leads_here(client, address)
        journeys.assert_errors_as_everywhere(client, address)
        journeys.assert_redirects_stay(client, address)


@pytest.mark.parametrize("address", ["/%78/%79", "/x%2Fy", "/x%2fy"])
@pytest.mark.parametrize("host", HOSTINGS[:4])
def test_a_client_may_encode_what_it_needs_not(app: Starlette, host: mounting.Mounting, address: str) -> None:
    with calling(host(app, "/x/y")) as client:
        journeys.every_route(client, address)
        journeys.every_page(client, address)
        journeys.assert_the_document_leads_here(client, "/x/y")


@pytest.mark.parametrize("mount", ["/api", API, "/health", "/docs"])
@pytest.mark.parametrize("host", [host for host in HOSTINGS if host is not mounting.dispatcher_of_all_three])
def test_a_mount_point_may_look_like_the_beginning_of_a_route(
    app: Starlette, host: mounting.Mounting, mount: str
) -> None:
    with calling(host(app, mount)) as client:
        journeys.every_route(client, mount)
        journeys.every_page(client, mount)
        journeys.assert_redirects_stay(client, mount)


def test_a_mount_point_may_be_a_pattern(app: Starlette) -> None:
    with calling(Starlette(routes=[Mount("/of/{tenant}", app)])) as client:
        for root in ("/of/one", "/of/tw%C3%B6", "/of/100%2541"):
            assert client.post(f"{root}{API}/sessions", json={"display_name": f"{root}/%"}).status_code == 201
            session = f"{root}{API}/sessions/{journeys.segment(f'{root}/%')}"
            assert client.get(f"{session}/data").json() == {"keys": []}
            assert client.delete(session).status_code == 200
            journeys.assert_the_document_leads_here(client, root)
            journeys.assert_redirects_stay(client, root)


@pytest.mark.parametrize("prefix", ["/äpi/ v1", "/50%", "/%41", "/a+b"])
@pytest.mark.parametrize("mount", ["", "/é"])
def test_names_work_under_any_prefix(prefix: str, mount: str) -> None:
    app = ApiLauncher.build(wiring.configuration(prefix=prefix))
    with calling(mounting.starlette_mount(app, mount)) as client:
        sessions = quote(mount + prefix) + "/sessions"
        for name in ("plain", "a/b", "100%41", "é"):
            assert client.post(sessions, json={"display_name": name}).status_code == 201
            assert client.get(f"{sessions}/{journeys.segment(name)}/data").json() == {"keys": []}
    app.state.session_manager.shutdown()
