"""The Dask engine: where datasets are kept, and runs whose worker or scheduler is lost."""

import gc
import importlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from algomancy_api import ApiConfiguration, ApiLauncher

from ...conftest import default_session, upload_items
from ...support.clients import AppClient, calling, eventually
from ...support.processes import free_port
from .clusters import DaskCluster, number, running
from .conftest import Scenario
from .test_processes import is_alive

New = Callable[..., Scenario]

pytestmark = pytest.mark.parametrize("engine", ["dask"])


def worker_of(process_id: int) -> int:
    """The worker of a child: the parent of the server that has forked it."""
    for _ in range(2):
        process_id = int(Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[1])
    return process_id


@pytest.fixture
def healed(dask: DaskCluster) -> Iterator[DaskCluster]:
    """A cluster that is whole again afterwards."""
    yield dask
    dask.heal()


# Workers -------------------------------------------------------------------------------------------------------


def test_a_run_whose_worker_is_killed_is_run_once_again_on_another(
    scenario: New, tmp_path: Path, healed: DaskCluster
) -> None:
    lost = scenario("Ignores")
    lost.post("run")
    child = number(tmp_path / "started")
    first = worker_of(child)
    healed.kill(first)
    second_child = number(tmp_path / "started")
    second = worker_of(second_child)
    assert second != first
    assert lost.status == "processing"
    eventually(lambda: not is_alive(child))
    healed.kill(second)
    says = "The connection to the Dask worker was lost, also in the second attempt"
    assert lost.ended()["result"] == {"error": says}
    eventually(lambda: not is_alive(second_child))
    assert not (tmp_path / "started").exists()


def test_the_progress_of_a_run_that_is_run_again_begins_anew(
    scenario: New, tmp_path: Path, healed: DaskCluster
) -> None:
    lost = scenario("Hesitates").started()
    eventually(lambda: lost.progress == 42)
    (tmp_path / "hesitate").touch()
    healed.kill(worker_of(number(tmp_path / "started")))
    eventually((tmp_path / "started").exists)
    eventually(lambda: lost.progress == 0)
    (tmp_path / "release").touch()
    assert lost.ended()["status"] == "complete"


def test_a_worker_on_another_version_says_so(scenario: New, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("algomancy_api.engines.dask.engine.versions", lambda: "Python 2.7.18")
    error = scenario("Instant").result()["error"]
    assert error.startswith("The Dask worker has Python 3.")
    assert error.endswith("; the server has Python 2.7.18")


def test_a_module_that_a_worker_lacks_is_named(
    configured: Callable[..., ApiConfiguration], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "only_here.py").write_text("from tests.support.wiring import Instant\nclass Remote(Instant): pass\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    only_here = importlib.import_module("only_here")

    app = ApiLauncher.build(configured(algorithms={"Remote": only_here.Remote}))
    with calling(app) as client:
        session = default_session(client)
        upload_items(client, session)
        run = Scenario(client, session, "Remote", tmp_path)
        says = "The Dask worker cannot import the algorithm or its dataset: No module named 'only_here'"
        assert run.result() == {"error": says}
    app.state.session_manager.close()
    app.state.engine.close()


# Datasets ------------------------------------------------------------------------------------------------------


def test_a_dataset_crosses_once_to_each_worker_and_goes_with_its_scenarios(
    client: AppClient, session: str, scenario: New, dask: DaskCluster
) -> None:
    for count in range(6):
        scenario("Instant", f"run {count}").result()
    held = dask.held()
    assert 1 <= len(held) <= 2
    assert set(held.values()) == {1}
    eventually(lambda: client.get(f"{session}/processing").json() is None)
    for listed in client.get(f"{session}/scenarios").json():
        assert client.delete(f"{session}/scenarios/{listed['id']}").status_code == 204
    assert client.delete(f"{session}/data/items").status_code == 204

    def is_gone() -> bool:
        gc.collect()
        return not dask.held()

    eventually(is_gone)


# The scheduler -------------------------------------------------------------------------------------------------


def test_a_scheduler_that_goes_and_comes_back(
    tmp_path: Path, configured: Callable[..., ApiConfiguration], tmp_path_factory: pytest.TempPathFactory
) -> None:
    with running(tmp_path_factory.mktemp("dask")) as cluster:
        app = ApiLauncher.build(configured(engine_address=cluster.address))
        with calling(app) as client:
            session = default_session(client)
            upload_items(client, session)
            under_way = Scenario(client, session, "Gated", tmp_path, "under way").started()
            assert app.state.engine.is_ready
            cluster.kill_scheduler()
            says = {"error": f"The Dask scheduler at {cluster.address} cannot be reached"}
            assert under_way.ended()["result"] == says
            eventually(lambda: not app.state.engine.is_ready)
            assert Scenario(client, session, "Instant", tmp_path, "too early").result() == says
            waiting = Scenario(client, session, "Instant", tmp_path, "cancelled")
            waiting.post("run")
            waiting.post("cancel")
            assert waiting.ended()["result"] == {"error": "Cancelled"}
            cluster.start_scheduler()
            eventually(lambda: app.state.engine.is_ready)
            cluster.start_worker("--no-nanny")
            assert Scenario(client, session, "Instant", tmp_path, "again").result()["scenario_id"]
        app.state.session_manager.close()
        app.state.engine.close()


def test_a_server_starts_where_there_is_no_scheduler(
    configured: Callable[..., ApiConfiguration], tmp_path: Path
) -> None:
    address = f"tcp://127.0.0.1:{free_port()}"
    app = ApiLauncher.build(configured(engine_address=address))
    app.state.engine.open()
    with calling(app) as client:
        session = default_session(client)
        upload_items(client, session)
        failed = Scenario(client, session, "Instant", tmp_path)
        assert failed.result() == {"error": f"The Dask scheduler at {address} cannot be reached"}
        assert not app.state.engine.is_ready
    app.state.session_manager.close()
    app.state.engine.close()
