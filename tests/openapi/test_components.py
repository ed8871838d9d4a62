"""The schemas of the document: what generators of clients need, and what the server takes and gives."""

import json
from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from jsonschema_rs import Draft202012Validator
from msgspec import Meta, Struct

from algomancy_api.openapi.components import components_of

from ..conftest import API
from ..support.clients import AppClient
from ..support.validation import FILE
from ..test_launcher import called

DOCUMENT = json.loads(FILE.read_bytes())
SCHEMAS = DOCUMENT["components"]["schemas"]


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    """A schema and all schemas in it."""
    if isinstance(schema, dict):
        yield schema
    for part in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from parts(part)


def test_every_list_says_what_is_in_it() -> None:
    lists = [part for part in parts(SCHEMAS) if part.get("type") == "array"]
    assert len(lists) > 10
    assert [part for part in lists if "items" not in part] == []


def test_the_status_of_a_scenario_is_one_schema_to_which_all_others_refer() -> None:
    assert set(SCHEMAS["Status"]["enum"]) == {"created", "queued", "processing", "complete", "failed"}
    for name in ("Scenario", "ScenarioStatus", "ScenarioSummary"):
        assert SCHEMAS[name]["properties"]["status"] == {"$ref": "#/components/schemas/Status"}


def test_files_of_an_upload_are_binary() -> None:
    assert SCHEMAS["Upload"]["properties"]["files"]["items"] == {"type": "string", "format": "binary"}


def test_a_parameter_is_one_of_the_types_by_its_field_type() -> None:
    union = SCHEMAS["Parameter"]
    assert SCHEMAS["ParameterSet"]["properties"]["parameters"]["items"] == {"$ref": "#/components/schemas/Parameter"}
    assert union["discriminator"]["propertyName"] == "type"
    mapping = union["discriminator"]["mapping"]
    assert mapping.keys() == {"string", "integer", "float", "boolean", "enum", "multi_enum", "time", "interval"}
    assert sorted(mapping.values()) == sorted(part["$ref"] for part in union["oneOf"])
    for kind, reference in mapping.items():
        assert SCHEMAS[reference.rpartition("/")[2]]["properties"]["type"]["enum"] == [kind]


def test_names_of_fields_are_no_keywords() -> None:
    """Fields that are named as the keywords on which the schemas are completed."""

    class Inner(Struct):
        enum: list[Any]
        type: str | None = None

    class Outer(Struct):
        discriminator: dict[str, Any]
        properties: Inner
        default: Annotated[dict[str, list[str]], Meta(description="A default.")]

    [reference], components = components_of([Outer])
    assert reference == {"$ref": "#/components/schemas/Outer"}
    assert components["Inner"]["properties"] == {
        "enum": {"type": "array", "items": {}},
        "type": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    }
    assert components["Outer"]["properties"] == {
        "discriminator": {"type": "object", "additionalProperties": {}},
        "properties": {"$ref": "#/components/schemas/Inner"},
        "default": {
            "type": "object",
            "description": "A default.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    }


# What a dataset from a client may lack -------------------------------------------------------------------------

METADATA = {"id": "1", "name": "sent", "type": "dummy_data", "creation_datetime": "2026-01-02 03:04:05"}
TABLE = {"data": [{"a": 1}], "columns": ["a"], "index": [0]}
DATASET: dict[str, Any] = {"metadata": METADATA, "tables": {"t": TABLE}}


def without(name: str, whole: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in whole.items() if key != name}


@pytest.fixture(scope="module")
def client() -> Iterator[AppClient]:
    with called() as client:
        yield client


@pytest.mark.parametrize(
    ("dataset", "is_taken"),
    [
        (DATASET, True),
        (without("tables", DATASET), True),
        (DATASET | {"tables": {}}, True),
        (DATASET | {"tables": None}, False),
        (without("metadata", DATASET), False),
        *((DATASET | {"metadata": without(name, METADATA)}, False) for name in METADATA),
        (DATASET | {"metadata": METADATA | {"id": ""}}, True),
        (DATASET | {"metadata": METADATA | {"name": ""}}, False),
        (DATASET | {"metadata": METADATA | {"name": "", "type": "derived_data"}}, False),
        (DATASET | {"metadata": METADATA | {"creation_datetime": ""}}, True),
        (DATASET | {"metadata": METADATA | {"type": "data"}}, False),
        *((DATASET | {"tables": {"t": without(name, TABLE)}}, False) for name in TABLE),
    ],
)
def test_the_document_and_the_server_agree_on_what_a_dataset_may_lack(
    client: AppClient, dataset: dict[str, Any], is_taken: bool
) -> None:
    schema = {"$ref": "#/components/schemas/NewDataset", "components": DOCUMENT["components"]}
    assert Draft202012Validator(schema).is_valid(dataset) == is_taken
    response = client.post(f"{API}/sessions/main/data/from-json", json=dataset, params={"replace": "true"})
    assert response.status_code == (201 if is_taken else 400)
