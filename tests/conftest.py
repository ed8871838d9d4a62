"""What most tests start from: the wiring, in memory or on SQLite, with one dataset."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from algomancy_api import ApiConfiguration, ApiLauncher

from . import wiring
from .clients import AppClient, calling, serving
from .validation import refuse_undeclared

API = "/api/v1"


def upload_items(client: Any, session: str, name: str = "items", text: str = wiring.ITEMS_CSV) -> httpx.Response:
    """Upload the wiring's little table as a dataset."""
    files = {"files": ("items.csv", text, "text/csv")}
    response: httpx.Response = client.post(f"{session}/etl", data={"dataset_name": name}, files=files, timeout=60)
    return response


def default_session(client: Any) -> str:
    """The address of the session to open first."""
    return f"{API}/sessions/{client.get(f'{API}/sessions').json()['default']}"


def create(client: Any, session: str, algorithm: str = "Instant", tag: str = "a run", **body: Any) -> Any:
    """Create a scenario and give its id."""
    body = {"tag": tag, "dataset_key": "items", "algo_name": algorithm} | body
    response = client.post(f"{session}/scenarios", json=body)
    assert response.status_code == 201, response.text
    return response.json()["id"]


@pytest.fixture(autouse=True)
def _released() -> Iterator[None]:
    """No test leaves an algorithm waiting for the next."""
    events = (wiring.RELEASE, wiring.STARTED, wiring.ETL_RELEASE, wiring.ETL_STARTED)
    for event in events:
        event.clear()
    yield
    wiring.RELEASE.set()
    wiring.ETL_RELEASE.set()


def in_folder(folder: Path) -> ApiConfiguration:
    """The wiring on the framework's oldest backend, which it calls deprecated whenever it is used."""
    return wiring.configuration(has_persistent_state=True, data_path=str(folder))


BACKENDS: dict[str, Callable[[Path], ApiConfiguration]] = {
    "memory": lambda _: wiring.configuration(),
    "json": in_folder,
    "sqlite": wiring.on_sqlite,
}


@pytest.fixture(params=BACKENDS)
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Starlette]:
    """The wiring's app, on each backend."""
    app = ApiLauncher.build(BACKENDS[request.param](tmp_path))
    yield app
    wiring.RELEASE.set()
    app.state.session_manager.shutdown()


@pytest.fixture
def client(app: Starlette) -> Iterator[AppClient]:
    """A client of the app, without a socket."""
    with calling(app) as client:
        yield client


@pytest.fixture
def session(client: AppClient) -> str:
    """The address of the first session, which has the dataset ``items``."""
    address = default_session(client)
    assert upload_items(client, address).status_code == 200
    return address


@pytest.fixture
def http(app: Starlette) -> Iterator[httpx.Client]:
    """A client of the app, over real HTTP."""
    hooks = {"response": [refuse_undeclared]}
    with serving(app) as url, httpx.Client(base_url=url, timeout=60, event_hooks=hooks) as client:
        yield client
