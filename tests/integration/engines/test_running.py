"""Runs have the same results on every engine."""

import json
import re
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.applications import Starlette

from algomancy_api import ApiConfiguration, ApiLauncher

from ...conftest import API, create, default_session, upload_items
from ...support.clients import AppClient, calling, ended, eventually
from .conftest import ENGINES, LOCAL_DASK, Scenario

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


def test_times_are_parameters_on_every_engine(client: AppClient, session: str) -> None:
    values = {"at": "2027-03-04T05:06:07", "between": ["2026-01-01", "2026-02-01"]}
    scenario = create(client, session, "Windowed", algo_params=values, run=True)
    full = ended(client, session, scenario)
    text = full["algorithm"]["parameters"]
    assert full["result"] == {"seen": [2027, 31, text]}, full
    assert json.loads(text) == {
        "name": "window",
        "parameters": {"at": values["at"], "between": ["2026-01-01T00:00:00", "2026-02-01T00:00:00"]},
    }


def test_an_algorithm_may_call_its_own_run_with_what_it_likes(scenario: New) -> None:
    assert scenario("Divides").result() == {"seen": [3, 2, 1, True, False]}


@pytest.mark.parametrize("engine", [*ENGINES, LOCAL_DASK])
@pytest.mark.filterwarnings("ignore:The inplace keyword")
def test_an_algorithm_that_changes_its_dataset_changes_it_for_nobody_else(
    client: AppClient, session: str, scenario: New, app: Starlette
) -> None:
    before = client.get(f"{session}/data/items").json()
    results = [scenario("Changes", tag).result() for tag in ("first", "second")]
    first, second = results
    assert [row["weight"] for row in first["rows"]] == [12.5, None, 3.0], first
    assert first["notes"] == {"tables": ["items"], "index": [None, 0, 1, 2]}
    assert second == first
    assert client.get(f"{session}/data/items").json() == before
    client.post(f"{session}/data/items/derive", json={"new_key": "derived"})
    client.post(f"{session}/copy", json={"new_display_name": "copy"})
    for address in (f"{session}/data/derived", f"{API}/sessions/copy/data/items"):
        assert client.get(address).json()["tables"] == before["tables"]
    manager = app.state.session_manager.get_scenario_manager(session.rpartition("/")[2])
    assert manager.get_data("items").validation_messages is not None


@pytest.mark.filterwarnings("ignore:The inplace keyword")
def test_a_queued_scenario_runs_on_the_dataset_that_replaces_its_own(
    client: AppClient, session: str, scenario: New, tmp_path: Path
) -> None:
    old = client.get(f"{session}/data/items").json()["metadata"]["id"]
    running, queued = scenario("Gated").started(), scenario("Changes", "queued")
    queued.post("run")
    files = {"files": ("items.csv", "id;name;weight\n9;hammer;1\n", "text/csv")}
    assert client.post(f"{session}/etl?replace=true", data={"dataset_name": "items"}, files=files).status_code == 200
    (tmp_path / "release").touch()
    assert queued.ended()["result"]["rows"] == [{"id": 9, "name": "hammer", "weight": 1.0}]
    assert running.ended()["result"]["scenario_id"] == old
    assert [running.ended()["data_changed"], queued.ended()["data_changed"]] == [True, False]


def test_progress_shows_while_it_runs(scenario: New) -> None:
    running = scenario("Gated").started()
    eventually(lambda: running.client.get(f"{running.url}/status").json()["progress"] == 42)
    assert running.status == "processing"


@pytest.mark.parametrize(
    ("algorithm", "text"),
    [
        ("Fails", "ValueError: no solution"),
        ("Exits", "SystemExit: enough"),
        ("Dooms", "Doom: all is lost"),
        ("Recurses", "RecursionError: maximum recursion depth exceeded"),
        ("RaisesOddly", "OddError: 7: it is so"),
        ("Misses", "KeyError: 'a key'"),
        ("Asserts", "RuntimeError: no solution (caused by AssertionError at tests/integration/engines/algorithms.py:"),
    ],
)
def test_an_error_has_the_same_text_everywhere(
    scenario: New, algorithm: str, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    failed = scenario(algorithm)
    error = failed.result()["error"]
    assert error.startswith(text)
    assert failed.client.get(f"{failed.url}/status").json()["error"] == error
    form = failed.client.get(f"{failed.url}?traceback=true").json()
    frames = re.findall(r'  File "(.*)", line \d+, in (\w+)', form["traceback"])
    assert {("tests/support/wiring.py", "run"), ("tests/integration/engines/algorithms.py", "run")} & set(frames)
    assert all(file.startswith("tests/") for file, _ in frames), form["traceback"]
    assert form["traceback"].splitlines()[-1] in error
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
