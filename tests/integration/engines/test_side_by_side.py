"""Scenarios of one session that run at the same time, on every engine."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from algomancy_api import ApiConfiguration, ApiLauncher

from ...support.clients import AppClient, calling, eventually
from .conftest import Scenario

New = Callable[[str, str], Scenario]


@pytest.fixture
def app(configured: Callable[..., ApiConfiguration], tmp_path: Path) -> Iterator[Starlette]:
    app = ApiLauncher.build(configured(session_runs=2))
    yield app
    for folder in tmp_path.iterdir():
        if folder.is_dir():
            (folder / "release").touch()
    app.state.session_manager.close()
    app.state.engine.close()


@pytest.fixture
def new(client: AppClient, session: str, tmp_path: Path) -> New:
    """A factory of scenarios, each with a folder of its own."""

    def make(algorithm: str, tag: str) -> Scenario:
        (tmp_path / tag).mkdir()
        return Scenario(client, session, algorithm, tmp_path / tag, tag)

    return make


def running(client: Any, session: str) -> str | None:
    """The tag of the scenario that runs longest."""
    form = client.get(f"{session}/processing").json()
    return None if form is None else form["tag"]


def queued(client: Any, session: str) -> list[str]:
    return [each["tag"] for each in client.get(f"{session}/queue").json()]


def release(scenario: Scenario) -> Any:
    (scenario.folder / "release").touch()
    return scenario.ended()


def test_two_run_and_the_others_follow_in_their_order(client: AppClient, session: str, new: New) -> None:
    runs = [new("Gated", tag) for tag in ("one", "two", "three", "four")]
    for run in runs[:2]:
        run.started()
    for run in runs[2:]:
        run.post("run")
    assert [run.status for run in runs] == ["processing", "processing", "queued", "queued"]
    assert running(client, session) == "one"
    assert queued(client, session) == ["three", "four"]
    assert release(runs[1])["status"] == "complete"
    eventually((runs[2].folder / "started").exists)
    assert not (runs[3].folder / "started").exists()
    assert (running(client, session), queued(client, session)) == ("one", ["four"])
    assert release(runs[0])["status"] == "complete"
    eventually((runs[3].folder / "started").exists)
    eventually(lambda: running(client, session) == "three")
    assert [release(run)["status"] for run in runs[2:]] == ["complete", "complete"]
    assert {run.ended()["kpis"]["Size"]["value"] for run in runs} == {7}
    eventually(lambda: running(client, session) is None)


def test_each_of_them_can_be_cancelled_alone(client: AppClient, session: str, new: New) -> None:
    first, second = new("Held", "first").started(), new("Held", "second").started()
    third, fourth = new("Held", "third"), new("Held", "fourth")
    for waiting in (third, fourth):
        waiting.post("run")
    for run in (first, second, third):
        assert client.post(f"{run.url}/reset").status_code == client.delete(run.url).status_code == 409
    assert third.post("cancel")["result"] == {"error": "Cancelled"}
    second.post("cancel")
    assert second.ended()["result"] == {"error": "Cancelled"}
    eventually((fourth.folder / "started").exists)
    assert not (third.folder / "started").exists()
    assert [run.status for run in (first, fourth)] == ["processing", "processing"]
    assert client.delete(session).status_code == 409
    second.post("reset")
    second.post("run")
    assert queued(client, session) == ["second"]
    for run in (fourth, first, second):
        assert release(run)["status"] == "complete"


def test_all_that_a_close_cuts_off_run_again_in_their_order(
    app: Starlette, session: str, new: New, configured: Callable[..., ApiConfiguration]
) -> None:
    runs = [new("Gated", tag) for tag in ("one", "two", "three", "four")]
    for run in runs[:2]:
        run.started()
    for run in runs[2:]:
        run.post("run", json={"timeout": 3600})
    app.state.session_manager.close()
    app.state.engine.close()
    for run in runs[:2]:  # on threads, these go on
        (run.folder / "release").touch()
    manager = app.state.session_manager.get_scenario_manager(session.rpartition("/")[2])
    eventually(lambda: not manager._processor.threads())
    for run in runs[:2]:
        for name in ("started", "release"):
            (run.folder / name).unlink()
    again = ApiLauncher.build(configured(session_runs=2, resume_runs="all"))
    with calling(again) as client:
        for run in runs[:2]:
            eventually((run.folder / "started").exists)
        assert (running(client, session), queued(client, session)) == ("one", ["three", "four"])
        for run in runs:
            run.client = client
            assert release(run)["status"] == "complete"
        assert [
            each["interrupted"] for each in client.get(f"{session}/scenarios").json() if "interrupted" in each
        ] == []
    again.state.session_manager.close()
    again.state.engine.close()


def test_the_framework_waits_for_all_of_them(app: Starlette, session: str, new: New) -> None:
    runs = [new("Gated", tag) for tag in ("one", "two", "three")]
    for run in runs:
        run.post("run")
    manager = app.state.session_manager.get_scenario_manager(session.rpartition("/")[2])
    assert manager.is_busy()
    waiting = threading.Thread(target=manager.wait_for_processing)
    waiting.start()
    for run in runs:
        assert waiting.is_alive()
        release(run)
    waiting.join(30)
    assert not waiting.is_alive()
    assert manager.currently_processing is None
    eventually(lambda: not manager._processor.threads())


def test_an_engine_says_how_many_run_by_itself(configured: Callable[..., ApiConfiguration], engine: str) -> None:
    app = ApiLauncher.build(configured(session_runs=None))
    assert app.state.session_manager.run_limits.of_session() == {"thread": 1, "process": 2, "dask": 2}[engine]
    app.state.session_manager.close()


def test_a_cluster_says_how_many_run_without_a_limit(configured: Callable[..., ApiConfiguration], engine: str) -> None:
    if engine != "dask":
        pytest.skip("only a cluster has no limit of its own")
    app = ApiLauncher.build(configured(session_runs=None, engine_workers=None))
    assert app.state.session_manager.run_limits.of_session() >= 1
    app.state.engine.open()
    eventually(lambda: app.state.session_manager.run_limits.of_session() == 4)  # two workers of two threads each
    app.state.session_manager.close()
    app.state.engine.close()
