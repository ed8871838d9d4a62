"""The tag, the labels and the note of a scenario, on every backend."""

from typing import Any

import pytest

from ...conftest import create
from ...support.clients import AppClient, ended


def forms(client: AppClient, session: str, scenario_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The full form and the summary of a scenario."""
    listed = client.get(f"{session}/scenarios").json()
    return client.get(f"{session}/scenarios/{scenario_id}").json(), next(e for e in listed if e["id"] == scenario_id)


def patched(client: AppClient, session: str, scenario_id: str, **body: Any) -> Any:
    return client.patch(f"{session}/scenarios/{scenario_id}", json=body)


def test_labels_and_note_are_in_both_forms_while_there_are_any(client: AppClient, session: str) -> None:
    scenario_id = create(client, session)
    for form in forms(client, session, scenario_id):
        assert {"labels", "note"} & form.keys() == set()
    response = patched(client, session, scenario_id, labels={"kind": "base", "": "x"})
    assert (response.status_code, "labels" in response.json()["detail"]) == (422, True)
    response = patched(client, session, scenario_id, labels={"kind": "base", "who": "Ä"}, note="with new rates")
    for form in (response.json(), *forms(client, session, scenario_id)):
        assert (form["labels"], form["note"]) == ({"kind": "base", "who": "Ä"}, "with new rates")
    patched(client, session, scenario_id, labels={"kind": None, "year": "2026"})
    for form in forms(client, session, scenario_id):
        assert (form["labels"], form["note"]) == ({"who": "Ä", "year": "2026"}, "with new rates")
    response = patched(client, session, scenario_id, labels=None, note="")
    for form in (response.json(), *forms(client, session, scenario_id)):
        assert {"labels", "note"} & form.keys() == set()


def test_they_are_given_at_creation_and_stay_over_a_run_and_a_reset(client: AppClient, session: str) -> None:
    body = {"labels": {"kind": "base"}, "note": "first", "run": True}
    created = client.post(
        f"{session}/scenarios", json={"tag": "a", "dataset_key": "items", "algo_name": "Instant"} | body
    ).json()
    written = ({"kind": "base"}, "first")
    assert (created["labels"], created["note"]) == written
    form = ended(client, session, created["id"])
    assert (form["labels"], form["note"]) == written
    form = client.post(f"{session}/scenarios/{created['id']}/reset").json()
    assert (form["labels"], form["note"]) == written


def test_a_new_tag_is_everywhere_and_frees_the_former_one(client: AppClient, session: str) -> None:
    scenario_id = create(client, session, tag="draft")
    status = client.get(f"{session}/scenarios/{scenario_id}/status")
    assert patched(client, session, scenario_id, tag="final").json()["tag"] == "final"
    known = {"If-None-Match": status.headers["ETag"]}
    again = client.get(f"{session}/scenarios/{scenario_id}/status", headers=known)
    assert (again.status_code, again.json()["tag"]) == (200, "final")
    assert [form["tag"] for form in forms(client, session, scenario_id)] == ["final", "final"]
    client.post(f"{session}/scenarios/{scenario_id}/run")
    assert ended(client, session, scenario_id)["tag"] == "final"
    create(client, session, tag="draft")
    assert patched(client, session, scenario_id, tag="final").status_code == 200  # its own
    response = patched(client, session, scenario_id, tag="draft", note="lost")
    assert (response.status_code, response.json()["detail"]) == (409, "A scenario with tag 'draft' already exists")
    assert all("note" not in form for form in forms(client, session, scenario_id))


def test_they_go_with_the_scenario(client: AppClient, session: str) -> None:
    scenario_id = create(client, session, labels={"a": "b"})
    assert client.delete(f"{session}/scenarios/{scenario_id}").status_code == 204
    response = patched(client, session, scenario_id, note="late")
    assert (response.status_code, response.json()["detail"]) == (404, f"Scenario '{scenario_id}' not found")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"labels": {"a:b": "c"}}, 422),
        ({"labels": {"a": 1}}, 422),
        ({"labels": {"a" * 101: "c"}}, 422),
        ({"labels": {"a": "c" * 1001}}, 422),
        ({"labels": {f"{number}": "" for number in range(65)}}, 400),
        ({"labels": {f"{number}": "" for number in range(64)}}, 200),
        ({"note": "n" * 10_001}, 422),
        ({"note": 7}, 422),
        ({"tag": ""}, 422),
        ({}, 200),
        ({"notes": "x"}, 200),
    ],
)
def test_what_a_change_may_hold(client: AppClient, session: str, body: dict[str, Any], status: int) -> None:
    scenario_id = create(client, session)
    response = patched(client, session, scenario_id, **body)
    assert response.status_code == status, response.text
    assert response.headers.get("X-Ignored-Fields") == ("notes" if "notes" in body else None)
