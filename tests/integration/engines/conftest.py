"""Fixtures of the tests of engines: an app for each engine, and a scenario on it."""

import gc
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from algomancy_api import ApiConfiguration, ApiLauncher

from ...conftest import create, default_session, upload_items
from ...support import wiring
from ...support.clients import AppClient, eventually
from .algorithms import ALGORITHMS, Gated
from .clusters import DaskCluster, running

#: The engines that the tests run on.
ENGINES = ["thread", "process", "dask"]

#: The Dask engine on a cluster that the server starts itself.
LOCAL_DASK = "local dask"


#: A handshake that is cut off, as by a scheduler that comes and goes, leaves its socket to the collector: `connect` in
#: distributed closes it on no other way than the good one. That is no fault of the test that it happens in.
_LEFT_BY_DASK = "ignore:unclosed <socket:ResourceWarning"


def _is_on_dask(item: pytest.Item) -> bool:
    return "dask" in getattr(item, "fixturenames", ()) or "dask" in item.name


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent and _is_on_dask(item):
            item.add_marker(pytest.mark.filterwarnings(_LEFT_BY_DASK))


@pytest.fixture(autouse=True)
def _collected(request: pytest.FixtureRequest) -> Iterator[None]:
    """What Dask has left is collected here, and not in the middle of another test."""
    yield
    if _is_on_dask(request.node):
        gc.collect()


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    """A cluster shared by the tests that do not change it."""
    with running(tmp_path_factory.mktemp("dask")) as cluster:
        yield cluster


@pytest.fixture
def configured(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> Callable[..., ApiConfiguration]:
    """A factory of configurations on the engine and on SQLite."""
    address = request.getfixturevalue("dask").address if engine == "dask" else None

    def configuration(**overrides: Any) -> ApiConfiguration:
        name = engine.removeprefix("local ")
        keywords = {"algorithms": ALGORITHMS, "engine": name, "engine_workers": 2, "engine_address": address}
        keywords["session_runs"] = 1  # a queue that waits for one run; `test_side_by_side` has several
        return wiring.on_sqlite(tmp_path, **keywords | overrides)

    return configuration


@pytest.fixture
def app(configured: Callable[..., ApiConfiguration], tmp_path: Path) -> Iterator[Starlette]:
    app = ApiLauncher.build(configured())
    yield app
    (tmp_path / "release").touch()
    app.state.session_manager.close()
    app.state.engine.close()


@pytest.fixture
def session(client: AppClient) -> str:
    address = default_session(client)
    assert upload_items(client, address).status_code == 200
    return address


class Scenario:
    """A scenario, used through the API."""

    def __init__(
        self,
        client: Any,
        session: str,
        algorithm: str,
        folder: Path,
        tag: str = "a run",
        algorithms: Mapping[str, type] = ALGORITHMS,
    ) -> None:
        gated = {"algo_params": {"folder": str(folder)}} if issubclass(algorithms.get(algorithm, object), Gated) else {}
        self.id = create(client, session, algorithm, tag, **gated)
        self.url = f"{session}/scenarios/{self.id}"
        self.client = client
        self.folder = folder

    def post(self, action: str, **keywords: Any) -> Any:
        response = self.client.post(f"{self.url}/{action}", **keywords)
        assert response.is_success, response.text
        return response.json()

    def started(self, **keywords: Any) -> Scenario:
        """Run the scenario and wait until its algorithm has started."""
        self.post("run", **keywords)
        eventually((self.folder / "started").exists)
        return self

    @property
    def status(self) -> str:
        status: str = self.client.get(f"{self.url}/status").json()["status"]
        return status

    @property
    def progress(self) -> float:
        progress: float = self.client.get(f"{self.url}/status").json()["progress"]
        return progress

    def result(self) -> Any:
        """What it ends with, once it has been run."""
        self.post("run")
        return self.ended()["result"]

    def ended(self) -> Any:
        """Its full form, once it has ended."""
        eventually(lambda: self.status in ("complete", "failed"))
        return self.client.get(self.url).json()


@pytest.fixture
def scenario(client: AppClient, session: str, tmp_path: Path) -> Callable[..., Scenario]:
    """A factory of scenarios."""

    def new(algorithm: str, tag: str = "a run") -> Scenario:
        return Scenario(client, session, algorithm, tmp_path, tag)

    return new
