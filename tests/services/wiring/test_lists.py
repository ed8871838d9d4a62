"""The lists of KPIs, algorithms and schemas, beside the framework's own objects."""

from collections.abc import Iterator
from typing import Any

import pytest
from algomancy_data import Column, DataType, FileExtension, Schema, SchemaType
from starlette.applications import Starlette

from algomancy_api import ApiLauncher

from ...conftest import create, default_session, upload_items
from ...support import wiring
from ...support.clients import AppClient, calling, ended
from ..comparison.scored import SETTINGS


class Orders(Schema):
    """A table with everything that a column can have."""

    _FILENAME = "orders"
    _EXTENSION = FileExtension.CSV
    _SCHEMA_TYPE = SchemaType.SINGLE

    NUMBER = Column("number", DataType.INTEGER, primary_key=True, unique=True)
    LINE = Column("line", DataType.INTEGER, primary_key=True)
    ITEM = Column("item", DataType.INTEGER, foreign_key=("items", "id"), description="What is ordered")
    DUE = Column("due", DataType.DATETIME, nullable=True)
    RUSH = Column("rush", DataType.BOOLEAN, optional=True, default=False)


@pytest.fixture
def app() -> Starlette:
    settings = SETTINGS | {"schemas": [*wiring.settings()["schemas"], Orders]}
    return ApiLauncher.build(wiring.configuration(**settings))


@pytest.fixture
def client(app: Starlette) -> Iterator[AppClient]:
    with calling(app) as client:
        yield client


@pytest.fixture
def session(client: AppClient) -> str:
    session = default_session(client)
    upload_items(client, session)
    return session


@pytest.mark.parametrize("query", ["", "?details=false"])
def test_without_details_there_are_only_names(client: AppClient, session: str, query: str) -> None:
    assert client.get(f"{session}/kpis{query}").content == b'{"kpis":["cost","margin"]}'
    names = ",".join(f'"{name}"' for name in SETTINGS["algorithms"])
    response = client.get(f"{session}/algorithms{query}")
    assert response.content == f'{{"algorithms":[{names}]}}'.encode()
    assert "etag" not in response.headers


def test_the_details_of_kpis(client: AppClient, session: str) -> None:
    assert client.get(f"{session}/kpis?details=true").json() == {
        "kpis": ["cost", "margin"],
        "details": [
            {
                "key": "cost", "name": "Total cost", "unit": "€", "better_when": "LOWER", "threshold": None,
                "pretty_threshold": None, "decimals": 2,
            },
            {
                "key": "margin", "name": "Margin", "unit": "h", "better_when": "AT_LEAST", "threshold": 0,
                "pretty_threshold": "0.00 h", "decimals": 2,
            },
        ],
    }  # fmt: skip


def test_the_details_of_kpis_are_those_of_a_scenario(client: AppClient, session: str) -> None:
    scenario = create(client, session)
    client.post(f"{session}/scenarios/{scenario}/run")
    kpis = ended(client, session, scenario)["kpis"]
    for described in client.get(f"{session}/kpis?details=true").json()["details"]:
        of_scenario = kpis[described["key"]]
        common = described.keys() & of_scenario.keys()
        assert common == {"name", "unit", "better_when", "threshold"}
        assert {name: described[name] for name in common} == {name: of_scenario[name] for name in common}


def test_the_details_of_algorithms_are_their_parameters(client: AppClient, session: str) -> None:
    found = client.get(f"{session}/algorithms?details=true").json()
    assert [described["name"] for described in found["details"]] == found["algorithms"]
    for described in found["details"]:
        own = client.get(f"{session}/algorithms/{described['name']}/parameters").json()
        assert described["parameters"] == own["parameters"]


@pytest.mark.parametrize("path", ["kpis?details=true", "algorithms?details=true", "schemas"])
def test_an_unchanged_list_is_not_sent_again(client: AppClient, session: str, path: str) -> None:
    etag = client.get(f"{session}/{path}").headers["etag"]
    assert client.get(f"{session}/{path}", headers={"if-none-match": etag}).status_code == 304


def test_details_are_wanted_or_not(client: AppClient, session: str) -> None:
    response = client.get(f"{session}/kpis?details=perhaps")
    assert (response.status_code, response.json()["detail"]) == (422, "details must be true or false; got 'perhaps'")


def column(name: str, kind: str, **changes: Any) -> dict[str, Any]:
    return {
        "name": name, "type": kind, "required": True, "nullable": False, "unique": False, "default": None,
        "description": "", "foreign_key": None,
    } | changes  # fmt: skip


def test_a_schema_has_a_table_with_columns_and_a_key(client: AppClient, session: str) -> None:
    schemas = {schema["name"]: schema for schema in client.get(f"{session}/schemas").json()["schemas"]}
    assert list(schemas) == ["items", "extras", "book", "orders"]
    orders = schemas["orders"]
    assert (orders["extension"], orders["type"]) == ("csv", "single")
    [table] = orders["tables"]
    assert (table["name"], table["key"]) == ("orders", ["number", "line"])
    assert table["columns"] == [
        column("number", "int64", unique=True),
        column("line", "int64"),
        column("item", "int64", foreign_key={"table": "items", "column": "id"}, description="What is ordered"),
        column("due", "datetime64[ns]", nullable=True),
        column("rush", "boolean", required=False, default=False),
    ]


def test_a_workbook_has_a_table_for_each_sheet(client: AppClient, session: str) -> None:
    [book] = [schema for schema in client.get(f"{session}/schemas").json()["schemas"] if schema["type"] == "multi"]
    assert (book["name"], book["extension"]) == ("book", "xlsx")
    assert book["tables"] == [
        {"name": "Sheet", "key": [], "columns": [column("id", "int64"), column("note", "string")]}
    ]


def test_a_wiring_without_schemas_has_none() -> None:
    with calling(ApiLauncher.build(wiring.configuration(schemas=[]))) as client:
        assert client.get(f"{default_session(client)}/schemas").json() == {"schemas": []}
