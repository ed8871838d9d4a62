"""What is wrong with a document that is no dataset, in the words of its sender."""

import json
from typing import Any

import pytest

from algomancy_api import ApiLauncher

from ...conftest import default_session
from ...support import wiring
from ...support.clients import calling
from ...support.errors import assert_error

METADATA = {"id": "x", "name": "new", "type": "master_data", "creation_datetime": "2026-01-01 00:00:00"}
TYPES = "metadata.type must be one of 'master_data', 'derived_data', 'dummy_data'"
TABLE = {"columns": ["a"], "data": [{"a": 1}], "index": [0], "dtypes": {}}


def document(metadata: Any = METADATA, **more: Any) -> bytes:
    return json.dumps({"metadata": metadata, **more}).encode()


def table(**changes: Any) -> bytes:
    return document(tables={"t": TABLE | changes})


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"x", "it is not valid JSON, in line 1, column 1: Expecting value"),
        (
            b'{\n"metadata": 1,}',
            "it is not valid JSON, in line 2, column 14: Illegal trailing comma before end of object",
        ),
        (b"\xff", "byte 1 is not UTF-8"),
        (b"[]", "it must be an object, and is a list"),
        (b"null", "it must be an object, and is null"),
        (b"{}", "metadata must be an object with id, name, type and creation_datetime"),
        (document([]), "metadata must be an object with id, name, type and creation_datetime"),
        (document({"name": "new", "id": "x"}), TYPES),
        (document(METADATA | {"type": 1}), TYPES),
        (document(tables=[]), "tables must be an object, and is a list"),
        (document(tables={"t": 1}), "table 't' must be an object, and is a number"),
        (document(tables={"t": {}}), "table 't' lacks columns"),
        (table(columns=1), "columns of table 't' must be a list, and is a number"),
        (table(index=[0, 1, 2], data=[{}, {}]), "table 't' has 2 rows in data, and 3 labels in index"),
    ],
)
def test_a_refusal_says_what_is_wrong(content: bytes, fault: str) -> None:
    app = ApiLauncher.build(wiring.configuration())
    with calling(app) as client:
        address = f"{default_session(client)}/data/from-json"
        answer = client.post(address, content=content, headers={"Content-Type": "application/json"})
        assert_error(answer, 400, f"Not a dataset: {fault}")
        assert client.get(address.removesuffix("/from-json")).json() == {"keys": []}
    app.state.session_manager.shutdown()
