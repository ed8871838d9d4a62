"""Comparisons of the scenarios of a session, over HTTP."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pyarrow as pa
import pytest

from algomancy_api import ApiLauncher

from ...conftest import create, default_session, upload_items
from ...support import wiring
from ...support.clients import AppClient, calling, ended
from .scored import SETTINGS

CSV, ARROW, MESSAGEPACK = "text/csv", "application/vnd.apache.arrow.stream", "application/msgpack"


@pytest.fixture(params=["none", "sqlite"])
def client(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AppClient]:
    configured = wiring.configuration(**SETTINGS) if request.param == "none" else wiring.on_sqlite(tmp_path, **SETTINGS)
    with calling(ApiLauncher.build(configured)) as client:
        yield client


@pytest.fixture
def session(client: AppClient) -> str:
    session = default_session(client)
    upload_items(client, session)
    return session


def run(client: AppClient, session: str, tag: str, **parameters: Any) -> str:
    scenario: str = create(client, session, "Score", tag, algo_params=parameters)
    client.post(f"{session}/scenarios/{scenario}/run")
    ended(client, session, scenario)
    return scenario


def compare(
    client: AppClient, session: str, *ids: str, accept: str = "application/json", **query: Any
) -> httpx.Response:
    parameters = ({"ids": ",".join(ids)} if ids else {}) | query
    return client.get(f"{session}/compare", params=parameters, headers={"accept": accept})


def test_scenarios_stand_side_by_side(client: AppClient, session: str) -> None:
    cheap, dear = (
        run(client, session, "cheap", cost=80, margin=-1),
        run(client, session, "dear", cost=120_000, margin=0),
    )
    created = create(client, session, "Instant", "not run")
    found = compare(client, session, dear, cheap, created, baseline=cheap).json()
    assert [(s["id"], s["tag"], s["status"]) for s in found["scenarios"]] == [
        (dear, "dear", "complete"), (cheap, "cheap", "complete"), (created, "not run", "created"),
    ]  # fmt: skip
    assert (found["baseline"], found["scenarios"][2]["run"]) == (cheap, None)
    cost, margin = found["kpis"]
    assert (cost["key"], cost["name"], cost["unit"], cost["better_when"]) == ("cost", "Total cost", "€", "LOWER")
    assert cost["best"] == [cheap]
    assert cost["values"][0] == {
        "value": 120_000, "pretty": "120.00 k€", "pretty_unit": "k€", "passed": None, "rank": 2, "delta": 119_920,
        "relative_delta": 1499, "verdict": "worse",
    }  # fmt: skip
    assert [value["value"] for value in cost["values"]] == [120_000, 80, None]
    assert (margin["threshold"], [value["passed"] for value in margin["values"]]) == (0, [True, False, None])
    assert [value["verdict"] for value in margin["values"]] == ["better", "equal", "not comparable"]
    assert found["algorithm"] == {"differs": True, "values": ["Score", "Score", "Instant"]}
    assert found["dataset"] == {"differs": False, "values": ["items"] * 3}
    parameters = {parameter["name"]: parameter["values"] for parameter in found["parameters"]}
    assert parameters == {"cost": [120_000, 80, None], "margin": [0, -1, None], "note": ["", "", None]}
    assert found["data_parameters"] == [{"name": "limit", "differs": False, "values": [10] * 3}]


def test_the_values_are_those_of_the_list(client: AppClient, session: str) -> None:
    ids = [run(client, session, f"run {cost}", cost=cost) for cost in (3, 4.5, -1)]
    listed = {scenario["id"]: scenario for scenario in client.get(f"{session}/scenarios").json()}
    found = compare(client, session, *ids).json()
    for kpi in found["kpis"]:
        assert [value["value"] for value in kpi["values"]] == [listed[i]["kpis"][kpi["key"]]["value"] for i in ids]


def test_the_facts_of_a_run_are_those_of_its_history(client: AppClient, session: str) -> None:
    scenario = run(client, session, "a run")
    for _ in range(2):  # the second answer is from memory
        [found] = compare(client, session, scenario).json()["scenarios"]
        [record] = client.get(f"{session}/scenarios/{scenario}/runs").json()
        assert found["run"] == {name: record[name] for name in found["run"]}
        assert (found["run"]["outcome"], found["run"]["number"]) == ("complete", 1)
    client.post(f"{session}/scenarios/{scenario}/reset")
    assert compare(client, session, scenario).json()["scenarios"][0]["run"] is None
    client.post(f"{session}/scenarios/{scenario}/run")
    ended(client, session, scenario)
    assert compare(client, session, scenario).json()["scenarios"][0]["run"]["number"] == 2


def test_a_failed_scenario_says_why(client: AppClient, session: str) -> None:
    scenario = create(client, session, "Fails")
    client.post(f"{session}/scenarios/{scenario}/run")
    ended(client, session, scenario)
    [found] = compare(client, session, scenario).json()["scenarios"]
    assert (found["status"], found["error"], found["run"]["outcome"]) == ("failed", "ValueError: no solution", "failed")


def test_tags_name_scenarios_too_and_each_comes_once(client: AppClient, session: str) -> None:
    ids = {tag: create(client, session, "Instant", tag) for tag in ("a,b", "c", "d")}
    found = compare(client, session, ids["d"], ids["d"], tag=["a,b", "d"], baseline="a,b").json()
    assert [scenario["tag"] for scenario in found["scenarios"]] == ["d", "a,b"]
    assert found["baseline"] == ids["a,b"]


def test_those_that_pass_conditions_come_last(client: AppClient, session: str) -> None:
    tags = ("north a", "north b", "south", "west")
    ids = [create(client, session, tag=tag, labels={"region": tag.split()[0]}) for tag in tags]

    def compared(query: str) -> list[str]:
        response = client.get(f"{session}/compare?{query}")
        assert response.status_code == 200, response.text
        return [each["id"] for each in response.json()["scenarios"]]

    assert compared("label=region:north&_=1") == ids[:2]
    assert compared("tag~=NORTH&tag!=north+a&tag=west") == [ids[3], ids[1]]
    assert compared(f"status=created&tag=south&ids={ids[1]}&baseline=west&only=differences") == [
        ids[1], ids[2], ids[0], ids[3],
    ]  # fmt: skip
    body = {"tags": ["west"], "filter": ["label=region:north"], "baseline": "south"}
    found = client.post(f"{session}/compare", json=body).json()["scenarios"]
    assert [each["id"] for each in found] == [ids[2], ids[3], *ids[:2]]


def test_a_baseline_that_is_not_among_them_comes_first(client: AppClient, session: str) -> None:
    ids = [create(client, session, "Instant", tag) for tag in ("a", "b", "c")]
    found = compare(client, session, *ids[1:], baseline=ids[0]).json()
    assert ([scenario["id"] for scenario in found["scenarios"]], found["baseline"]) == (ids, ids[0])


def test_unknown_scenarios_are_named(client: AppClient, session: str) -> None:
    known = create(client, session)
    response = compare(client, session, "x", known, "y", tag="no such tag")
    assert (response.status_code, response.json()["detail"]) == (404, "Scenarios 'x', 'y', 'no such tag' not found")
    response = compare(client, session, known, baseline="z")
    assert (response.status_code, response.json()["detail"]) == (404, "Scenario 'z' not found")
    many = [f"id {number}" for number in range(500)] + ["x" * 5000]
    detail = client.post(f"{session}/compare", json={"ids": many}).json()["detail"]
    assert "'id 19', '… and 481 more' not found" in detail
    assert len(compare(client, session, "x" * 5000).json()["detail"]) < 200


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ({}, "Name the scenarios to compare: with ids, with tags, or with conditions such as status=complete"),
        (
            {"ids": " , "},
            "Name the scenarios to compare: with ids, with tags, or with conditions such as status=complete",
        ),
        ({"status": "complete"}, "No scenario passes the conditions"),
        ({"status": "done"}, "status must be one of created, queued, processing, complete, failed; got 'done'"),
        ({"only": "same"}, "only must be 'differences'; got 'same'"),
        ({"baseline": ["a", "b"]}, "baseline may be given once; got 2 values"),
    ],
)
def test_a_wrong_query_is_refused(client: AppClient, session: str, query: dict[str, Any], reason: str) -> None:
    response = compare(client, session, **query)
    assert (response.status_code, response.json()["detail"]) == (422, reason)


@pytest.mark.parametrize(
    "body", [{}, {"ids": []}, {"ids": None, "tags": []}, {"ids": "a"}, {"ids": ["a"], "only": "x"}]
)
def test_a_wrong_body_is_refused(client: AppClient, session: str, body: Any) -> None:
    assert client.post(f"{session}/compare", json=body).status_code == 422


def test_a_long_list_comes_in_a_body(client: AppClient, session: str) -> None:
    scenario, other = create(client, session, tag="a"), create(client, session, tag="b")
    body = {"ids": [scenario] * 9_000, "tags": ["b"], "baseline": "b", "only": "differences", "tag": "x"}
    response = client.post(f"{session}/compare", json=body)
    assert response.status_code == 200
    assert [found["id"] for found in response.json()["scenarios"]] == [scenario, other]
    assert (response.json()["kpis"], "dataset" in response.json()) == ([], False)
    assert response.headers["x-ignored-fields"] == "tag"


@pytest.mark.parametrize("client", ["none"], indirect=True)
def test_more_than_a_thousand_are_too_many(client: AppClient, session: str) -> None:
    ids = [create(client, session, tag=str(number)) for number in range(1001)]
    response = client.post(f"{session}/compare", json={"ids": ids[:1000]})
    assert len(response.json()["scenarios"]) == 1000
    response = client.post(f"{session}/compare", json={"ids": ids})
    assert response.status_code == 422
    assert response.json()["detail"] == "At most 1,000 scenarios can be compared at once; the request has 1,001"
    assert client.post(f"{session}/compare", json={"ids": ids[1:], "baseline": ids[0]}).status_code == 422


def test_the_form_is_the_one_that_the_client_accepts(client: AppClient, session: str) -> None:
    ids = [run(client, session, "a", cost=1), run(client, session, "b", cost=2)]
    as_json = compare(client, session, *ids).json()
    assert msgspec.msgpack.decode(compare(client, session, *ids, accept=MESSAGEPACK).content) == as_json
    as_csv = compare(client, session, *ids, accept=CSV)
    assert as_csv.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(as_csv.text, newline="")))
    assert [(row["id"], float(row["kpis.cost.delta"])) for row in rows] == [(ids[0], 0), (ids[1], 1)]
    as_arrow = compare(client, session, *ids, accept=ARROW)
    assert as_arrow.headers["content-type"] == ARROW
    table = pa.ipc.open_stream(as_arrow.content).read_all()
    assert table.column("kpis.cost.verdict").to_pylist() == ["equal", "worse"]
    posted = client.post(f"{session}/compare", json={"ids": ids}, headers={"accept": ARROW})
    assert posted.content == as_arrow.content


@pytest.mark.parametrize("accept", ["application/json", MESSAGEPACK, CSV, ARROW])
def test_an_unchanged_comparison_is_not_sent_again(client: AppClient, session: str, accept: str) -> None:
    scenario = run(client, session, "a")
    first = compare(client, session, scenario, accept=accept)
    headers = {"accept": accept, "if-none-match": first.headers["etag"]}
    address = f"{session}/compare?ids={scenario}"
    assert client.get(address, headers=headers).status_code == 304
    client.post(f"{session}/scenarios/{scenario}/reset")
    assert client.get(address, headers=headers).status_code == 200


def test_each_form_has_its_own_etag(client: AppClient, session: str) -> None:
    scenario = run(client, session, "a")
    forms = ("application/json", MESSAGEPACK, CSV, ARROW)
    assert len({compare(client, session, scenario, accept=accept).headers["etag"] for accept in forms}) == len(forms)


def test_nothing_is_loaded(client: AppClient, session: str, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = run(client, session, "a")

    def refuse(*_arguments: Any) -> Any:
        raise AssertionError("a scenario was loaded")

    for place in ("scenario_registry.ApiScenarioRegistry", "database.scenario_repository.ApiScenarioRepository"):
        monkeypatch.setattr(f"algomancy_api.framework.{place}.get_by_id", refuse)
    assert compare(client, session, scenario).status_code == 200
