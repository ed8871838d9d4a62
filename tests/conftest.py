"""Fixtures and helpers of most tests: the wiring, in memory or on a database, with one dataset."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, settings
from starlette.applications import Starlette

from algomancy_api import ApiConfiguration, ApiLauncher

from .integration.persistence.cluster import Cluster, running_cluster
from .support import wiring
from .support.clients import PATIENCE, AppClient, calling, serving
from .support.databases import Database, new_database, skip_without_postgresql
from .support.processes import no_server_left
from .support.validation import refuse_undeclared

API = "/api/v1"

# An example may take as long as a busy machine needs. With `CI` in the environment, the examples are always the same.
settings.register_profile("patient", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


def upload_items(
    client: Any, session: str, name: str = "items", text: str = wiring.ITEMS_CSV, query: str = ""
) -> httpx.Response:
    """Upload the small table of the wiring as a dataset."""
    files, form = {"files": ("items.csv", text, "text/csv")}, {"dataset_name": name}
    response: httpx.Response = client.post(f"{session}/etl{query}", data=form, files=files, timeout=PATIENCE)
    return response


def default_session(client: Any) -> str:
    """The URL path of the default session."""
    return f"{API}/sessions/{client.get(f'{API}/sessions').json()['default']}"


def create(client: Any, session: str, algorithm: str = "Instant", tag: str = "a run", **body: Any) -> Any:
    """Create a scenario and return its id."""
    body = {"tag": tag, "dataset_key": "items", "algo_name": algorithm} | body
    response = client.post(f"{session}/scenarios", json=body)
    assert response.status_code == 201, response.text
    return response.json()["id"]


@pytest.fixture(autouse=True)
def _no_server_left() -> Iterator[None]:
    with no_server_left():
        yield


@pytest.fixture(autouse=True)
def _released() -> Iterator[None]:
    """Release waiting algorithms after each test, so that none blocks the next test."""
    events = (wiring.RELEASE, wiring.STARTED, wiring.ETL_RELEASE, wiring.ETL_STARTED)
    for event in events:
        event.clear()
    yield
    wiring.RELEASE.set()
    wiring.ETL_RELEASE.set()


def in_folder(folder: Path) -> ApiConfiguration:
    """The wiring on the JSON files of the framework, whose use gives a deprecation warning."""
    return wiring.configuration(has_persistent_state=True, data_path=str(folder))


DATABASES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server. Each test uses a database of its own."""
    skip_without_postgresql()
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A new database; the test runs once on each kind."""
    with new_database(request.param, tmp_path, request) as database:
        yield database


@contextmanager
def app_on(backend: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[Starlette]:
    """The app of the wiring on a backend, whose files go to the folder."""
    on_database = backend in DATABASES
    with new_database(backend, folder, request) if on_database else nullcontext() as database:
        if database is not None:
            configuration = database.configuration()
        else:
            configuration = in_folder(folder) if backend == "json" else wiring.configuration()
        app = ApiLauncher.build(configuration)
        yield app
        wiring.RELEASE.set()
        app.state.session_manager.shutdown()


@pytest.fixture(params=["memory", "json", *DATABASES])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Starlette]:
    """The app of the wiring; the test runs once on each backend."""
    with app_on(request.param, tmp_path, request) as app:
        yield app


@pytest.fixture
def client(app: Starlette) -> Iterator[AppClient]:
    """A client of the app, without a socket."""
    with calling(app) as client:
        yield client


@pytest.fixture
def session(client: AppClient) -> str:
    """The URL path of the default session, with the dataset ``items``."""
    address = default_session(client)
    assert upload_items(client, address).status_code == 200
    return address


@pytest.fixture
def http(app: Starlette) -> Iterator[httpx.Client]:
    """A client of the app, over real HTTP."""
    hooks = {"response": [refuse_undeclared]}
    with serving(app) as url, httpx.Client(base_url=url, timeout=PATIENCE, event_hooks=hooks) as client:
        yield client
