"""Copies of scenarios, and many created at once, on every backend."""

from typing import Any

import pytest

from ...conftest import create, default_session, upload_items
from ...support import wiring
from ...support.clients import AppClient, calling, ended, eventually

SWEEP: dict[str, Any] = {
    "tag": "{count} {ratio} {repetition}",
    "dataset_keys": ["items"],
    "algo_name": "Parametrised",
    "grid": {"count": [2, 3], "ratio": {"from": 0.2, "to": 0.6, "step": 0.2}},
    "repetitions": 2,
    "label": {"sweep": "s1"},
}


def tags(client: AppClient, session: str) -> list[str]:
    return [each["tag"] for each in client.get(f"{session}/scenarios").json()]


def test_a_grid_is_created_in_order_and_run(client: AppClient, session: str) -> None:
    response = client.post(f"{session}/scenarios/batch", json=SWEEP | {"run": True})
    assert response.status_code == 201, response.text
    created = response.json()
    assert [each["tag"] for each in created] == tags(client, session)
    assert [each["tag"] for each in created][:3] == ["2 0.2 1", "2 0.2 2", "2 0.4 1"]
    assert created[-1]["algorithm"]["parameters"] | {"count": 3, "ratio": 0.6} == created[-1]["algorithm"]["parameters"]
    url = f"{session}/scenarios?label=sweep:s1&status=complete"
    assert len(eventually(lambda: len(found := client.get(url).json()) == 12 and found)) == 12


def test_a_batch_is_created_whole_or_not_at_all(client: AppClient, session: str) -> None:
    create(client, session, tag="taken")
    good = {"tag": "good", "dataset_key": "items", "algo_name": "Parametrised"}
    for bad, status, words in (
        ({"tag": "taken"}, 409, "A scenario with tag 'taken' already exists"),
        ({"tag": "good"}, 422, "Two scenarios of the batch have the tag 'good'"),
        ({"tag": "b", "dataset_key": "none"}, 404, "Dataset 'none' not found"),
        ({"tag": "b", "algo_name": "none"}, 404, "Algorithm 'none' not found"),
        ({"tag": "b", "algo_params": {"count": 10}}, 400, "Scenario 'b': "),
        ({"tag": "b", "algo_params": {"count": 9}}, 400, "Scenario 'b': count 9 cannot be flagged"),
        ({"tag": "b", "algo_params": {"none": 9}}, 400, "Scenario 'b': Parameter 'none' not found"),
    ):
        response = client.post(f"{session}/scenarios/batch", json={"scenarios": [good, good | bad]})
        assert (response.status_code, words in response.json()["detail"]) == (status, True), response.text
    assert tags(client, session) == ["taken"]
    many = [good | {"tag": f"{number}"} for number in range(1_001)]
    assert client.post(f"{session}/scenarios/batch", json={"scenarios": many}).status_code == 422


def test_a_batch_that_the_queue_has_no_room_for_leaves_nothing() -> None:
    from algomancy_api import ApiLauncher, Limits

    app = ApiLauncher.build(wiring.configuration(limits=Limits(queue=11)))
    with calling(app) as client:
        session = default_session(client)
        upload_items(client, session)
        response = client.post(f"{session}/scenarios/batch", json=SWEEP | {"run": True})
        assert (response.status_code, tags(client, session)) == (429, [])
        assert client.post(f"{session}/scenarios/batch", json=SWEEP).status_code == 201
    app.state.session_manager.shutdown()


@pytest.mark.parametrize("app", ["memory", "sqlite"], indirect=True)
def test_a_copy_is_like_the_other_but_for_what_is_said(client: AppClient, session: str) -> None:
    values = {"text": "x", "count": 4, "colors": ["red"]}
    first = create(client, session, "Parametrised", "first", algo_params=values, labels={"a": "1", "b": "2"}, note="n")
    url = f"{session}/scenarios/{first}/copy"
    client.post(f"{session}/scenarios/{first}/run")
    ended(client, session, first)
    plain = client.post(url).json()
    assert (plain["tag"], plain["status"], plain["labels"], plain["note"]) == (
        "first (copy)", "created", {"a": "1", "b": "2"}, "n",
    )  # fmt: skip
    assert plain["algorithm"] == client.get(f"{session}/scenarios/{first}").json()["algorithm"]
    assert client.post(url).json()["tag"] == "first (copy 2)"
    body = {"tag": "t", "algo_params": {"count": 5}, "labels": {"a": None, "c": "3"}, "note": None, "run": True}
    other = client.post(url, json=body).json()
    assert (other["status"], other["labels"], "note" in other) == ("queued", {"b": "2", "c": "3"}, False)
    summary = next(each for each in client.get(f"{session}/scenarios").json() if each["tag"] == "t")
    assert summary["algorithm"]["parameters"] | values | {"count": 5} == summary["algorithm"]["parameters"]
    upload_items(client, session, "others")
    elsewhere = client.post(url, json={"tag": "e", "algo_name": "Timed", "dataset_key": "others"}).json()
    assert elsewhere["algorithm"]["name"] == "Timed"
    again = client.post(f"{session}/scenarios/{elsewhere['id']}/copy")
    assert again.json()["algorithm"] == elsewhere["algorithm"]
    assert client.post(url, json={"tag": "t"}).status_code == 409
    assert client.post(f"{session}/scenarios/none/copy").status_code == 404
