"""Parts of tables over HTTP: their formats, pages, ETags and errors."""

import io
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pandas as pd
import pyarrow as pa
import pytest
from starlette.applications import Starlette

from ...conftest import upload_items
from ...support import wiring
from ...support.clients import AppClient
from ...support.errors import assert_error

CSV = "id;name;weight\n" + "".join(f"{number};item {number % 3};{number / 4}\n" for number in range(10))

ITEMS = [{"id": 1, "name": "anvil", "weight": 12.5}, {"id": 2, "name": "feather", "weight": None}]

ARROW = "application/vnd.apache.arrow.stream"
PARQUET = "application/vnd.apache.parquet"


@pytest.fixture
def app() -> Any:
    from algomancy_api import ApiLauncher

    app = ApiLauncher.build(wiring.configuration(cors_origins=["http://page"]))
    yield app
    app.state.session_manager.shutdown()


@pytest.fixture
def table(client: AppClient, session: str) -> str:
    """The URL path of a table of ten rows."""
    assert upload_items(client, session, "ten", CSV).json()["success"]
    return f"{session}/data/ten/tables/items"


def test_rows_are_objects_and_columns_lists(client: AppClient, session: str) -> None:
    path = f"{session}/data/items/tables/items"
    assert client.get(f"{path}?limit=2").json() == ITEMS
    by_columns = client.get(f"{path}?limit=2&layout=columns").json()
    assert by_columns == {"id": [1, 2], "name": ["anvil", "feather"], "weight": [12.5, None]}
    packed = client.get(f"{path}?limit=2", headers={"Accept": "application/msgpack"})
    assert packed.headers["content-type"] == "application/msgpack"
    assert msgspec.msgpack.decode(packed.content) == ITEMS


def test_a_part_is_in_the_format_that_the_client_prefers(client: AppClient, table: str) -> None:
    expected = pd.DataFrame({"id": [9, 8], "weight": [2.25, 2.0]}, index=[9, 8])
    readers: dict[str, Any] = {
        ARROW: lambda content: pa.ipc.open_stream(content).read_pandas(),
        PARQUET: lambda content: pd.read_parquet(io.BytesIO(content)),
    }
    for media_type, read in readers.items():
        response = client.get(
            table,
            params={"columns": "id,weight", "where": "weight>1", "order": "-id", "limit": 2},
            headers={"Accept": f"text/csv;q=0.5, {media_type}, */*;q=0.1"},
        )
        assert response.headers["content-type"] == media_type
        pd.testing.assert_frame_equal(read(response.content), expected)
    text = client.get(f"{table}?limit=1&delimiter=%3B", headers={"Accept": "text/csv"})
    assert text.headers["content-type"] == "text/csv; charset=utf-8"
    assert text.text == '"id";"name";"weight"\n0;"item 0";0\n'


@pytest.mark.parametrize("accept", ["*/*", "application/*", "text/html", "application/json", "a/*, */*;q=0.1", "q=;,"])
def test_other_clients_get_json(client: AppClient, table: str, accept: str) -> None:
    assert client.get(table, headers={"Accept": accept}).headers["content-type"] == "application/json"


def links(response: Any) -> dict[str, int]:
    return {name: int(parse_qs(urlsplit(link["url"]).query)["offset"][0]) for name, link in response.links.items()}


def test_a_page_has_the_total_and_the_addresses_of_others(client: AppClient, table: str) -> None:
    first = client.get(table, params={"where": 'name="item 0"', "limit": 2})
    assert first.headers["x-total-count"] == "4"
    assert links(first) == {"next": 2, "first": 0, "last": 2}
    second = client.get(f"{table}{first.links['next']['url']}")
    assert [row["id"] for row in second.json()] == [6, 9]
    assert links(second) == {"prev": 0, "first": 0, "last": 2}
    assert links(client.get(f"{table}?offset=3&limit=4")) == {"next": 7, "prev": 0, "first": 0, "last": 8}
    whole = client.get(table)
    assert (whole.headers["x-total-count"], whole.links) == ("10", {})
    assert (
        len(client.get(table, params={"where": f'name!="{"x" * 3_000}"', "limit": 2}).headers.get("link", "")) < 2_500
    )


def test_a_page_of_another_origin_reads_the_total(client: AppClient, table: str) -> None:
    exposed = client.get(table, headers={"Origin": "http://page"}).headers["access-control-expose-headers"]
    assert "X-Total-Count" in exposed


@pytest.mark.parametrize("accept", ["application/json", "application/msgpack", "text/csv", ARROW])
def test_who_has_a_part_gets_304_until_it_changes(client: AppClient, session: str, table: str, accept: str) -> None:
    first = client.get(table, headers={"Accept": accept})
    known = {"Accept": accept, "If-None-Match": first.headers["etag"]}
    again = client.get(table, headers=known)
    assert (again.status_code, again.content, again.headers["x-total-count"]) == (304, b"", "10")
    upload_items(client, session, "ten", CSV.replace("item", "thing"))
    assert client.get(table, headers=known).status_code == 200


def test_groups(client: AppClient, table: str) -> None:
    query = {"group": "name", "aggregate": "sum:id,count:", "order": "-sum:id", "limit": 1}
    response = client.get(table, params=query)
    assert response.json() == [{"name": "item 0", "sum:id": 18, "count": 4}]
    assert response.headers["x-total-count"] == "3"


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("wher=id%3E1", "no parameter 'wher'; there are columns, where"),
        ("limit=1&limit=2", "limit must be given once"),
        ("where=id%3E", "where: expected a value, found the end at position 4"),
        ("layout=cells", "layout must be one of 'rows', 'columns'"),
        ("delimiter=x", "delimiter must be one of"),
        ("compression=gzip", "compression must be one of 'none', 'lz4', 'zstd'"),
        ("order=nope", "no column 'nope'"),
    ],
)
def test_a_query_with_a_fault_is_refused(client: AppClient, table: str, query: str, says: str) -> None:
    assert_error(client.get(f"{table}?{query}"), 422, says)


def test_a_table_that_is_not_there(client: AppClient, session: str) -> None:
    assert_error(client.get(f"{session}/data/items/tables/nope"), 404, "Table 'nope' not found")
    assert_error(client.get(f"{session}/data/nope/tables/items"), 404, "Dataset 'nope' not found")


def test_a_dataset_may_have_tables_of_any_name_and_a_class_its_own_form(
    client: AppClient, session: str, app: Starlette
) -> None:
    manager = app.state.session_manager.get_scenario_manager(session.rpartition("/")[2])
    manager.get_data("items").add_table("a/b é", pd.DataFrame({"x": [1]}))
    assert client.get(f"{session}/data/items/tables/a%2Fb%20%C3%A9").json() == [{"x": 1}]


@pytest.mark.parametrize("coding", ["identity", "gzip"])
@pytest.mark.parametrize("accept", ["application/json", "text/csv", ARROW])
def test_a_large_part_is_streamed(client: AppClient, session: str, accept: str, coding: str) -> None:
    text = "id;name;weight\n" + "".join(f"{number};n;1\n" for number in range(30_000))
    upload_items(client, session, "many", text)
    headers = {"Accept": accept, "Accept-Encoding": coding}
    response = client.get(f"{session}/data/many/tables/items", headers=headers)
    assert (response.status_code, response.headers["x-total-count"]) == (200, "30000")
    assert "etag" not in response.headers
    assert response.headers.get("content-encoding") == (coding if coding == "gzip" and accept != ARROW else None)
    if accept == ARROW:
        assert pa.ipc.open_stream(response.content).read_all().num_rows == 30_000
    else:
        assert response.text.count("n") >= 30_000
