"""The process engine: whatever an algorithm does to its process, the server and the next run go on."""

from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.applications import Starlette

from algomancy_api import ApiConfiguration, ApiLauncher

from ...conftest import API, upload_items
from ...support.clients import calling, eventually
from .conftest import Scenario

New = Callable[..., Scenario]

pytestmark = pytest.mark.parametrize("engine", ["process", "dask"])


def is_alive(process_id: int) -> bool:
    """Whether a process exists and is not a zombie."""
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("SIGSEGV", "The worker process was killed by SIGSEGV"),
        ("SIGKILL", "The worker process was killed by SIGKILL (out of memory?)"),
        ("SIGABRT", "The worker process was killed by SIGABRT"),
        ("exit 3", "The worker process exited with code 3 before it was done"),
        ("exit 0", "The worker process exited with code 0 before it was done"),
    ],
)
def test_a_process_that_ends_fails_its_scenario_alone(
    scenario: New, tmp_path: Path, how: str, says: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "algomancy_api")
    (tmp_path / "how").write_text(how)
    doomed = scenario("Ends")
    assert doomed.result() == {"error": says}
    assert doomed.status == "failed"
    assert f"[{doomed.id}] last words" in caplog.messages
    assert scenario("Instant", "the next one").result()["scenario_id"]


def test_a_fault_in_c_shows_where_it_was(scenario: New, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "how").write_text("SIGSEGV")
    scenario("Ends").result()
    assert any("in crash" in message for message in caplog.messages)


def test_what_a_run_prints_and_logs_is_in_the_log_with_its_id(scenario: New, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "algomancy_api")
    talking = scenario("Prints")
    talking.result()
    own = [record for record in caplog.records if record.name == "algomancy_api.engines"]
    told = [(record.levelname, record.getMessage()) for record in own]
    assert all(message.startswith(f"[{talking.id}] ") for _, message in told)
    lines = [(name, message.partition("] ")[2]) for name, message in told]
    assert [line for line in lines if line[0] == "INFO"][0:1] == [("INFO", "printed\\tto stdout")]
    assert ("WARNING", "printed to stderr") in lines
    assert ("INFO", r"bytes \xff\xfe of no text") in lines
    assert sum(len(text) for _, text in lines if set(text) == {"x"}) == 20_000
    assert ("WARNING", "solver: logged 7") in lines
    assert ("ERROR", "solver: caught") in lines
    assert ("ERROR", "solver: ValueError: a reason") in lines
    assert ("INFO", "algomancy_api.framework: by way of the framework") in lines
    assert ("INFO", "no end of line") in lines


def test_a_result_that_cannot_leave_is_named(scenario: New) -> None:
    says = "result.parts['all'][0] cannot be sent to another process: cannot pickle '_thread.lock' object"
    assert scenario("Locks").result() == {"error": says}


def test_an_algorithm_that_no_other_process_can_import_is_named(scenario: New) -> None:
    error = scenario("Local").result()["error"]
    assert error.startswith("algorithm cannot be sent to another process: Can't pickle local object")
    assert "local_algorithm.<locals>.Local" in error


def test_a_dataset_that_cannot_cross_is_named(app: Starlette, session: str, scenario: New) -> None:
    manager = app.state.session_manager.get_scenario_manager(session.rpartition("/")[2])
    manager.get_data("items").cache = {"open": (number for number in range(1))}
    error = scenario("Instant").result()["error"]
    assert error == "data.cache['open'] cannot be sent to another process: cannot pickle 'generator' object"


@pytest.mark.parametrize("algorithm", ["Ignores", "Spins"])
def test_what_does_not_listen_is_ended_with_all_that_it_has_started(scenario: New, algorithm: str) -> None:
    running = scenario(algorithm).started()
    processes = [int(number) for number in (running.folder / "started").read_text().split()]
    running.post("cancel")
    assert running.ended()["result"] == {"error": "Cancelled"}
    eventually(lambda: not any(map(is_alive, processes)))


def test_no_more_run_at_once_than_there_are_workers(
    configured: Callable[..., ApiConfiguration], tmp_path: Path
) -> None:
    app = ApiLauncher.build(configured(engine_workers=1))
    with calling(app) as client:
        runs = []
        for name in ("one", "two"):
            client.post(f"{API}/sessions", json={"display_name": name})
            upload_items(client, f"{API}/sessions/{name}")
            (tmp_path / name).mkdir()
            runs.append(Scenario(client, f"{API}/sessions/{name}", "Gated", tmp_path / name))
        first, second = runs
        first.started()
        second.post("run", json={"timeout": 60})
        eventually(lambda: second.status == "processing")
        # It waits for a slot, and can be cancelled meanwhile.
        second.post("cancel")
        assert second.ended()["result"] == {"error": "Cancelled"}
        assert not (second.folder / "started").exists()
        second.post("reset")
        second.post("run")
        (first.folder / "release").touch()
        assert first.ended()["status"] == "complete"
        (second.folder / "release").touch()
        assert second.ended()["status"] == "complete"
    app.state.session_manager.close()
    app.state.engine.close()


def test_closing_ends_a_run_that_does_not_listen(app: Starlette, scenario: New, engine: str) -> None:
    running = scenario("Ignores").started()
    process = int((running.folder / "started").read_text())
    app.state.engine.close()
    if engine == "dask":  # its worker is not closed: it asks before it insists
        eventually(lambda: not is_alive(process))
    assert not is_alive(process)
    # Its scenario is to be run again, also where its session is not closed.
    eventually(lambda: running.status == "created")
