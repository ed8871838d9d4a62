"""A run whose process has died is run again, if the request says so."""

from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.applications import Starlette

from algomancy_api import ApiConfiguration, ApiLauncher

from ...support.clients import calling, eventually
from ...support.errors import assert_error
from .conftest import Scenario

New = Callable[..., Scenario]


@pytest.fixture(params=["process", "dask"])
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def attempts(folder: Path) -> int:
    return len((folder / "runs").read_text())


def mortal(scenario: New, deaths: int) -> Scenario:
    dies = scenario("Dies")
    (dies.folder / "deaths").write_text(str(deaths))
    return dies


def test_a_run_whose_process_dies_is_run_again(scenario: New, caplog: pytest.LogCaptureFixture) -> None:
    dies = mortal(scenario, 2)
    dies.post("run", json={"retries": 2})
    assert dies.ended()["status"] == "complete"
    assert attempts(dies.folder) == 3
    for retry in (1, 2):
        assert f"The worker process was killed by SIGKILL (out of memory?); it is run again (retry {retry} of 2)" in (
            caplog.text
        )


def test_it_fails_when_all_of_them_die(scenario: New) -> None:
    dies = mortal(scenario, 2)
    dies.post("run", json={"retries": 1})
    assert dies.ended()["result"] == {"error": "The worker process was killed by SIGKILL (out of memory?)"}
    assert attempts(dies.folder) == 2
    dies.post("reset")
    assert dies.result()["scenario_id"], "the third"
    assert attempts(dies.folder) == 3


def test_without_retries_it_fails_at_once(scenario: New) -> None:
    dies = mortal(scenario, 1)
    assert "SIGKILL" in dies.result()["error"]
    assert attempts(dies.folder) == 1


def test_an_exception_is_final(scenario: New) -> None:
    dies = scenario("Dies")
    (dies.folder / "deaths").write_text("no number")
    dies.post("run", json={"retries": 3})
    assert dies.ended()["result"]["error"].startswith("ValueError")
    assert attempts(dies.folder) == 1


def test_a_cancellation_is_final_even_if_it_takes_a_kill(scenario: New) -> None:
    running = scenario("Ignores").started(json={"retries": 3})
    (running.folder / "started").unlink()
    running.post("cancel")
    assert running.ended()["result"] == {"error": "Cancelled"}
    assert not (running.folder / "started").exists()


def test_a_time_limit_is_final_and_that_of_all_attempts(scenario: New) -> None:
    running = scenario("Ignores").started(json={"retries": 3, "timeout": 2})
    assert running.ended()["result"] == {"error": "Timed out after 2 s"}


@pytest.mark.parametrize("engine", ["thread"])
def test_a_number_may_be_written_with_a_point(scenario: New) -> None:
    run = scenario("Instant")
    run.post("run", json={"retries": 2.0})
    assert run.ended()["status"] == "complete"


@pytest.mark.parametrize("retries", [-1, 11, 1.5, "2"])
def test_what_is_no_number_of_retries_is_refused(scenario: New, retries: object) -> None:
    run = scenario("Instant")
    assert_error(run.client.post(f"{run.url}/run", json={"retries": retries}), 422)
    assert run.status == "created"


def test_it_is_run_again_after_a_restart_too(
    app: Starlette, scenario: New, configured: Callable[..., ApiConfiguration], session: str
) -> None:
    blocking, dies = scenario("Gated", "blocking").started(), mortal(scenario, 1)
    dies.post("run", json={"retries": 1})
    app.state.session_manager.close()
    app.state.engine.close()
    manager = app.state.session_manager.get_scenario_manager(session.rpartition("/")[2])
    eventually(lambda: not manager._processor.threads())
    again = ApiLauncher.build(configured())
    with calling(again) as client:
        dies.client = blocking.client = client
        assert dies.ended()["status"] == "complete"
        assert blocking.status == "created"
    assert attempts(dies.folder) == 2
    again.state.session_manager.close()
    again.state.engine.close()
