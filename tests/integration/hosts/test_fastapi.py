"""An app mounted in FastAPI, beside the host's own routes and documents. Skipped without FastAPI."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from algomancy_api import ApiLauncher, lifespan

from ...conftest import API
from ...support import wiring
from ...support.clients import PATIENCE, calling, serving
from ...support.errors import assert_error
from . import journeys
from .resources import open_files, worker_threads

fastapi = pytest.importorskip("fastapi")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Starlette]:
    """The wiring's app, on SQLite."""
    app = ApiLauncher.build(wiring.on_sqlite(tmp_path))
    yield app
    app.state.session_manager.shutdown()


def host_of(app: Starlette, mount: str, **options: Any) -> Any:
    """A FastAPI application with a route of its own and the app mounted."""

    def get_own(number: int) -> dict[str, int]:
        return {"number": number}

    host = fastapi.FastAPI(title="Host", **options)
    host.add_api_route("/own/{number}", get_own)
    host.mount(mount, app)
    return host


@pytest.mark.parametrize(
    ("mount", "address"), [("/x", "/x"), ("/x/y", "/x/y"), ("/é b", "/%C3%A9%20b"), ("/api", "/api")]
)
def test_everything_is_there_in_a_fastapi_host(app: Starlette, mount: str, address: str) -> None:
    with calling(host_of(app, mount)) as client:
        journeys.every_route(client, address)
        journeys.every_page(client, address)
        journeys.assert_the_document_leads_here(client, address)
        journeys.assert_errors_as_everywhere(client, address)
        journeys.assert_redirects_stay(client, address)


def test_the_host_keeps_its_own_ways(app: Starlette) -> None:
    with calling(host_of(app, "/x")) as client:
        assert client.get("/own/1").json() == {"number": 1}
        assert isinstance(client.get("/own/one").json()["detail"], list)
        assert client.get("/openapi.json").json()["info"]["title"] == "Host"
        assert client.get("/x/openapi.json").json()["info"]["title"] == "Wiring"
        assert list(client.get("/openapi.json").json()["paths"]) == ["/own/{number}"]
        assert_error(client.post(f"/x{API}/sessions", json={}), 422)


def test_two_levels_of_fastapi_hosts(app: Starlette) -> None:
    outer = fastapi.FastAPI()
    outer.mount("/x", host_of(app, "/y"))
    with calling(outer) as client:
        journeys.every_route(client, "/x/y")
        journeys.assert_the_document_leads_here(client, "/x/y")
        journeys.assert_redirects_stay(client, "/x/y")


def test_the_hosts_lifespan_shuts_the_app_down(tmp_path: Path, app: Starlette) -> None:
    @asynccontextmanager
    async def host_lifespan(_host: Any) -> AsyncIterator[None]:
        async with lifespan(app):
            yield

    host = host_of(app, "/x", lifespan=host_lifespan)
    with serving(host, lifespan="on") as url, httpx.Client(base_url=url, timeout=PATIENCE) as client:
        journeys.every_route(client, "/x")
        assert open_files(tmp_path)
    assert worker_threads(app) == []
    assert open_files(tmp_path) == []
