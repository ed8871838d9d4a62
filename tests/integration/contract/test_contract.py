"""Every row of the contract's table of routes: what a client sees when all is well."""

import json
from urllib.parse import quote

import pytest

from ...conftest import API, create, upload_items
from ...support import wiring
from ...support.clients import AppClient, ended, eventually

FULL = ["id", "tag", "input_data_id", "kpis", "algorithm", "data_parameters", "status", "result", "data_changed"]
SUMMARY = [
    "id", "tag", "input_data_key", "algorithm", "data_parameters", "status", "progress", "created_at",
    "run_started_at", "run_finished_at", "result_available", "kpis", "data_changed",
]  # fmt: skip
KPI = {"name": "Size", "better_when": "AT_MOST", "unit": "s", "value": None, "threshold": 10.0}


# Sessions ------------------------------------------------------------------------------------------------------


def test_sessions_are_listed_with_a_default(client: AppClient) -> None:
    response = client.get(f"{API}/sessions")
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    [session] = response.json()["sessions"]
    assert session == {"id": response.json()["default"], "display_name": "main"}


def test_a_session_is_created(client: AppClient) -> None:
    response = client.post(f"{API}/sessions", json={"display_name": "Zürich / 2"})
    assert response.status_code == 201
    assert [session["display_name"] for session in response.json()["sessions"]] == ["main", "Zürich / 2"]
    assert response.json()["default"] == response.json()["sessions"][0]["id"]
    assert response.json() == client.get(f"{API}/sessions").json()


def test_a_copied_session_has_the_datasets(client: AppClient, session: str) -> None:
    response = client.post(f"{session}/copy", json={"new_display_name": "copy"})
    assert response.status_code == 201
    assert [entry["display_name"] for entry in response.json()["sessions"]] == ["main", "copy"]
    assert client.get(f"{API}/sessions/copy/data").json() == {"keys": ["items"]}
    original = client.get(f"{session}/data/items").json()["tables"]
    assert client.get(f"{API}/sessions/copy/data/items").json()["tables"] == original
    create(client, f"{API}/sessions/copy")


def test_a_session_is_renamed_and_keeps_its_id(client: AppClient, session: str) -> None:
    response = client.patch(session, json={"display_name": "renamed"})
    session_id = session.rpartition("/")[2]
    assert response.status_code == 200
    assert response.json() == {"id": session_id, "display_name": "renamed"}
    assert client.get(f"{API}/sessions/renamed/data").json() == {"keys": ["items"]}
    assert client.get(f"{API}/sessions/main/data").status_code == 404


def test_a_session_may_be_given_its_own_name(client: AppClient, session: str) -> None:
    assert client.patch(session, json={"display_name": "main"}).status_code == 200


def test_a_session_is_deleted(client: AppClient, session: str) -> None:
    client.post(f"{API}/sessions", json={"display_name": "other"})
    response = client.delete(f"{API}/sessions/other")
    assert response.status_code == 200
    assert [entry["display_name"] for entry in response.json()["sessions"]] == ["main"]


def test_the_last_session_is_replaced_by_a_fresh_main(client: AppClient, session: str) -> None:
    response = client.delete(session)
    assert response.status_code == 200
    [fresh] = response.json()["sessions"]
    assert fresh["display_name"] == "main"
    assert response.json()["default"] == fresh["id"] != session.rpartition("/")[2]
    assert client.get(f"{API}/sessions/main/data").json() == {"keys": []}


# Algorithms and KPIs -------------------------------------------------------------------------------------------


def test_algorithms_are_listed(client: AppClient, session: str) -> None:
    response = client.get(f"{session}/algorithms")
    assert response.status_code == 200
    assert response.json() == {"algorithms": list(wiring.ALGORITHMS)}


def test_an_algorithm_describes_its_parameters(client: AppClient, session: str) -> None:
    response = client.get(f"{session}/algorithms/Parametrised/parameters")
    assert response.status_code == 200
    numbers = {"required": True}
    assert response.json() == {
        "name": "every kind",
        "parameters": [
            {"name": "text", "type": "string", "value": "hello", "default": "hello"} | numbers,
            {"name": "count", "type": "integer", "value": 3, "default": 3, "min": 1, "max": 9} | numbers,
            {"name": "ratio", "type": "float", "value": 0.5, "default": 0.5, "min": 0.0, "max": 1.0} | numbers,
            {"name": "flag", "type": "boolean", "value": True, "default": True} | numbers,
            {"name": "color", "type": "enum", "value": "red", "choices": ["red", "green"]} | numbers,
            {"name": "colors", "type": "multi_enum", "value": ["red"], "choices": ["red", "green", "blue"]} | numbers,
        ],
    }


def test_times_are_described_in_iso_8601(client: AppClient, session: str) -> None:
    at, between = client.get(f"{session}/algorithms/Timed/parameters").json()["parameters"]
    start, end = "2026-01-01T00:00:00", "2026-12-31T00:00:00"
    assert at == {"name": "at", "type": "time", "required": True, "value": start, "default": start}
    assert between["type"] == "interval"
    assert between["value"] == between["default"] == [start, end]


def test_kpis_are_listed(client: AppClient, session: str) -> None:
    response = client.get(f"{session}/kpis")
    assert response.status_code == 200
    assert response.json() == {"kpis": ["Size"]}


# Scenarios -----------------------------------------------------------------------------------------------------


def test_a_scenario_is_created(client: AppClient, session: str) -> None:
    body = {
        "tag": "first",
        "dataset_key": "items",
        "algo_name": "Parametrised",
        "algo_params": {"count": 5, "ratio": 1},
        "data_params": {"limit": 3},
        "unknown": "ignored",
    }
    response = client.post(f"{session}/scenarios", json=body)
    assert response.status_code == 201
    scenario = response.json()
    assert list(scenario) == FULL
    assert scenario["tag"] == "first"
    assert scenario["status"] == "created"
    assert scenario["result"] is None
    assert scenario["kpis"] == {"Size": KPI}
    assert scenario["data_parameters"] == {"limit": 3}
    assert scenario["input_data_id"] == client.get(f"{session}/data/items").json()["metadata"]["id"]
    assert scenario["algorithm"]["name"] == "Parametrised"
    parameters = json.loads(scenario["algorithm"]["parameters"])
    assert parameters["name"] == "every kind"
    assert parameters["parameters"]["count"] == 5


@pytest.mark.parametrize("nothing", [{}, {"algo_params": None, "data_params": None}])
def test_parameters_may_be_left_out(client: AppClient, session: str, nothing: dict[str, None]) -> None:
    body = {"tag": "x", "dataset_key": "items", "algo_name": "Parametrised"} | nothing
    assert client.post(f"{session}/scenarios", json=body).status_code == 201


def test_times_are_accepted_in_iso_8601(client: AppClient, session: str) -> None:
    values = {"at": "2026-03-04T05:06:07", "between": ["2026-01-01", "2026-02-01T00:00:00"]}
    response = client.post(
        f"{session}/scenarios", json={"tag": "t", "dataset_key": "items", "algo_name": "Timed", "algo_params": values}
    )
    assert response.status_code == 201, response.text
    assert "2026, 3, 4, 5, 6, 7" in response.json()["algorithm"]["parameters"]


def test_a_scenario_is_read_back(client: AppClient, session: str) -> None:
    created = client.post(
        f"{session}/scenarios", json={"tag": "x", "dataset_key": "items", "algo_name": "Instant"}
    ).json()
    response = client.get(f"{session}/scenarios/{created['id']}")
    assert response.status_code == 200
    assert response.json() == created


def test_scenarios_are_listed_in_summary(client: AppClient, session: str) -> None:
    assert client.get(f"{session}/scenarios").json() == []
    first = create(client, session, "Parametrised", "first", algo_params={"count": 5})
    second = create(client, session, "Instant", "second")
    response = client.get(f"{session}/scenarios")
    assert response.status_code == 200
    assert [summary["id"] for summary in response.json()] == [first, second]
    summary = response.json()[0]
    assert list(summary) == SUMMARY
    assert summary["input_data_key"] == "items"
    assert summary["algorithm"]["name"] == "Parametrised"
    assert summary["algorithm"]["parameters"]["count"] == 5
    assert summary["status"] == "created"
    assert summary["progress"] == 0
    assert summary["result_available"] is False
    assert summary["kpis"] == {"Size": KPI}


def test_a_list_of_many_is_one_list(client: AppClient, session: str) -> None:
    tags = [f"run {number}" for number in range(450)]
    for tag in tags:
        create(client, session, tag=tag)
    assert [summary["tag"] for summary in client.get(f"{session}/scenarios").json()] == tags


def test_a_scenario_is_run(client: AppClient, session: str) -> None:
    scenario_id = create(client, session)
    response = client.post(f"{session}/scenarios/{scenario_id}/run")
    assert response.status_code == 202
    assert list(response.json()) == FULL
    assert response.json()["status"] == "queued"
    scenario = ended(client, session, scenario_id)
    assert scenario["status"] == "complete"
    assert scenario["kpis"] == {"Size": KPI | {"value": 7.0}}
    assert list(scenario["result"]) == ["scenario_id", "completed_at"]
    [summary] = client.get(f"{session}/scenarios").json()
    assert summary["status"] == "complete"
    assert summary["result_available"] is True
    assert summary["kpis"]["Size"]["value"] == 7.0
    assert summary["progress"] == 100


def test_a_scenario_is_created_and_put_into_the_queue_at_once(client: AppClient, session: str) -> None:
    body = {"tag": "x", "dataset_key": "items", "algo_name": "Instant"}
    response = client.post(f"{session}/scenarios", json=body | {"run": True})
    assert response.status_code == 201
    assert list(response.json()) == FULL
    assert response.json()["status"] in ("queued", "processing", "complete")
    assert ended(client, session, response.json()["id"])["status"] == "complete"
    response = client.post(f"{session}/scenarios", json=body | {"tag": "y", "run": False})
    assert response.json()["status"] == "created"
    assert client.post(f"{session}/scenarios", json=body | {"tag": "z", "run": "yes"}).status_code == 422


def test_many_scenarios_are_run_and_each_has_its_outcome(client: AppClient, session: str) -> None:
    first, second, third, done = (create(client, session, "Blocks", tag) for tag in ("1", "2", "3", "done"))
    wiring.RELEASE.set()
    client.post(f"{session}/scenarios/{done}/run")
    ended(client, session, done)
    wiring.RELEASE.clear()
    response = client.post(f"{session}/run", json={"scenario_ids": [second, "no-such", first, second, done]})
    assert response.status_code == 202
    outcomes = response.json()["outcomes"]
    assert [outcome["id"] for outcome in outcomes] == [second, "no-such", first, second, done]
    assert [outcome["queued"] for outcome in outcomes] == [True, False, True, False, False]
    assert [outcomes[place]["detail"] for place in (0, 2)] == [None, None]
    assert outcomes[1]["detail"] == "Scenario 'no-such' not found"
    assert outcomes[3]["detail"] == f"Scenario '{second}' is in the list more than once"
    assert outcomes[4]["detail"] == f"Scenario '{done}' is complete; reset it first (POST …/reset)"
    assert client.get(f"{session}/scenarios/{third}/status").json()["status"] == "created"
    wiring.RELEASE.set()
    assert [ended(client, session, scenario_id)["status"] for scenario_id in (first, second)] == ["complete"] * 2


def test_nothing_is_run_if_nothing_is_named(client: AppClient, session: str) -> None:
    response = client.post(f"{session}/run", json={"scenario_ids": []})
    assert (response.status_code, response.json()) == (202, {"outcomes": []})
    for body in (
        {},
        {"scenario_ids": None},
        {"scenario_ids": "x"},
        {"scenario_ids": [1]},
        {"scenario_ids": ["x"] * 10_001},
    ):
        assert client.post(f"{session}/run", json=body).status_code == 422


def test_the_queue_is_listed_in_its_order(client: AppClient, session: str) -> None:
    assert client.get(f"{session}/queue").json() == []
    running, first, second = (create(client, session, "Blocks", tag) for tag in ("running", "first", "second"))
    client.post(f"{session}/run", json={"scenario_ids": [running, second, first]})
    assert wiring.STARTED.wait(90)
    response = client.get(f"{session}/queue")
    assert response.status_code == 200
    waiting = {"status": "queued", "progress": 0.0}
    assert response.json() == [{"id": second, "tag": "second"} | waiting, {"id": first, "tag": "first"} | waiting]
    client.post(f"{session}/scenarios/{second}/cancel")
    assert [scenario["id"] for scenario in client.get(f"{session}/queue").json()] == [first]


def test_status_follows_a_run(client: AppClient, session: str) -> None:
    scenario_id = create(client, session, "Blocks")
    url = f"{session}/scenarios/{scenario_id}"
    state = {"id": scenario_id, "tag": "a run"}
    assert client.get(f"{url}/status").json() == state | {"status": "created", "progress": 0.0}
    client.post(f"{url}/run")
    assert wiring.STARTED.wait(90)
    response = client.get(f"{url}/status")
    assert response.status_code == 200
    assert response.json() == state | {"status": "processing", "progress": 42.0}
    assert client.get(f"{session}/scenarios").json()[0]["status"] == "processing"
    assert client.get(url).json()["status"] == "processing"
    wiring.RELEASE.set()
    assert ended(client, session, scenario_id)["status"] == "complete"
    assert client.get(f"{url}/status").json() == state | {"status": "complete", "progress": 100.0}


def test_the_progress_of_a_cancelled_run_is_where_it_had_got(client: AppClient, session: str) -> None:
    scenario_id = create(client, session, "Steps")
    url = f"{session}/scenarios/{scenario_id}"
    client.post(f"{url}/run")
    wiring.STEP.put(57)
    eventually(lambda: client.get(f"{url}/status").json()["progress"] == 57)
    client.post(f"{url}/cancel")
    wiring.STEP.put(58)  # the call that ends the thread
    ended(client, session, scenario_id)
    state = {"id": scenario_id, "tag": "a run", "status": "failed", "progress": 57.0, "error": "Cancelled"}
    assert client.get(f"{url}/status").json() == state
    assert client.get(f"{session}/scenarios").json()[0]["progress"] in (57, 0)  # in memory, and on a database
    assert client.post(f"{url}/reset").status_code == 200
    assert client.get(f"{url}/status").json()["progress"] == 0


def test_the_running_scenario_is_shown(client: AppClient, session: str) -> None:
    assert client.get(f"{session}/processing").json() is None
    scenario_id = create(client, session, "Blocks")
    client.post(f"{session}/scenarios/{scenario_id}/run")
    assert wiring.STARTED.wait(90)
    response = client.get(f"{session}/processing")
    assert response.status_code == 200
    assert list(response.json()) == FULL
    assert response.json()["id"] == scenario_id
    wiring.RELEASE.set()
    eventually(lambda: client.get(f"{session}/processing").json() is None)


def test_a_scenario_is_reset_and_run_again(client: AppClient, session: str) -> None:
    scenario_id = create(client, session)
    url = f"{session}/scenarios/{scenario_id}"
    client.post(f"{url}/run")
    ended(client, session, scenario_id)
    response = client.post(f"{url}/reset")
    assert response.status_code == 200
    assert list(response.json()) == FULL
    assert response.json()["status"] == "created"
    assert response.json()["result"] is None
    assert response.json()["kpis"] == {"Size": KPI}
    assert client.get(f"{session}/scenarios").json()[0]["kpis"] == {"Size": KPI}
    assert client.post(f"{url}/run").status_code == 202
    assert ended(client, session, scenario_id)["status"] == "complete"


def test_a_scenario_is_deleted(client: AppClient, session: str) -> None:
    scenario_id = create(client, session)
    response = client.delete(f"{session}/scenarios/{scenario_id}")
    assert response.status_code == 204
    assert response.content == b""
    assert client.get(f"{session}/scenarios/{scenario_id}").status_code == 404
    assert client.get(f"{session}/scenarios").json() == []
    create(client, session)


def test_a_result_that_json_has_no_words_for_comes_out_as_json(client: AppClient, session: str) -> None:
    scenario_id = create(client, session, "Odd")
    client.post(f"{session}/scenarios/{scenario_id}/run")
    result = ended(client, session, scenario_id)["result"]
    assert result == {"nan": None, "when": "2026-01-02T00:00:00Z", "series": [1.5, None], "big": 2**80}


# Data ----------------------------------------------------------------------------------------------------------


def test_an_upload_becomes_a_dataset(client: AppClient, session: str) -> None:
    response = upload_items(client, session, "more")
    assert response.status_code == 200
    assert list(response.json()) == ["dataset_name", "success", "keys", "messages"]
    assert response.json()["dataset_name"] == "more"
    assert response.json()["success"] is True
    assert response.json()["keys"] == ["items", "more"]
    assert all(list(message) == ["severity", "message", "table", "code"] for message in response.json()["messages"])
    assert client.get(f"{session}/data").json() == {"keys": ["items", "more"]}


def test_an_invalid_upload_says_why(client: AppClient, session: str) -> None:
    response = upload_items(client, session, "bad", "id;name\n1;anvil\n")
    assert response.status_code == 200
    assert response.json()["success"] is False
    assert response.json()["keys"] == ["items"]
    message = "Required column 'weight' missing from items."
    error = {"severity": "ERROR", "message": message, "table": "items", "code": "MISSING_REQUIRED_COLUMN"}
    error["column"] = "weight"
    assert error in response.json()["messages"]


def test_a_dataset_is_downloaded(client: AppClient, session: str) -> None:
    response = client.get(f"{session}/data/items")
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    document = response.json()
    assert list(document) == ["metadata", "tables"]
    assert document["metadata"]["name"] == "items"
    assert document["metadata"]["tables"] == ["items"]
    table = document["tables"]["items"]
    assert list(table) == ["data", "columns", "dtypes", "index"]
    assert table["columns"] == ["id", "name", "weight"]
    assert table["data"][1] == {"id": 2, "name": "feather", "weight": None}
    assert table["index"] == [0, 1, 2]


def test_a_dataset_describes_its_parameters(client: AppClient, session: str) -> None:
    response = client.get(f"{session}/data/items/parameters")
    assert response.status_code == 200
    descriptor = {
        "name": "limit",
        "type": "integer",
        "required": True,
        "value": 10,
        "default": 10,
        "min": 1,
        "max": 100,
    }
    assert response.json() == {"name": "data", "parameters": [descriptor]}


def test_a_dataset_is_deleted(client: AppClient, session: str) -> None:
    response = client.delete(f"{session}/data/items")
    assert response.status_code == 204
    assert response.content == b""
    assert client.get(f"{session}/data").json() == {"keys": []}


def test_a_dataset_is_derived(client: AppClient, session: str) -> None:
    response = client.post(f"{session}/data/items/derive", json={"new_key": "derived"})
    assert response.status_code == 201
    assert response.json() == {"keys": ["items", "derived"]}
    derived = client.get(f"{session}/data/derived").json()
    assert derived["metadata"]["name"] == "derived"
    assert derived["metadata"]["type"] == "derived_data"
    assert derived["tables"]["items"]["data"][0] == {"id": 1, "name": "anvil", "weight": 12.5}


def test_a_downloaded_dataset_can_be_uploaded_again(client: AppClient, session: str) -> None:
    document = client.get(f"{session}/data/items").json()
    client.post(f"{API}/sessions", json={"display_name": "other"})
    for address in (f"{API}/sessions/other", session):
        response = client.post(f"{address}/data/from-json", json=document)
        assert response.status_code == 201, response.text
        assert response.json() == {"keys": ["items"]}
    document["metadata"]["name"] = "renamed"
    response = client.post(f"{session}/data/from-json", json=document)
    assert response.status_code == 201
    assert response.json() == {"keys": ["items", "renamed"]}
    tables = client.get(f"{session}/data/items").json()["tables"]
    assert client.get(f"{session}/data/renamed").json()["tables"] == tables
    assert client.get(f"{API}/sessions/other/data/items").json()["tables"] == tables


# Beside the prefix ---------------------------------------------------------------------------------------------


def test_health(client: AppClient) -> None:
    response = client.get("/health")
    assert response.status_code == 200
    sessions = client.get(f"{API}/sessions").json()["sessions"]
    assert response.json() == {"status": "ok", "title": "Wiring", "sessions": sessions}


# Names ---------------------------------------------------------------------------------------------------------

NAMES = ["a/b", "with space", "Zürich", "100%", "a%2Fb", "?query#fragment", "a+b", "日本", "'\"<>", "from-json"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_may_hold_any_character(client: AppClient, name: str) -> None:
    assert client.post(f"{API}/sessions", json={"display_name": name}).status_code == 201
    session = f"{API}/sessions/{quote(name, safe='')}"
    assert upload_items(client, session, name).json()["keys"] == [name]
    dataset = f"{session}/data/{quote(name, safe='')}"
    assert client.get(dataset).json()["metadata"]["name"] == name
    assert client.get(f"{dataset}/parameters").status_code == 200
    assert client.post(f"{dataset}/derive", json={"new_key": "derived"}).status_code == 201
    assert client.delete(dataset).status_code == 204
    assert client.get(f"{session}/data").json() == {"keys": ["derived"]}
