"""The queue of a session goes on whatever its algorithms do."""

import logging
import threading
from typing import Any

import pytest
from starlette.applications import Starlette

from algomancy_api import ApiLauncher

from ..conftest import API, create, default_session, upload_items
from ..integration.hosts.resources import worker_threads
from ..support import wiring
from ..support.clients import PATIENCE, AppClient, calling, ended, eventually


@pytest.mark.parametrize(
    ("algorithm", "reason"),
    [
        ("Fails", "no solution"),
        ("Exits", "SystemExit: enough"),
        ("Interrupts", "KeyboardInterrupt"),
        ("Recurses", "recursion"),
        ("Dooms", "Doom: all is lost"),
    ],
)
def test_what_an_algorithm_raises_fails_its_scenario_alone(
    client: AppClient, session: str, algorithm: str, reason: str
) -> None:
    doomed = create(client, session, algorithm, "doomed")
    following = create(client, session, "Instant", "following")
    for scenario_id in (doomed, following):
        client.post(f"{session}/scenarios/{scenario_id}/run")
    assert ended(client, session, following)["status"] == "complete"
    form = ended(client, session, doomed)
    assert form["status"] == "failed"
    assert reason in form["result"]["error"]
    assert client.get(f"{session}/processing").json() is None
    assert client.post(f"{session}/scenarios/{doomed}/reset").json()["result"] is None


def test_scenarios_run_in_the_order_of_their_runs(client: AppClient, session: str) -> None:
    ids = [create(client, session, "Sleeps", f"run {number}") for number in range(3)]
    for scenario_id in ids:
        client.post(f"{session}/scenarios/{scenario_id}/run")
    ended(client, session, ids[1])
    statuses = [client.get(f"{session}/scenarios/{scenario_id}/status").json()["status"] for scenario_id in ids]
    assert statuses[:2] == ["complete", "complete"]
    assert statuses[2] in ("queued", "processing")
    assert ended(client, session, ids[2])["status"] == "complete"


def test_what_runs_by_itself_is_not_put_into_the_queue_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    app = ApiLauncher.build(wiring.configuration(autorun=True))
    manager = app.state.session_manager.get_scenario_manager("main")
    put: list[Any] = []
    process_all = manager.process_all

    def note(scenarios: Any, *rest: Any, **keywords: Any) -> Any:
        put.extend(scenarios)
        return process_all(scenarios, *rest, **keywords)

    monkeypatch.setattr(manager, "process_all", note)
    with calling(app) as client:
        session = default_session(client)
        upload_items(client, session)
        scenario_id = create(client, session, run=True)
        assert ended(client, session, scenario_id)["status"] == "complete"
    assert [scenario.id for scenario in put] == [scenario_id]
    app.state.session_manager.shutdown()


def test_one_that_cannot_be_put_into_the_queue_keeps_none_back(
    app: Starlette, client: AppClient, session: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    manager = app.state.session_manager.get_scenario_manager("main")
    find = manager.get_by_id

    def fail(scenario_id: str) -> Any:
        if scenario_id == "broken":
            raise OSError("a secret")
        return find(scenario_id)

    monkeypatch.setattr(manager, "get_by_id", fail)
    good = [create(client, session, tag=tag) for tag in ("one", "two")]
    caplog.set_level(logging.ERROR)
    response = client.post(f"{session}/run", json={"scenario_ids": [good[0], "broken", good[1]]})
    assert response.json()["outcomes"] == [
        {"id": good[0], "queued": True, "detail": None},
        {"id": "broken", "queued": False, "detail": "Internal server error"},
        {"id": good[1], "queued": True, "detail": None},
    ]
    assert "a secret" in caplog.text
    assert {ended(client, session, scenario_id)["status"] for scenario_id in good} == {"complete"}


def test_an_idle_session_has_no_thread_and_runs_all_the_same(client: AppClient, session: str) -> None:
    for number in range(20):
        assert client.post(f"{API}/sessions", json={"display_name": f"idle {number}"}).status_code == 201
    app: Any = client.app
    for tag in ("first", "second"):
        assert eventually(lambda: not worker_threads(app))
        scenario_id = create(client, session, "Instant", tag)
        client.post(f"{session}/scenarios/{scenario_id}/run")
        assert ended(client, session, scenario_id)["status"] == "complete"


def test_a_session_takes_threads_for_what_runs_and_no_more() -> None:
    app = ApiLauncher.build(wiring.configuration(session_runs=3))
    with calling(app) as client:
        session = default_session(client)
        upload_items(client, session)
        ids = [create(client, session, "Blocks", f"run {number}") for number in range(5)]
        client.post(f"{session}/run", json={"scenario_ids": ids})

        def statuses() -> list[str]:
            return [each["status"] for each in client.get(f"{session}/scenarios").json()]

        eventually(lambda: statuses() == ["processing"] * 3 + ["queued"] * 2)
        assert len(worker_threads(app)) == 3
        wiring.RELEASE.set()
        eventually(lambda: statuses() == ["complete"] * 5)
        eventually(lambda: not worker_threads(app))
    app.state.session_manager.shutdown()


def test_a_shutdown_waits_for_the_queue_of_all_threads() -> None:
    app = ApiLauncher.build(wiring.configuration(session_runs=2))
    with calling(app) as client:
        session = default_session(client)
        upload_items(client, session)
        ids = [create(client, session, "Sleeps", f"run {number}") for number in range(4)]
        client.post(f"{session}/run", json={"scenario_ids": ids})
        app.state.session_manager.shutdown()
        assert {each["status"] for each in client.get(f"{session}/scenarios").json()} == {"complete"}
    assert worker_threads(app) == []


def test_one_that_is_reset_and_run_before_its_thread_has_noticed_its_end_is_queued(
    app: Starlette, client: AppClient, session: str
) -> None:
    is_over, may_end = threading.Event(), threading.Event()

    def dawdle(*_: object) -> None:
        is_over.set()
        may_end.wait(PATIENCE)

    app.state.session_manager.on_run_ended = dawdle
    scenario_id = create(client, session, "Instant")
    url = f"{session}/scenarios/{scenario_id}"
    client.post(f"{url}/run")
    assert is_over.wait(PATIENCE)
    assert client.get(f"{url}/status").json()["status"] == "complete"
    assert client.post(f"{url}/reset").status_code == 200
    assert client.post(f"{url}/run").status_code == 202
    assert client.get(f"{url}/status").json()["status"] == "queued"
    assert [each["id"] for each in client.get(f"{session}/queue").json()] == [scenario_id]
    assert client.get(f"{session}/processing").json() is None
    may_end.set()
    assert ended(client, session, scenario_id)["status"] == "complete"


def recorded(scenario: Any) -> list[str]:
    """The statuses that a scenario gets from now on."""
    statuses: list[str] = []

    class Recorded(type(scenario)):  # type: ignore[misc]
        def __setattr__(self, name: str, value: Any) -> None:
            super().__setattr__(name, value)
            if name == "status":
                statuses.append(str(value))

    scenario.__class__ = Recorded
    return statuses


def test_an_end_that_does_not_count_is_never_seen() -> None:
    app = ApiLauncher.build(wiring.configuration())
    with calling(app) as client:
        session = default_session(client)
        upload_items(client, session)
        scenario_id = create(client, session, "Blocks", run=True)
        assert wiring.STARTED.wait(PATIENCE)
        manager = app.state.session_manager.get_scenario_manager("main")
        statuses = recorded(manager.get_by_id(scenario_id))
        app.state.session_manager.close()
        wiring.RELEASE.set()
        eventually(lambda: not worker_threads(app))
    assert statuses == ["created"]


def test_of_an_end_and_a_cancellation_at_the_same_moment_one_wins(
    app: Starlette, client: AppClient, session: str
) -> None:
    manager = app.state.session_manager.get_scenario_manager("main")
    scenario_id = create(client, session, "Instant")
    url, winners = f"{session}/scenarios/{scenario_id}", set[str]()
    statuses = recorded(manager.get_by_id(scenario_id))
    for _ in range(30):
        client.post(f"{url}/run")
        is_cancelled = client.post(f"{url}/cancel").status_code == 202
        form = ended(client, session, scenario_id)
        assert form["status"] == ("failed" if is_cancelled else "complete")
        assert (form["result"] == {"error": "Cancelled"}) is is_cancelled
        assert client.get(f"{session}/scenarios").json()[0]["status"] == form["status"]
        winners.add(form["status"])
        eventually(lambda: not manager.running())
        steps = ["queued", "processing", form["status"]]
        assert statuses in (steps, ["queued", form["status"]]), statuses
        client.post(f"{url}/reset")
        statuses.clear()
    assert winners <= {"failed", "complete"}
