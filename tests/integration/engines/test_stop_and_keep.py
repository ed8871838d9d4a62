"""Runs that are stopped with the best they have, and what they report meanwhile, on every engine."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from algomancy_api import ApiConfiguration, ApiLauncher

from ...conftest import default_session
from ...support.clients import PATIENCE, AppClient, calling, eventually, serving
from ...support.errors import assert_error
from .algorithms import ALGORITHMS
from .conftest import Scenario
from .reporting import REPORTING, Value

New = Callable[..., Scenario]

UNSOLVED = {"error": "stopped before the first solution"}


@pytest.fixture
def app(configured: Callable[..., ApiConfiguration], tmp_path: Path) -> Iterator[Starlette]:
    app = ApiLauncher.build(configured(algorithms=ALGORITHMS | REPORTING, kpis={"Value": Value}))
    yield app
    (tmp_path / "release").touch()
    app.state.session_manager.close()
    app.state.engine.close()


@pytest.fixture
def scenario(client: AppClient, session: str, tmp_path: Path) -> New:
    def new(algorithm: str, tag: str = "a run") -> Scenario:
        return Scenario(client, session, algorithm, tmp_path, tag, ALGORITHMS | REPORTING)

    return new


def points(running: Scenario) -> list[dict[str, Any]]:
    """What the run has reported."""
    found: list[dict[str, Any]] = running.client.get(f"{running.url}/progress").json()["points"]
    return found


def best(running: Scenario) -> Any:
    """The full form with the last reported result; None if there is none."""
    response = running.client.get(f"{running.url}?best=true")
    return response.json() if response.status_code == 200 else None


def status_of(running: Scenario) -> Any:
    return running.client.get(f"{running.url}/status").json()


def assert_kept(running: Scenario, number: float) -> None:
    form = running.ended()
    assert (form["status"], form["result"], form["ended"]) == ("complete", {"seen": number}, "stopped")
    assert form["kpis"]["Value"]["value"] == number
    assert status_of(running)["ended"] == "stopped"
    summaries = running.client.get(running.url.rpartition("/")[0]).json()
    assert [summary["ended"] for summary in summaries if summary["id"] == running.id] == ["stopped"]


# Stop and keep -------------------------------------------------------------------------------------------------


def test_an_algorithm_that_is_asked_to_end_returns_what_it_has(scenario: New) -> None:
    running = scenario("Improves").started()
    assert running.post("stop?grace=60")["id"] == running.id
    assert_kept(running, 9)
    assert running.post("stop")["ended"] == "stopped"  # a request that was sent twice
    assert running.post("reset")["result"] is None
    assert "ended" not in status_of(running)
    assert points(running) == []


def test_one_that_does_not_end_in_time_keeps_its_last_reported_result(scenario: New) -> None:
    running = scenario("Stubborn").started()
    eventually(lambda: best(running))
    running.post("stop?grace=600")
    assert running.status == "processing"
    running.post("stop?grace=0.2")  # the earliest end counts
    running.post("stop?grace=600")
    assert_kept(running, 20)


def test_one_that_has_nothing_fails(scenario: New) -> None:
    running = scenario("Clueless").started()
    running.post("stop?grace=0")
    form = running.ended()
    assert (form["status"], form["result"]) == ("failed", UNSOLVED)
    assert "ended" not in form
    assert status_of(running)["error"] == "stopped before the first solution"
    assert_error(running.client.post(f"{running.url}/stop"), 409, "is failed; only a queued or processing one")


def test_a_cancel_goes_before_a_stop(scenario: New) -> None:
    running = scenario("Stubborn").started()
    eventually(lambda: best(running))
    running.post("stop?grace=600")
    running.post("cancel")
    form = running.ended()
    assert (form["status"], form["result"]) == ("failed", {"error": "Cancelled"})


def test_a_run_without_a_stop_does_not_say_that_it_was_stopped(scenario: New) -> None:
    running = scenario("Stubborn").started()
    (running.folder / "release").touch()
    form = running.ended()
    assert (form["status"], form["result"]) == ("complete", {"seen": 1})
    assert "ended" not in form | status_of(running)


def test_a_queued_scenario_that_is_stopped_is_cancelled(scenario: New) -> None:
    running, waiting = scenario("Gated", "running").started(), scenario("Improves", "waiting")
    waiting.post("run")
    form = waiting.post("stop")
    assert (form["status"], form["result"]) == ("failed", {"error": "Cancelled"})
    (running.folder / "release").touch()
    assert running.ended()["status"] in ("complete", "failed")


def test_a_limit_can_stop_and_keep(scenario: New) -> None:
    running = scenario("Improves").started(json={"timeout": 3, "on_timeout": "stop"})
    assert_kept(running, 9)


def test_a_limit_fails_a_run_unless_it_shall_stop_it(scenario: New) -> None:
    running = scenario("Improves").started(json={"timeout": 3, "on_timeout": "fail"})
    assert running.ended()["result"] == {"error": "Timed out after 3 s"}


@pytest.mark.parametrize("engine", ["thread"], indirect=True)
def test_what_cannot_be_stopped_is_refused_in_words(scenario: New, client: AppClient, session: str) -> None:
    created = scenario("Improves")
    assert_error(client.post(f"{created.url}/stop"), 409, "run it first")
    assert_error(client.post(f"{session}/scenarios/no-such/stop"), 404, "no-such")
    for grace in ("-1", "601", "nan", "soon"):
        assert_error(client.post(f"{created.url}/stop?grace={grace}"), 422, "grace must be")
    refused = client.post(f"{created.url}/run", json={"timeout": 1, "on_timeout": "explode"})
    assert_error(refused, 422, "explode")
    assert_error(client.get(f"{created.url}?best=true"), 409, "has no result yet")


# Threads of a solver -------------------------------------------------------------------------------------------


def test_a_thread_of_a_solver_reports_and_is_told_to_end(scenario: New) -> None:
    running = scenario("Calls").started()
    eventually(lambda: status_of(running)["progress"] == 42)
    eventually(lambda: [point["objective"] for point in points(running)] == [3])
    running.post("stop?grace=60")
    assert_kept(running, 2)
    assert not (running.folder / "raised").exists()


def test_a_thread_of_a_solver_ends_when_its_run_is_cancelled(scenario: New, engine: str) -> None:
    running = scenario("Obeys").started()
    running.post("cancel")
    assert running.ended()["result"] == {"error": "Cancelled"}
    if engine == "thread":  # a process that is slow to notice is killed
        assert (running.folder / "raised").read_text() == "RunStopped"


@pytest.mark.parametrize("engine", ["process", "dask"], indirect=True)
def test_in_a_process_the_functions_work_on_any_thread(scenario: New) -> None:
    running = scenario("CallsModule").started()
    eventually(lambda: best(running))
    running.post("stop?grace=60")
    assert_kept(running, 2)
    assert (running.folder / "stopping").read_text() == "False"


# What a run reports --------------------------------------------------------------------------------------------


def test_the_last_reported_result_is_read_with_its_kpis_while_it_runs(scenario: New) -> None:
    running = scenario("Improves").started()
    form = eventually(lambda: best(running))
    eventually(lambda: best(running)["result"] == {"seen": 10})
    assert form["status"] == "processing"
    assert best(running)["kpis"]["Value"]["value"] == 10
    plain = running.client.get(running.url).json()
    assert (plain["result"], plain["kpis"]["Value"]["value"]) == (None, None)
    running.post("stop?grace=60")
    assert_kept(running, 9)
    assert best(running)["result"] == {"seen": 9}


def test_without_a_reported_result_there_is_none_to_read(scenario: New) -> None:
    running = scenario("Clueless").started()
    eventually(lambda: points(running))
    response = running.client.get(f"{running.url}?best=true")
    assert_error(response, 409, "has not reported a result yet")


def test_a_large_result_is_reported_whole(scenario: New) -> None:
    running = scenario("Tables").started()
    form = eventually(lambda: best(running))
    assert form["result"] == {"seen": 20_000, "last": "item 19999"}
    assert form["kpis"]["Value"]["value"] == 20_000


def test_the_points_say_what_was_known_at_each(scenario: New) -> None:
    running = scenario("Improves").started()
    eventually(lambda: len(points(running)) == 4)
    found = points(running)
    assert [point["objective"] for point in found] == [30, 20, 10, 10]
    assert {point["bound"] for point in found} == {5}
    assert [point["message"] for point in found] == [None, None, None, "no better one for now"]
    assert [point["progress"] for point in found] == [10] * 4
    seconds = [point["seconds"] for point in found]
    assert seconds == sorted(seconds)
    assert seconds[0] >= 0
    state = eventually(lambda: "gap" in (state := status_of(running)) and state)
    assert (state["objective"], state["bound"], state["gap"]) == (10, 5, 0.5)


def test_of_many_reports_some_are_kept(scenario: New) -> None:
    running = scenario("Chatters").started()
    eventually(lambda: points(running)[-1:] and points(running)[-1]["objective"] == 0.5)
    found = points(running)
    assert found[0]["message"] == "report 0"
    assert len(found) <= 1_000
    assert found[-1]["bound"] is None  # a bound that is not finite is not known
    assert best(running)["result"] == {"seen": 1} or eventually(lambda: best(running))


@pytest.mark.parametrize("engine", ["process"], indirect=True)
def test_what_an_algorithm_forks_leaves_the_connection_alone(scenario: New) -> None:
    ran = scenario("Forks")
    assert ran.result() == {"seen": 0}
    assert [point["objective"] for point in points(ran)][-1] == 3


def test_what_was_reported_outlives_the_run_and_the_server(
    app: Starlette, configured: Callable[..., ApiConfiguration], scenario: New
) -> None:
    running = scenario("Improves").started()
    eventually(lambda: len(points(running)) == 4)
    running.post("stop?grace=60")
    assert_kept(running, 9)
    before, state = points(running), status_of(running)
    assert (state["objective"], len(before)) == (10, 4)
    app.state.session_manager.close()
    again = ApiLauncher.build(configured(algorithms=ALGORITHMS | REPORTING, kpis={"Value": Value}))
    with calling(again) as client:
        running.client = client
        assert points(running) == before
        assert status_of(running) == state | {"progress": 100}  # as of all that are complete after a restart
        assert client.get(running.url).json()["ended"] == "stopped"
        running.post("reset")
        assert points(running) == []
    again.state.session_manager.close()


@pytest.mark.parametrize("engine", ["thread"], indirect=True)
def test_a_queued_run_keeps_over_a_restart_what_happens_at_its_limit(
    app: Starlette, configured: Callable[..., ApiConfiguration], scenario: New
) -> None:
    running, waiting = scenario("Gated", "running").started(), scenario("Improves", "waiting")
    waiting.post("run", json={"timeout": 0.5, "on_timeout": "stop"})
    app.state.session_manager.close()
    (running.folder / "release").touch()
    again = ApiLauncher.build(configured(algorithms=ALGORITHMS | REPORTING, kpis={"Value": Value}))
    with calling(again) as client:
        assert default_session(client) in waiting.url
        waiting.client = client
        assert_kept(waiting, 9)
    again.state.session_manager.close()


@pytest.mark.parametrize("engine", ["thread"], indirect=True)
def test_events_have_what_was_reported(scenario: New, app: Starlette) -> None:
    running = scenario("Improves").started()
    events = f"{running.url}/events"
    with serving(app) as url, httpx.stream("GET", f"{url}{events}", timeout=PATIENCE) as stream:
        lines = (line for line in stream.iter_lines() if line.startswith("data:"))
        assert '"objective":10.0,"bound":5.0,"gap":0.5' in next(lines)
        running.post("stop?grace=60")
        assert any('"ended":"stopped"' in line for line in lines)
