"""Many scenarios deleted, cancelled or reset by one request, on every backend."""

from typing import Any

from ...conftest import create
from ...integration.persistence.test_queue import queue_up
from ...support import wiring
from ...support.clients import AppClient, ended


def change(client: AppClient, session: str, action: str, **body: Any) -> dict[str, str | None]:
    """The detail by id of each scenario; None for those with which it was done."""
    response = client.post(f"{session}/scenarios/{action}", json=body)
    assert response.status_code == 200, response.text
    outcomes = response.json()["outcomes"]
    assert all(each["done"] == (each["detail"] is None) for each in outcomes)
    return {each["id"]: each["detail"] for each in outcomes}


def test_each_has_an_outcome(client: AppClient, session: str) -> None:
    running, waiting = queue_up(client, session, "running", "waiting")
    created, labelled = create(client, session, tag="created"), create(client, session, tag="l", labels={"a": "b"})
    outcomes = change(client, session, "delete", ids=[created, running, "none"])
    assert list(outcomes) == [created, running, "none"]
    assert outcomes[created] is None
    assert "is processing; wait until it has ended, or cancel it" in (outcomes[running] or "")
    assert outcomes["none"] == "Scenario 'none' not found"
    assert change(client, session, "cancel", filter=["status=queued"]) == {waiting: None}
    assert change(client, session, "reset", filter=["tag~=WAIT"]) == {waiting: None}
    assert change(client, session, "cancel", ids=[running]) == {running: None}
    wiring.RELEASE.set()
    ended(client, session, running)
    assert change(client, session, "delete", filter=["label!=a"]) == {running: None, waiting: None}
    assert [each["id"] for each in client.get(f"{session}/scenarios").json()] == [labelled]


def test_a_repeated_id_has_an_outcome_each_time(client: AppClient, session: str) -> None:
    ids = [create(client, session, tag=f"{number}") for number in range(25)]
    outcomes = client.post(f"{session}/scenarios/delete", json={"ids": [*ids, ids[0]]}).json()["outcomes"]
    assert [each["done"] for each in outcomes] == [True] * 25 + [False]
    assert "more than once" in outcomes[-1]["detail"]


def test_either_ids_or_a_filter_is_given(client: AppClient, session: str) -> None:
    create(client, session)
    for body, words in (
        ({}, "The body has either ids or a filter"),
        ({"ids": [], "filter": ["tag=a"]}, "The body has either ids or a filter"),
        ({"filter": []}, "length"),
        ({"filter": ["limit=5"]}, "'limit' is unknown"),
        ({"filter": ["tag~="] * 51}, "length"),
    ):
        response = client.post(f"{session}/scenarios/delete", json=body)
        assert (response.status_code, words in response.json()["detail"]) == (422, True), response.text
    assert len(client.get(f"{session}/scenarios").json()) == 1
    assert change(client, session, "delete", ids=[]) == {}
