"""The queue of a session goes on whatever its algorithms do."""

import logging
from typing import Any

import pytest
from starlette.applications import Starlette

from algomancy_api import ApiLauncher

from ..conftest import create, default_session, upload_items
from ..support import wiring
from ..support.clients import AppClient, calling, ended


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
    put_again: list[Any] = []
    monkeypatch.setattr(manager, "process_scenario_async", put_again.append)
    with calling(app) as client:
        session = default_session(client)
        upload_items(client, session)
        scenario_id = create(client, session, run=True)
        assert ended(client, session, scenario_id)["status"] == "complete"
    assert put_again == []
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
