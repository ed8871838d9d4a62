"""Lists of scenarios over HTTP, on every backend."""

import datetime as dt
from typing import Any

import pytest

from algomancy_api.services.lists import FIELDS

from ..conftest import create
from ..support.clients import AppClient, ended


@pytest.fixture
def scenarios(client: AppClient, session: str) -> str:
    """Four scenarios: two that are complete, one that has failed, one that is created. The URL of their list."""
    for tag, algorithm, labels in (
        ("north a", "Instant", {"region": "north"}),
        ("North b", "Instant", {"region": "north", "draft": ""}),
        ("south", "Fails", {"region": "south:east"}),
        ("west", "Parametrised", {}),
    ):
        scenario_id = create(client, session, algorithm, tag, labels=labels)
        if tag != "west":
            client.post(f"{session}/scenarios/{scenario_id}/run")
            ended(client, session, scenario_id)
    return f"{session}/scenarios"


def tags(client: AppClient, url: str, query: str) -> list[str]:
    response = client.get(f"{url}?{query}")
    assert response.status_code == 200, response.text
    return [each["tag"] for each in response.json()]


#: Scenarios by query.
LISTED = {
    "status=complete": "north a, North b",
    "status=failed&status=created": "south, west",
    "status!=complete": "south, west",
    "algorithm=Fails": "south",
    "dataset=items&tag=west": "west",
    "dataset=others": "",
    "tag~=NORTH": "north a, North b",
    "tag~%3Dnorth+a": "north a",
    "label=region": "north a, North b, south",
    "label=region:north": "north a, North b",
    "label=region:south:east": "south",
    "label=region&label=draft": "North b",
    "label!=draft&label!=region:south:east": "north a, west",
    "kpi.Size<100": "north a, North b",
    "kpi.Size%3C100=": "north a, North b",
    "kpi.Size%3E=7": "north a, North b",
    "kpi.Size>7": "",
    "kpi.Size!=8": "north a, North b",
    "progress>=100&order=-tag": "north a, North b",
    "created<2020-01-01": "",
    "created>=2020-01-01T00:00:00%2B14:00": "north a, North b, south, west",
    "created>=2020-01-01T00:00:00+14:00": "north a, North b, south, west",
    "order=tag": "North b, north a, south, west",
    "order=-created": "west, south, North b, north a",
    "order=kpi.Size,-tag": "north a, North b, west, south",
    "order=-kpi.Size,-created": "North b, north a, west, south",
    "order=-status,tag": "south, west, North b, north a",
    "limit=2": "north a, North b",
    "_=1": "north a, North b, south, west",
    "status=failed&_&%5Fnow=1&_=2": "south",
    "limit=1&status=failed": "south",
}


def test_what_is_in_a_list(client: AppClient, scenarios: str) -> None:
    found = {query: ", ".join(tags(client, scenarios, query)) for query in LISTED}
    assert found == LISTED


def test_without_a_query_it_is_the_whole_list_as_ever(client: AppClient, scenarios: str) -> None:
    whole = client.get(scenarios)
    assert client.get(f"{scenarios}?limit=100").json() == whole.json()
    assert client.get(f"{scenarios}?order=created").content == whole.content
    assert client.get(f"{scenarios}?_=1764406800").headers["etag"] == whole.headers["etag"]
    assert "link" not in whole.headers
    unchanged = client.get(
        f"{scenarios}?limit=2", headers={"If-None-Match": client.get(f"{scenarios}?limit=2").headers["ETag"]}
    )
    assert (unchanged.status_code, 'rel="next"' in unchanged.headers["link"]) == (304, True)


def test_a_page_has_the_fields_that_are_asked_for(client: AppClient, scenarios: str) -> None:
    rows = client.get(f"{scenarios}?fields=tag,error,labels&label=region&limit=3").json()
    assert [sorted(row) for row in rows] == [["labels", "tag"], ["labels", "tag"], ["error", "labels", "tag"]]
    whole = client.get(f"{scenarios}?fields={','.join(FIELDS)}").json()
    assert whole == client.get(scenarios).json()


@pytest.mark.parametrize("order", ["created", "-created", "tag", "-kpi.Size,tag"])
@pytest.mark.parametrize("app", ["memory", "sqlite"], indirect=True)
def test_pages_neither_skip_nor_repeat_while_others_come_and_go(client: AppClient, session: str, order: str) -> None:
    ids = [create(client, session, tag=f"{number:02}") for number in range(9)]
    url, query, seen = f"{session}/scenarios", f"order={order}&limit=3", []
    for number in range(20):
        page = client.get(f"{url}?{query}")
        seen += [row["id"] for row in page.json()]
        create(client, session, tag=f"{number % 9:02} later")
        client.delete(f"{url}/{seen[-1]}")  # the row that the cursor is behind
        if "next" not in page.links:
            break
        query = page.links["next"]["url"].removeprefix("?")
    assert len(seen) == len(set(seen))
    assert set(ids) <= set(seen)


#: What an error says, by query.
REFUSED = {
    "limt=5": "'limt' is unknown; known are id, tag, status, algorithm",
    "status=done": "status must be one of created, queued, processing, complete, failed; got 'done'",
    "status>created": "status has no operator >; it has = !=",
    "kpi.Cost<1": "There is no KPI 'Cost'; there are 'Size'",
    "kpi.Size<many": "kpi.Size must be a number; got 'many'",
    "kpi.Size<nan": "kpi.Size must be a number; got 'nan'",
    "created>=yesterday": "created must be a time of ISO 8601, such as 2026-11-29 or 2026-11-29T08:30:00Z",
    "tag": "'tag' is no condition; write a name, one of = != ~= < <= > >=, and a value",
    "limit=0": "limit must be a whole number from 1 to 10000; got '0'",
    "limit=%C2%B2": "limit must be a whole number",
    "limit=5&limit=6": "limit is given once, as limit=…",
    "order=note": "'note' is unknown; known are created",
    "order=tag,tag,tag,tag,tag,tag": "order has at most 5 names; got 6",
    "fields=tag,result": "There is no field 'result'; there are id, tag",
    "cursor=x": "cursor must be that of a Link header",
    "cursor=W10": "cursor must be that of a Link header",
    "&".join(["tag!=a"] * 51): "A list has at most 50 conditions; got 51",
}


def test_what_has_no_meaning_is_refused(client: AppClient, session: str) -> None:
    for query, words in REFUSED.items():
        response = client.get(f"{session}/scenarios?{query}")
        assert (response.status_code, words in response.json()["detail"]) == (422, True), response.text


def test_a_cursor_is_of_its_order(client: AppClient, scenarios: str) -> None:
    cursor = client.get(f"{scenarios}?limit=1&order=tag").links["next"]["url"].partition("cursor=")[2]
    response = client.get(f"{scenarios}?limit=1&order=-tag&cursor={cursor}")
    assert response.json()["detail"] == "The cursor is of the order 'tag', not '-tag'; begin without a cursor"


def test_a_moment_is_that_of_the_summary(client: AppClient, scenarios: str) -> None:
    rows: list[dict[str, Any]] = client.get(scenarios).json()
    if rows[0]["created_at"] is None:  # in memory it is not shown
        return
    second = rows[1]["created_at"]
    assert tags(client, scenarios, f"created>{second}") == ["south", "west"]
    assert tags(client, scenarios, f"created={second}") == ["North b"]
    in_zone = dt.datetime.fromisoformat(second).astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    assert tags(client, scenarios, f"created<={in_zone}") == ["north a", "North b"]
    assert tags(client, scenarios, f"finished>={second}") == ["North b", "south"]
