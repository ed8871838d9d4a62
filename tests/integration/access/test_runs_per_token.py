"""A token may have some scenarios in the queues and running, and no more."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from algomancy_api import ApiLauncher
from algomancy_api.framework.session.run_limits import RunLimits

from ...conftest import API, default_session
from ...support import wiring
from ...support.clients import AppClient, calling, eventually
from ...support.errors import assert_error
from ...support.identities import TOKENS, bearer

WRITE, ADMIN = bearer("write"), bearer("admin")

ENDED = ("complete", "failed")

SAYS = "You have 2 scenarios that are queued or running, and may not have more (runs_per_token)"


@pytest.fixture
def keywords(tmp_path: Path) -> dict[str, Any]:
    database = {"persistence_backend": "database", "database_url": f"sqlite:///{tmp_path}/wiring.sqlite"}
    return {"tokens": TOKENS, "runs_per_token": 2} | database


@pytest.fixture
def client(keywords: dict[str, Any]) -> Iterator[AppClient]:
    app = ApiLauncher.build(wiring.configuration(**keywords))
    with calling(app) as client:
        yield client
    wiring.RELEASE.set()
    app.state.session_manager.shutdown()


def prepared(client: AppClient, session: str) -> str:
    files = {"files": ("items.csv", wiring.ITEMS_CSV, "text/csv")}
    response = client.post(f"{session}/etl", data={"dataset_name": "items"}, files=files, headers=ADMIN)
    assert response.status_code == 200, response.text
    return session


def posted(client: AppClient, session: str, headers: dict[str, str], tag: str, **more: Any) -> Any:
    body = {"tag": tag, "dataset_key": "items", "algo_name": "Blocks"} | more
    return client.post(f"{session}/scenarios", json=body, headers=headers)


def test_a_token_may_have_so_many_in_all_sessions(client: AppClient) -> None:
    client.post(f"{API}/sessions", json={"display_name": "other"}, headers=ADMIN)
    session, other = (prepared(client, f"{API}/sessions/{name}") for name in ("main", "other"))
    ids = [posted(client, session, WRITE, tag).json()["id"] for tag in ("one", "two", "three")]
    assert client.post(f"{session}/scenarios/{ids[0]}/run", headers=WRITE).status_code == 202
    assert posted(client, other, WRITE, "there", run=True).status_code == 201
    refused = client.post(f"{session}/scenarios/{ids[1]}/run", headers=WRITE)
    assert_error(refused, 429, SAYS)
    assert int(refused.headers["retry-after"]) > 0
    assert_error(posted(client, session, WRITE, "four", run=True), 429, SAYS)
    listed = client.get(f"{session}/scenarios", headers=WRITE).json()
    assert [each["tag"] for each in listed] == ["one", "two", "three"]
    assert client.post(f"{session}/scenarios/{ids[1]}/run", headers=ADMIN).status_code == 202, "another token"
    outcomes = client.post(f"{session}/run", json={"scenario_ids": [ids[2]]}, headers=WRITE).json()["outcomes"]
    assert [(each["queued"], SAYS in each["detail"]) for each in outcomes] == [(False, True)]
    assert client.post(f"{session}/scenarios/{ids[0]}/cancel", headers=ADMIN).status_code == 202
    wiring.RELEASE.set()
    for number in range(3):  # those that have ended do not count
        eventually(lambda: client.get(f"{session}/scenarios/{ids[1]}/status", headers=WRITE).json()["status"] in ENDED)
        assert posted(client, other, WRITE, f"again {number}", run=True, algo_name="Instant").status_code == 201
        eventually(lambda: client.get(f"{other}/queue", headers=WRITE).json() == [])
        eventually(lambda: client.get(f"{other}/processing", headers=WRITE).json() is None)


def test_one_that_is_cancelled_in_the_queue_does_not_count(client: AppClient) -> None:
    session = prepared(client, f"{API}/sessions/main")
    for tag in ("one", "two"):
        assert posted(client, session, WRITE, tag, run=True).status_code == 201
    assert posted(client, session, WRITE, "three", run=True).status_code == 429
    assert wiring.STARTED.wait(90)
    [waiting] = client.get(f"{session}/queue", headers=WRITE).json()
    client.post(f"{session}/scenarios/{waiting['id']}/cancel", headers=WRITE)
    assert posted(client, session, WRITE, "three", run=True).status_code == 201
    assert posted(client, session, WRITE, "four", run=True).status_code == 429


def test_what_is_queued_counts_after_a_restart(keywords: dict[str, Any]) -> None:
    app = ApiLauncher.build(wiring.configuration(**keywords))
    with calling(app) as client:
        session = prepared(client, f"{API}/sessions/main")
        for tag in ("one", "two"):
            posted(client, session, WRITE, tag, run=True)
        assert wiring.STARTED.wait(90)
    app.state.session_manager.close()
    wiring.RELEASE.set()
    manager = app.state.session_manager.get_scenario_manager("main")
    eventually(lambda: not manager.is_busy())
    wiring.RELEASE.clear()
    again = ApiLauncher.build(wiring.configuration(**keywords | {"runs_per_token": 1}))
    with calling(again) as client:
        refused = posted(client, session, WRITE, "three", run=True)
        assert_error(refused, 429, "You have 1 scenario that is queued or running")
        assert posted(client, session, ADMIN, "three", run=True).status_code == 201
        wiring.RELEASE.set()
    again.state.session_manager.shutdown()


def test_a_batch_is_undone_if_others_are_queued_meanwhile(client: AppClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RunLimits, "check", lambda *_: None)  # as before the others
    session = prepared(client, f"{API}/sessions/main")
    url, headers = f"{session}/scenarios/batch", WRITE | {"Idempotency-Key": "k"}
    scenarios = [{"tag": tag, "dataset_key": "items", "algo_name": "Blocks", "run": True} for tag in "abc"]
    assert_error(client.post(url, json={"scenarios": scenarios}, headers=headers), 429, SAYS)
    assert client.get(f"{session}/scenarios", headers=WRITE).json() == []
    created = client.post(url, json={"scenarios": scenarios[:2]}, headers=headers)
    assert [each["status"] for each in created.json()] == ["queued", "queued"], "the key and the places are free"
    assert client.post(url, json={"scenarios": scenarios[2:]}, headers=WRITE).status_code == 429
    without_run = [each | {"run": False} for each in scenarios[2:]]
    assert client.post(url, json={"scenarios": without_run}, headers=WRITE).status_code == 201


def test_without_tokens_the_address_counts() -> None:
    app = ApiLauncher.build(wiring.configuration(runs_per_token=1))
    with calling(app) as client:
        session = default_session(client)
        prepared(client, session)
        assert posted(client, session, {}, "one", run=True).status_code == 201
        assert posted(client, session, {}, "two", run=True).status_code == 429
        wiring.RELEASE.set()
    app.state.session_manager.shutdown()
