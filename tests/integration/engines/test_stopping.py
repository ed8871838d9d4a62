"""The end of cancelled and timed-out runs, on every engine."""

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from algomancy_api import ApiConfiguration, ApiLauncher

from ...conftest import default_session, upload_items
from ...support.clients import AppClient, calling, eventually
from ...support.errors import assert_error
from .conftest import Scenario

New = Callable[..., Scenario]

CANCELLED = {"error": "Cancelled"}


def assert_stopped(form: dict[str, Any], reason: str) -> None:
    assert form["status"] == "failed"
    assert form["result"] == {"error": reason}
    assert form["kpis"]["Size"]["value"] is None


@pytest.mark.parametrize("algorithm", ["Reports", "Asks", "Swallows", "Cleans"])
def test_a_run_that_is_cancelled_fails_whatever_its_algorithm_makes_of_it(scenario: New, algorithm: str) -> None:
    running = scenario(algorithm).started()
    assert running.post("cancel")["id"] == running.id
    assert_stopped(running.ended(), "Cancelled")
    assert not (running.folder / "swallowed").exists()


def test_the_reason_outlives_the_server(
    app: Starlette, configured: Callable[..., ApiConfiguration], scenario: New
) -> None:
    running = scenario("Reports").started()
    running.post("cancel")
    running.ended()
    app.state.session_manager.close()
    again = ApiLauncher.build(configured())
    with calling(again) as client:
        assert_stopped(client.get(running.url).json(), "Cancelled")
    again.state.session_manager.close()


def test_a_stopped_scenario_runs_again_after_a_reset(scenario: New) -> None:
    running = scenario("Reports").started()
    running.post("cancel")
    running.ended()
    (running.folder / "release").touch()
    assert running.post("reset")["result"] is None
    running.post("run")
    form = running.ended()
    assert form["status"] == "complete"
    assert form["kpis"]["Size"]["value"] == 7


def test_a_queued_scenario_that_is_cancelled_never_starts(scenario: New, session: str, client: AppClient) -> None:
    running = scenario("Gated", "running").started()
    waiting, following = scenario("Fails", "waiting"), scenario("Instant", "following")
    waiting.post("run")
    following.post("run")
    assert_stopped(waiting.post("cancel"), "Cancelled")
    assert waiting.status == "failed"
    (running.folder / "release").touch()
    assert running.ended()["status"] == "complete"
    assert following.ended()["status"] == "complete"
    assert_stopped(waiting.ended(), "Cancelled")
    eventually(lambda: client.get(f"{session}/processing").json() is None)


def test_cancelling_twice_is_cancelling_once(scenario: New) -> None:
    running = scenario("Asks").started()
    running.post("cancel")
    answer = running.client.post(f"{running.url}/cancel")
    assert answer.status_code in (202, 409)  # it may have ended meanwhile
    assert_stopped(running.ended(), "Cancelled")


def test_what_neither_waits_nor_runs_cannot_be_cancelled(client: AppClient, session: str, scenario: New) -> None:
    created = scenario("Instant")
    assert_error(client.post(f"{created.url}/cancel"), 409, "is created; only a queued or processing one")
    created.post("run")
    created.ended()
    eventually(lambda: client.get(f"{session}/processing").json() is None)
    assert_error(client.post(f"{created.url}/cancel"), 409, "is complete")
    assert_error(client.post(f"{session}/scenarios/no-such/cancel"), 404, "no-such")
    assert created.ended()["status"] == "complete"


def test_of_a_run_and_its_cancelling_at_the_same_moment_one_wins(scenario: New) -> None:
    for number in range(20):
        raced = scenario("Instant", f"raced {number}")
        raced.post("run")
        cancelling = raced.client.post(f"{raced.url}/cancel")
        form = raced.ended()
        if cancelling.status_code == 202:
            assert_stopped(form, "Cancelled")
        else:
            assert_error(cancelling, 409)
            assert form["status"] == "complete"


# Time limits ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("limit", "said"), [(0.2, "0.2"), (1, "1")])
def test_a_run_ends_when_its_time_is_used_up(scenario: New, limit: float, said: str) -> None:
    running = scenario("Reports")
    running.post("run", json={"timeout": limit})  # which may end before a child has begun
    assert_stopped(running.ended(), f"Timed out after {said} s")


def test_a_run_within_its_time_is_not_stopped(scenario: New) -> None:
    running = scenario("Reports").started(json={"timeout": 60, "unknown": "ignored"})
    (running.folder / "release").touch()
    assert running.ended()["status"] == "complete"


def test_the_time_in_the_queue_does_not_count(scenario: New) -> None:
    limit = 5  # seconds: Instant needs less of them even in a cluster on a busy machine
    running, waiting = scenario("Gated", "running").started(), scenario("Instant", "waiting")
    waiting.post("run", json={"timeout": limit})
    queued = time.monotonic()
    eventually(lambda: time.monotonic() - queued > limit)
    assert waiting.status == "queued"
    (running.folder / "release").touch()
    assert waiting.ended()["status"] == "complete"


def test_the_configuration_has_the_limit_of_a_run_without_one(
    configured: Callable[..., ApiConfiguration], tmp_path: Path
) -> None:
    app = ApiLauncher.build(configured(run_timeout=0.3))
    with calling(app) as client:
        session = default_session(client)
        upload_items(client, session)
        limited = Scenario(client, session, "Asks", tmp_path)
        limited.post("run")
        assert_stopped(limited.ended(), "Timed out after 0.3 s")
        patient = Scenario(client, session, "Gated", tmp_path, "patient").started(json={"timeout": 60})
        (tmp_path / "release").touch()
        assert patient.ended()["status"] == "complete"
    app.state.session_manager.close()
    app.state.engine.close()


@pytest.mark.parametrize("limit", [0, -1, "1", True, [], {}])
def test_what_is_no_number_of_seconds_is_refused(scenario: New, limit: object) -> None:
    created = scenario("Instant")
    assert_error(created.client.post(f"{created.url}/run", json={"timeout": limit}), 422, "timeout")
    assert created.status == "created"


def test_a_body_that_is_no_json_is_refused_and_none_is_fine(scenario: New) -> None:
    created = scenario("Instant")
    headers = {"content-type": "application/json"}
    for content in (b"{", b'{"timeout": 1e999}', b"[]"):
        assert_error(created.client.post(f"{created.url}/run", content=content, headers=headers), 422)
    assert_error(created.client.post(f"{created.url}/run", content=b"timeout=1"), 422, "application/json")
    assert created.client.post(f"{created.url}/run", content=b"", headers=headers).status_code == 202


def test_a_stopped_run_is_stored_like_any_that_failed(scenario: New, tmp_path: Path) -> None:
    running = scenario("Reports").started()
    running.post("cancel")
    running.ended()
    with sqlite3.connect(tmp_path / "wiring.sqlite") as connection:
        rows = connection.execute("select status, error from algomancy_scenario_runs").fetchall()
    connection.close()
    assert rows == [("failed", "Cancelled")]
