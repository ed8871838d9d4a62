"""Two apps of different configuration, mounted side by side in one process."""

import logging
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from algomancy_api import ApiLauncher, lifespan

from ...conftest import create, upload_items
from ...support import wiring
from ...support.clients import PATIENCE, AppClient, calling, ended, eventually
from ...support.errors import assert_error
from . import journeys
from .resources import open_files, worker_threads

PAGE = "https://page.example"

#: The sessions of each, as clients of the host write it.
LEFT, RIGHT = "/left/one/sessions", "/right/two/v2/sessions"


@pytest.fixture
def apps(tmp_path: Path) -> Iterator[tuple[Starlette, Starlette]]:
    """One on SQLite with one algorithm, that a page may call; one in memory, without sessions to create."""
    left = ApiLauncher.build(
        wiring.on_sqlite(
            tmp_path, title="Left", prefix="/one", cors_origins=[PAGE], algorithms={"Blocks": wiring.Blocks}
        )
    )
    right = ApiLauncher.build(
        wiring.configuration(
            title="Right", prefix="/two/v2", allow_session_create=False, docs_url=None, openapi_url="/document.json"
        )
    )
    yield left, right
    wiring.RELEASE.set()
    for app in (left, right):
        app.state.session_manager.shutdown()


@pytest.fixture
def client(apps: tuple[Starlette, Starlette]) -> Iterator[AppClient]:
    """A client of the host."""
    left, right = apps
    with calling(Starlette(routes=[Mount("/left", left), Mount("/right", right)])) as client:
        yield client


def test_each_has_its_own_configuration(client: AppClient) -> None:
    assert [client.get(f"/{side}/health").json()["title"] for side in ("left", "right")] == ["Left", "Right"]
    assert client.get(f"{LEFT}/main/algorithms").json() == {"algorithms": ["Blocks"]}
    assert client.get(f"{RIGHT}/main/algorithms").json() == {"algorithms": list(wiring.ALGORITHMS)}
    assert client.post(LEFT, json={"display_name": "a/b"}).status_code == 201
    assert_error(client.post(RIGHT, json={"display_name": "a/b"}), 403)
    assert_error(client.get("/left/two/v2/sessions"), 404)
    assert_error(client.get("/right/one/sessions"), 404)


def test_each_has_its_own_document(client: AppClient) -> None:
    left, right = client.get("/left/openapi.json").json(), client.get("/right/document.json").json()
    assert [document["info"]["title"] for document in (left, right)] == ["Left", "Right"]
    assert [document["servers"] for document in (left, right)] == [[{"url": "/left"}], [{"url": "/right"}]]
    assert all(path.startswith("/one/") for path in left["paths"].keys() - {"/", "/health", "/ready"})
    assert all(path.startswith("/two/v2/") for path in right["paths"].keys() - {"/", "/health", "/ready"})
    journeys.every_page(client, "/left")
    assert_error(client.get("/right/docs"), 404)


def test_each_has_its_own_sessions_and_data(client: AppClient) -> None:
    upload_items(client, f"{LEFT}/main", "left")
    upload_items(client, f"{RIGHT}/main", "right")
    assert client.get(f"{LEFT}/main/data").json() == {"keys": ["left"]}
    assert client.get(f"{RIGHT}/main/data").json() == {"keys": ["right"]}
    ids = [client.get(address).json()["default"] for address in (LEFT, RIGHT)]
    assert_error(client.get(f"{LEFT}/{ids[1]}/data"), 404)
    assert_error(client.get(f"{RIGHT}/{ids[0]}/data"), 404)


def test_neither_waits_for_the_other(client: AppClient) -> None:
    upload_items(client, f"{LEFT}/main")
    upload_items(client, f"{RIGHT}/main")
    blocked = create(client, f"{LEFT}/main", "Blocks")
    client.post(f"{LEFT}/main/scenarios/{blocked}/run")
    assert wiring.STARTED.wait(PATIENCE)
    following = create(client, f"{RIGHT}/main", "Instant")
    client.post(f"{RIGHT}/main/scenarios/{following}/run")
    assert ended(client, f"{RIGHT}/main", following)["status"] == "complete"
    assert client.get(f"{RIGHT}/main/processing").json() is None
    assert client.get(f"{LEFT}/main/processing").json()["id"] == blocked


def test_only_one_of_them_is_shared_with_a_page(client: AppClient) -> None:
    answers = [client.get(f"/{side}/health", headers={"Origin": PAGE}) for side in ("left", "right")]
    allowed = [answer.headers.get("access-control-allow-origin") for answer in answers]
    assert allowed == [PAGE, None]


def test_each_request_is_one_line_in_the_log(client: AppClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "algomancy_api")
    client.get("/left/health")
    client.get("/right/health")
    lines = [record.getMessage() for record in caplog.records if record.name == "algomancy_api"]
    assert [line.rpartition(" 200 ")[0] for line in lines] == ["GET /left/health", "GET /right/health"]


def test_the_end_of_one_is_not_the_end_of_the_other(
    apps: tuple[Starlette, Starlette], client: AppClient, tmp_path: Path
) -> None:
    left, _ = apps

    async def leave() -> None:
        async with lifespan(left):
            pass

    upload_items(client, f"{RIGHT}/main")
    anyio.run(leave)
    eventually(lambda: worker_threads(left) == [])
    assert open_files(tmp_path) == []
    scenario_id = create(client, f"{RIGHT}/main")
    client.post(f"{RIGHT}/main/scenarios/{scenario_id}/run")
    assert ended(client, f"{RIGHT}/main", scenario_id)["status"] == "complete"


def test_two_databases_are_two_worlds(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    apps = [ApiLauncher.build(wiring.on_sqlite(folder)) for folder in folders]
    with calling(Starlette(routes=[Mount(f"/{number}", app) for number, app in enumerate(apps)])) as client:
        for number in range(2):
            journeys.every_route(client, f"/{number}")
            upload_items(client, f"/{number}/api/v1/sessions/main", f"of {number}")
            assert client.get(f"/{number}/api/v1/sessions/main/data").json() == {"keys": [f"of {number}"]}
    for app in apps:
        app.state.session_manager.shutdown()
    assert [open_files(folder) for folder in folders] == [[], []]
