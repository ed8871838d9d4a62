"""Names that a database cannot store: rejected at once, without side effects."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from ...conftest import API, create, default_session, upload_items
from ...support.clients import AppClient, ended
from ...support.databases import Database
from .test_persistence import opened

NAMES = {"a NUL": "a\0b", "a lone surrogate": "a\ud800"}

#: Where the other half of a pair stands alone.
LOW = "\udfffa"


def from_json(client: AppClient, session: str, **changes: Any) -> httpx.Response:
    """Add a dataset, by a text that holds any characters as escapes."""
    metadata = {"id": "1", "name": "named", "type": "master_data", "creation_datetime": "2026-01-01"}
    tables = changes.pop("tables", {"new": {"columns": ["x"], "data": [{"x": 1}], "index": [0]}})
    text = json.dumps({"metadata": metadata | changes, "tables": tables})
    return client.post(f"{session}/data/from-json", content=text)


def post(client: AppClient, url: str, body: dict[str, Any]) -> httpx.Response:
    return client.post(url, content=json.dumps(body), headers={"Content-Type": "application/json"})


def scenario(client: AppClient, session: str, name: str) -> httpx.Response:
    body = {"tag": name, "dataset_key": "items", "algo_name": "Instant", "run": True}
    return post(client, f"{session}/scenarios", body)


Send = Callable[[AppClient, str, str], httpx.Response]

#: What takes a name from a text that is decoded at once, where a lone surrogate is no JSON.
BODIES: dict[str, Send] = {
    "a session": lambda client, _, name: post(client, f"{API}/sessions", {"display_name": name}),
    "a copy": lambda client, session, name: post(client, f"{session}/copy", {"new_display_name": name}),
    "a session's new name": lambda client, session, name: client.request(
        "PATCH",
        session,
        content=json.dumps({"display_name": name}),
        headers={"Content-Type": "application/json"},
    ),
    "a derived dataset": lambda client, session, name: post(client, f"{session}/data/items/derive", {"new_key": name}),
    "a scenario": scenario,
}

DATASETS: dict[str, Send] = {
    "a dataset": lambda client, session, name: from_json(client, session, name=name),
    "an id": lambda client, session, name: from_json(client, session, id=name),
    "a table": lambda client, session, name: from_json(
        client, session, tables={name: {"columns": ["x"], "data": [{"x": 1}], "index": [0]}}
    ),
    "a column": lambda client, session, name: from_json(
        client, session, tables={"new": {"columns": [name], "data": [{name: 1}], "index": [0]}}
    ),
    "a column of no rows": lambda client, session, name: from_json(
        client, session, tables={"new": {"columns": [name], "data": [], "index": []}}
    ),
}


@contextmanager
def left_as_it_was(database: Database) -> Iterator[tuple[AppClient, str]]:
    """A client and its session, in which nothing comes of what is sent, and whatever takes a name works afterwards."""
    with opened(database) as client:
        session = default_session(client)
        upload_items(client, session)
        yield client, session
        assert client.get(f"{session}/data").json() == {"keys": ["items"]}
        assert client.get(f"{session}/scenarios").json() == []
        assert [entry["display_name"] for entry in client.get(f"{API}/sessions").json()["sessions"]] == ["main"]
        assert database.stored() == 1
        assert upload_items(client, session, "uploaded").status_code == 200
        assert from_json(client, session).status_code == 201
        assert client.post(f"{session}/data/items/derive", json={"new_key": "derived"}).status_code == 201
        number = create(client, session)
        client.post(f"{session}/scenarios/{number}/run")
        assert ended(client, session, number)["status"] == "complete"
        assert client.post(f"{session}/copy", json={"new_display_name": "copy"}).status_code == 201
    with opened(database) as client:
        for place in (session, f"{API}/sessions/copy"):
            keys = client.get(f"{place}/data").json()["keys"]
            assert sorted(keys) == ["derived", "items", "named", "uploaded"]


def is_held(database: Database, name: str) -> bool:
    """Whether a database holds a name as a text: SQLite has NULs in texts."""
    return "\0" in name and database.url.startswith("sqlite")


@pytest.mark.parametrize("send", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize(("name", "status"), [("a\0b", 400), ("a\ud800", 422)])
def test_a_name_in_a_body(database: Database, send: Send, name: str, status: int) -> None:
    if is_held(database, name):
        pytest.skip("SQLite keeps it")
    with left_as_it_was(database) as (client, session):
        for _ in range(2):
            response = send(client, session, name)
            assert response.status_code == status, response.text


@pytest.mark.parametrize("send", DATASETS.values(), ids=DATASETS)
@pytest.mark.parametrize("name", [*NAMES.values(), LOW], ids=[*NAMES, "its other half"])
def test_a_name_in_a_dataset(database: Database, send: Send, name: str) -> None:
    if is_held(database, name) and send in (DATASETS["a dataset"], DATASETS["an id"]):
        pytest.skip("SQLite keeps it")
    if "\0" in name and send not in (DATASETS["a dataset"], DATASETS["an id"]):
        pytest.skip("it is in the columns")
    with left_as_it_was(database) as (client, session):
        for _ in range(2):
            response = send(client, session, name)
            assert response.status_code == 400, response.text
            assert repr(name) in response.json()["detail"]


def test_sqlite_keeps_a_nul_in_a_text(tmp_path: Path) -> None:
    database, name = Database(f"sqlite:///{tmp_path}/names.sqlite"), "a\0b"
    with opened(database) as client:
        session = default_session(client)
        upload_items(client, session)
        assert upload_items(client, session, name).status_code == 200
        assert from_json(client, session, name="named", id=name).status_code == 201
        for send in (BODIES["a scenario"], BODIES["a derived dataset"]):
            assert send(client, session, "more" + name).status_code == 201
        assert BODIES["a copy"](client, session, name).status_code == 201
    with opened(database) as client:
        assert sorted(client.get(f"{session}/data").json()["keys"]) == sorted([name, "items", "named", "more" + name])
        assert client.get(f"{session}/data/named").json()["metadata"]["id"] == name
        assert client.get(f"{session}/data/more{quote(name)}").json()["metadata"]["name"] == "more" + name
        assert [entry["tag"] for entry in client.get(f"{session}/scenarios").json()] == ["more" + name]
        assert name in [entry["display_name"] for entry in client.get(f"{API}/sessions").json()["sessions"]]
        assert client.delete(f"{session}/data/{quote(name)}").status_code == 204


def test_the_name_of_an_upload(database: Database) -> None:
    if is_held(database, "a\0b"):
        pytest.skip("SQLite keeps it")
    with left_as_it_was(database) as (client, session):
        response = upload_items(client, session, "a\0b")
        assert response.status_code == 400
        assert repr("a\0b") in response.json()["detail"]


@pytest.mark.parametrize("character", [b"\0", b"%00", b"\xed\xa0\x80"])
def test_the_name_of_a_file(database: Database, character: bytes) -> None:
    """It is a label that stands for a schema: what no schema is named after is no table either."""
    form = (
        b'--x\r\nContent-Disposition: form-data; name="dataset_name"\r\n\r\nnew\r\n'
        b'--x\r\nContent-Disposition: form-data; name="files"; filename="a' + character + b'.csv"\r\n\r\nid;name\r\n'
        b"--x--\r\n"
    )
    with left_as_it_was(database) as (client, session):
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        assert client.post(f"{session}/etl", content=form, headers=headers).status_code in (200, 400)
        client.delete(f"{session}/data/new")


@pytest.mark.parametrize("cell", NAMES.values(), ids=NAMES)
def test_a_text_in_a_cell_is_kept_or_refused(database: Database, cell: str) -> None:
    with left_as_it_was(database) as (client, session):
        tables = {"new": {"columns": ["x"], "data": [{"x": cell}], "index": [0]}}
        if from_json(client, session, name="cell", tables=tables).status_code == 201:
            assert client.get(f"{session}/data/cell").json()["tables"]["new"]["data"] == [{"x": cell}]
            assert client.delete(f"{session}/data/cell").status_code == 204


def test_a_text_in_a_parameter_is_kept(database: Database) -> None:
    with opened(database) as client:
        session = default_session(client)
        upload_items(client, session)
        number = create(client, session, "Parametrised", algo_params={"text": "a\0b"})
    with opened(database) as client:
        form = client.get(f"{session}/scenarios/{number}").json()
        assert json.loads(form["algorithm"]["parameters"])["parameters"]["text"] == "a\0b"


def test_a_nul_in_the_name_of_a_table_and_of_a_column_is_kept(database: Database) -> None:
    tables = {"a\0b": {"columns": ["c\0d"], "data": [{"c\0d": 1}], "index": [0]}}
    with opened(database) as client:
        session = default_session(client)
        assert from_json(client, session, name="named", tables=tables).status_code == 201
    with opened(database) as client:
        document = client.get(f"{session}/data/named").json()["tables"]
        assert document["a\0b"]["columns"] == ["c\0d"]
        assert document["a\0b"]["data"] == tables["a\0b"]["data"]
