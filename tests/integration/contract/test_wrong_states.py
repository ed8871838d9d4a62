"""A 409 says which state or which name is in the way, and which call helps. The call that is named does help."""

import re

import httpx

from ...conftest import API, create
from ...support import wiring
from ...support.clients import PATIENCE, AppClient, ended
from ...support.errors import assert_error

RESET = "; reset it first (POST …/reset)"
CANCEL = "; wait until it has ended, or cancel it (POST …/cancel)"


def follow(client: AppClient, url: str, refused: httpx.Response) -> None:
    """Make the call that an error names."""
    [(method, action)] = re.findall(r"\((\w+) …/(\w+)\)", refused.json()["detail"])
    assert client.request(method, f"{url}/{action}").is_success


def test_what_has_ended_is_run_again_after_the_call_that_is_named(client: AppClient, session: str) -> None:
    for algorithm, status in (("Instant", "complete"), ("Fails", "failed")):
        scenario_id = create(client, session, algorithm, algorithm)
        url = f"{session}/scenarios/{scenario_id}"
        client.post(f"{url}/run")
        ended(client, session, scenario_id)
        refused = client.post(f"{url}/run")
        assert_error(refused, 409, f"Scenario '{scenario_id}' is {status}{RESET}")
        for_cancel = client.post(f"{url}/cancel")
        assert_error(for_cancel, 409, f"Scenario '{scenario_id}' is {status}; only a queued or processing one can be")
        follow(client, url, for_cancel)
        assert client.post(f"{url}/run").status_code == 202


def test_what_waits_or_runs_is_changed_after_the_call_that_is_named(client: AppClient, session: str) -> None:
    running, waiting = (create(client, session, "Blocks", tag) for tag in ("running", "waiting"))
    client.post(f"{session}/scenarios/{running}/run")
    assert wiring.STARTED.wait(PATIENCE)
    client.post(f"{session}/scenarios/{waiting}/run")
    for scenario_id, status in ((running, "processing"), (waiting, "queued")):
        url = f"{session}/scenarios/{scenario_id}"
        for refused in (client.post(f"{url}/run"), client.post(f"{url}/reset"), client.delete(url)):
            assert_error(refused, 409, f"Scenario '{scenario_id}' is {status}{CANCEL}")
    assert_error(client.delete(session), 409, "or cancel it (POST …/scenarios/{scenario_id}/cancel)")
    follow(client, f"{session}/scenarios/{waiting}", client.delete(f"{session}/scenarios/{waiting}"))
    assert client.delete(f"{session}/scenarios/{waiting}").status_code == 204
    wiring.RELEASE.set()


def test_a_created_one_cannot_be_cancelled(client: AppClient, session: str) -> None:
    url = f"{session}/scenarios/{create(client, session)}"
    refused = client.post(f"{url}/cancel")
    assert_error(refused, 409, "is created; only a queued or processing one can be cancelled; run it first")
    follow(client, url, refused)


def test_a_dataset_in_use_is_deleted_after_its_scenarios(client: AppClient, session: str) -> None:
    scenario_id = create(client, session, tag="user")
    refused = client.delete(f"{session}/data/items")
    says = "Dataset 'items' is used by the scenario 'user'; delete them first (DELETE …/scenarios/{scenario_id})"
    assert_error(refused, 409, says)
    assert client.delete(f"{session}/scenarios/{scenario_id}").status_code == 204
    assert client.delete(f"{session}/data/items").status_code == 204


def test_duplicates_are_told_apart(client: AppClient, session: str) -> None:
    scenario_id = create(client, session, tag="twice")
    body = {"tag": "twice", "dataset_key": "items", "algo_name": "Instant"}
    assert_error(client.post(f"{session}/scenarios", json=body), 409, "A scenario with tag 'twice' already exists")
    derived = client.post(f"{session}/data/items/derive", json={"new_key": "items"})
    assert_error(derived, 409, "Dataset 'items' already exists")
    taken = client.post(f"{API}/sessions", json={"display_name": "main"})
    assert_error(taken, 409, "Session 'main' already exists")
    [first, second] = client.post(f"{session}/run", json={"scenario_ids": [scenario_id] * 2}).json()["outcomes"]
    assert first == {"id": scenario_id, "queued": True, "detail": None}
    assert second["detail"] == f"Scenario '{scenario_id}' is in the list more than once"
    ended(client, session, scenario_id)
