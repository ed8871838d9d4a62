"""Runs have the same results on every engine."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.applications import Starlette

from algomancy_api import ApiConfiguration, ApiLauncher

from ...conftest import API, default_session, upload_items
from ...support.clients import AppClient, calling, eventually
from .conftest import Scenario

New = Callable[..., Scenario]


def test_a_result_is_made_of_dataset_and_parameters(
    client: AppClient, session: str, tmp_path: Path, scenario: New, app: Starlette, engine: str
) -> None:
    rich = scenario("Enriches")
    result = rich.result()
    manager = app.state.session_manager.get_scenario_manager(session.rpartition("/")[2])
    assert type(manager.get_by_id(rich.id).result).__name__ == "Rich"
    assert result["rows"] == [
        {"id": 1, "name": "anvil", "weight": 12.5, "half": 6.25},
        {"id": 2, "name": "feather", "weight": None, "half": None},
        {"id": 3, "name": "brick", "weight": 3.0, "half": 1.5},
    ]
    dataset = client.get(f"{session}/data/items").json()["metadata"]["id"]
    assert result["notes"] == {
        "id": dataset,
        "folder": str(tmp_path),
        "limit": 10,
        "name": "Enriches",
        "is engine process": engine != "thread",
    }
    assert rich.ended()["kpis"]["Size"]["value"] == 7
    assert client.get(f"{rich.url}/status").json()["progress"] == 100


def test_progress_shows_while_it_runs(scenario: New) -> None:
    running = scenario("Gated").started()
    eventually(lambda: running.client.get(f"{running.url}/status").json()["progress"] == 42)
    assert running.status == "processing"


@pytest.mark.parametrize(
    ("algorithm", "text"),
    [
        ("Fails", "no solution"),
        ("Exits", "SystemExit: enough"),
        ("Dooms", "Doom: all is lost"),
        ("Recurses", "maximum recursion depth exceeded"),
        ("RaisesOddly", "7: it is so"),
        ("Misses", "'a key'"),
    ],
)
def test_an_error_has_the_same_text_everywhere(
    scenario: New, algorithm: str, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    failed = scenario(algorithm)
    assert failed.result()["error"].startswith(text)
    # Where in the user's code it was is in the log.
    line = "in run"
    eventually(lambda: any(line in (record.exc_text or "") for record in caplog.records))
    assert scenario("Instant", "the next one").result()["scenario_id"]


def test_a_huge_result_comes_whole(app: Starlette, session: str, scenario: New) -> None:
    lengthy = scenario("Lengthy")
    lengthy.post("run")
    eventually(lambda: lengthy.status == "complete")
    manager = app.state.session_manager.get_scenario_manager(session.rpartition("/")[2])
    table = manager.get_by_id(lengthy.id).result.table
    assert table.shape == (1_000_000, 2)
    assert table.iloc[-1].to_dict() == {"number": 999_999, "word": "word 999999"}
    assert table["number"].sum() == 499_999_500_000


def test_an_algorithm_may_use_processes_of_its_own(scenario: New, engine: str) -> None:
    if engine == "thread":
        pytest.skip("a fork of a process that has threads is no business of this test")
    parallel = scenario("Parallel").started()
    (parallel.folder / "release").touch()
    assert parallel.ended()["status"] == "complete"


def test_closing_leaves_a_running_scenario_to_be_run_again(
    app: Starlette, configured: Callable[..., ApiConfiguration], scenario: New
) -> None:
    running = scenario("Gated").started()
    app.state.session_manager.close()
    app.state.engine.close()
    (running.folder / "release").touch()
    manager = app.state.session_manager.get_scenario_manager(running.url.split("/")[4])
    eventually(lambda: manager.currently_processing is None)
    again = ApiLauncher.build(configured())
    with calling(again) as client:
        assert client.get(f"{running.url}/status").json()["status"] == "created"
        client.post(f"{running.url}/run")
        eventually(lambda: client.get(f"{running.url}/status").json()["status"] == "complete")
    again.state.session_manager.close()
    again.state.engine.close()


def test_an_app_that_is_opened_again_runs(app: Starlette, scenario: New) -> None:
    app.state.session_manager.close()
    app.state.engine.close()
    app.state.engine.open()
    app.state.session_manager.open()
    eventually(lambda: app.state.engine.is_ready)
    assert scenario("Instant").result()["scenario_id"]


def test_sessions_run_beside_each_other(client: AppClient, session: str, tmp_path: Path) -> None:
    client.post(f"{API}/sessions", json={"display_name": "other"})
    other = f"{API}/sessions/other"
    upload_items(client, other)
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    runs = [
        Scenario(client, address, "Gated", folder) for address, folder in zip((session, other), folders, strict=True)
    ]
    for run in runs:
        run.started()
    for run in runs:
        assert run.status == "processing"
        (run.folder / "release").touch()
        assert run.ended()["status"] == "complete"


def test_two_apps_of_one_process_have_each_their_own(
    configured: Callable[..., ApiConfiguration], app: Starlette, scenario: New, tmp_path: Path
) -> None:
    running = scenario("Gated").started()
    (tmp_path / "second").mkdir()
    second = ApiLauncher.build(configured(database_url=f"sqlite:///{tmp_path}/second/wiring.sqlite", engine_workers=1))
    with calling(second) as client:
        address = default_session(client)
        upload_items(client, address)
        assert Scenario(client, address, "Instant", tmp_path).result()["scenario_id"]
        second.state.session_manager.close()
        second.state.engine.close()
    assert running.status == "processing"
    (running.folder / "release").touch()
    assert running.ended()["status"] == "complete"


def test_nothing_of_a_run_stays_behind(scenario: New) -> None:
    scenario("Reports", "first").started().post("cancel")
    before = {thread.name for thread in threading.enumerate()}
    for number in range(3):
        scenario("Instant", f"run {number}").result()
    eventually(lambda: {thread.name for thread in threading.enumerate()} <= before)
