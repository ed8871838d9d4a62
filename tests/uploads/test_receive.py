"""Uploads over real HTTP: file names are only labels, and no files are left behind."""

import io
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest
from starlette.applications import Starlette

from algomancy_api import ApiLauncher
from algomancy_api.uploads.temp_folder import UploadsFolder, remove_abandoned_uploads

from ..conftest import create, default_session, upload_items
from ..datafiles.workbooks import cell, rows, sheet, workbook
from ..support import wiring
from ..support.clients import PATIENCE, eventually, serving
from ..support.errors import assert_error
from ..support.processes import ROOT

ITEMS = wiring.ITEMS_CSV.encode()


@pytest.fixture(autouse=True)
def staging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder where temporary folders are made: after each test there is no upload in it."""
    folder = tmp_path / "staging"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    eventually(lambda: not list(folder.glob("*/*")))


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Starlette]:
    app = ApiLauncher.build(wiring.on_sqlite(tmp_path))
    yield app
    app.state.session_manager.shutdown()


@pytest.fixture
def session(http: httpx.Client) -> str:
    return default_session(http)


def send(http: httpx.Client, session: str, *files: tuple[Any, bytes], name: str = "x") -> httpx.Response:
    parts = [("files", (file_name, content)) for file_name, content in files]
    return http.post(f"{session}/etl", data={"dataset_name": name}, files=parts)


@pytest.mark.parametrize(
    "name",
    [
        "items.csv",
        "items.CSV",
        "../../items.csv",
        "/etc/items.csv",
        "C:\\items.csv",
        "..\\..\\items.csv",
        "a/b/items.csv",
    ],
)
def test_a_file_name_is_a_label(http: httpx.Client, session: str, name: str) -> None:
    response = send(http, session, (name, ITEMS))
    assert response.status_code == 200, response.text
    assert response.json()["success"] is True
    assert http.get(f"{session}/data/x").json()["metadata"]["tables"] == ["items"]


@pytest.mark.parametrize("name", ["items\0.csv", "x" * 300 + ".csv", "\u202eitems.csv", "other.csv", ".items.csv"])
def test_a_label_that_no_schema_has_is_a_400(http: httpx.Client, session: str, name: str) -> None:
    body = multipart(name.encode("utf-8"), ITEMS)
    assert_error(http.post(f"{session}/etl", **body), 400, "no schema has the name of file")
    assert http.get(f"{session}/data").json() == {"keys": []}


def multipart(file_name: bytes, content: bytes) -> dict[str, Any]:
    """A form whose file name is sent as it is."""
    lines = [
        b"--edge", b'Content-Disposition: form-data; name="dataset_name"', b"", b"x",
        b"--edge", b'Content-Disposition: form-data; name="files"; filename="' + file_name + b'"', b"", content,
        b"--edge--", b"",
    ]  # fmt: skip
    return {"content": b"\r\n".join(lines), "headers": {"content-type": "multipart/form-data; boundary=edge"}}


@pytest.mark.parametrize("name", ["items.txt", "items", "items.csv.exe", ".csv", "items.", "csv"])
def test_an_unsupported_extension_is_a_400(http: httpx.Client, session: str, name: str) -> None:
    assert_error(send(http, session, (name, ITEMS)), 400, "unsupported extension")


def test_no_file_name_is_a_400(http: httpx.Client, session: str) -> None:
    assert_error(http.post(f"{session}/etl", **multipart(b"", ITEMS)), 400, "file name")


@pytest.mark.parametrize(
    "names", [("items.csv", "items.csv"), ("items.csv", "items.json"), ("a/items.csv", "b/items.csv")]
)
def test_two_files_of_one_logical_name_are_a_400(http: httpx.Client, session: str, names: tuple[str, str]) -> None:
    assert_error(send(http, session, *((name, ITEMS) for name in names)), 400, "'items'")


def fields(count: int, value: bytes = b"", name: str = "field") -> list[tuple[str, Any]]:
    return [(f"{name}{number}", (None, value)) for number in range(count)]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (fields(101), "more than 100 fields besides its files"),
        ([("same", (None, b""))] * 101, "more than 100 fields besides its files"),
        (fields(2, b"x" * 40_000), "The fields of the form are larger than 65536 bytes together"),
        (fields(1, b"x" * 70_000), "The fields of the form are larger than 65536 bytes together"),
        (fields(12, name="x" * 7000), "The fields of the form are larger than 65536 bytes together"),
        ([("files", ("x" * 9000, ITEMS))], "The headers of a part are larger than 8192 bytes together"),
        ([("files", ("a.csv", ITEMS, None, {f"X-{n}": "" for n in range(17)}))], "A part has more than 16 headers"),
    ],
)
def test_a_form_with_more_than_it_needs_is_a_413(
    http: httpx.Client, session: str, more: list[tuple[str, Any]], says: str
) -> None:
    form = [("dataset_name", (None, b"x")), ("files", ("items.csv", ITEMS)), *more]
    assert_error(http.post(f"{session}/etl", files=form), 413, says)
    assert http.get(f"{session}/data").json() == {"keys": []}


def test_fields_that_nobody_asked_for_are_passed_over(http: httpx.Client, session: str) -> None:
    form = [("dataset_name", (None, b"x")), ("files", ("items.csv", ITEMS)), *fields(99, b"x" * 600)]
    assert http.post(f"{session}/etl", files=form).json()["success"] is True


def test_a_missing_or_empty_field_is_a_422(http: httpx.Client, session: str) -> None:
    url, file = f"{session}/etl", {"files": ("items.csv", ITEMS)}
    assert_error(http.post(url, files=file), 422, "dataset_name")
    assert_error(http.post(url, files=file, data={"dataset_name": ""}), 422, "dataset_name")
    assert_error(http.post(url, files={"other": ("items.csv", ITEMS)}, data={"dataset_name": "x"}), 422, "files")
    assert_error(http.post(url, files={"dataset_name": (None, b"x"), "files": (None, b"text")}), 422, "files")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("", b""),
        ("text/plain", ITEMS),
        ("application/json", b"{}"),
        ("application/x-www-form-urlencoded", b"dataset_name=x"),
        ("multipart/form-data", b"--edge--"),
        ("multipart/form-data; boundary=", b"--edge--"),
        ("multipart/form-data; boundary=" + "x" * 5000, b""),
        ("multipart/form-data; boundary=edge", b""),
        ("multipart/form-data; boundary=edge", b"garbage"),
        ("multipart/form-data; boundary=edge", multipart(b"items.csv", ITEMS)["content"][:-30]),
        ("multipart/form-data; boundary=other", multipart(b"items.csv", ITEMS)["content"]),
        ("multipart/form-data; boundary=edge", multipart(b"items.csv", ITEMS)["content"].replace(b"; name", b"; x")),
        (
            "multipart/form-data; boundary=edge",
            multipart(b"items.csv", ITEMS)["content"].replace(b"\r\nx\r\n", b"\r\n\xff\r\n"),
        ),
    ],
)
def test_a_body_that_is_no_form_is_a_422(http: httpx.Client, session: str, content_type: str, body: bytes) -> None:
    assert_error(http.post(f"{session}/etl", content=body, headers={"content-type": content_type}), 422)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("items.csv", b"\xff\xfe\x00"),
        ("items.csv", b""),
        ("items.csv", b'id;name;weight\n1;"unclosed;2\n'),
        ("extras.json", b"{"),
        ("extras.json", b""),
        ("items.xlsx", b"not a workbook"),
        ("items.xlsx", b"PK\x03\x04 half a workbook"),
        ("items.xlsx", b""),
    ],
)
def test_a_file_that_cannot_be_read_is_a_400(http: httpx.Client, session: str, name: str, content: bytes) -> None:
    assert_error(send(http, session, (name, content)), 400)
    assert http.get(f"{session}/data").json() == {"keys": []}


FAR = sheet(rows({1: cell("A1", 1), 5000: cell("BXX5000", 1)}))
DEEP = b'[{"id": 1, "note": ' + b"[" * 200 + b"]" * 200 + b"}]"


@pytest.mark.parametrize(
    ("name", "content", "status", "says"),
    [
        ("book.xlsx", workbook(FAR), 413, "'book.xlsx' has more than 5000000 cells"),
        ("items.csv", b"id;name;weight" + b";x" * 20_000, 413, "'items.csv' has more than 16384 columns"),
        ("extras.json", DEEP, 400, "'extras.json' cannot be read as JSON: it is nested more than 100 levels"),
        ("extras.json", b"[" * 100_000 + b"]" * 100_000, 400, "nested more than 100 levels deep"),
    ],
)
def test_a_file_above_a_limit_refuses_the_whole_upload(
    http: httpx.Client, session: str, name: str, content: bytes, status: int, says: str
) -> None:
    assert_error(send(http, session, ("other.csv", ITEMS), (name, content)), status, says)
    assert http.get(f"{session}/data").json() == {"keys": []}


def test_files_of_several_kinds_become_one_dataset(http: httpx.Client, session: str) -> None:
    extras = json.dumps([{"id": 1, "note": "heavy"}]).encode()
    response = send(http, session, ("items.csv", ITEMS), ("extras.json", extras), name="both")
    assert response.json()["success"] is True, response.text
    tables = http.get(f"{session}/data/both").json()["tables"]
    assert set(tables) == {"items", "extras"}
    assert tables["extras"]["data"] == [{"id": 1, "note": "heavy"}]


def test_a_workbook_is_read(http: httpx.Client, session: str) -> None:
    saved = io.BytesIO()
    pd.DataFrame({"id": [1], "note": ["anvil"]}).to_excel(saved, sheet_name="Sheet", index=False)
    response = send(http, session, ("book.xlsx", saved.getvalue()))
    assert response.json()["success"] is True, response.text
    assert http.get(f"{session}/data/x").json()["tables"]["book.Sheet"]["data"] == [{"id": 1, "note": "anvil"}]


def test_a_dataset_can_be_replaced(http: httpx.Client, session: str) -> None:
    upload_items(http, session)
    create(http, session)
    text = "id;name;weight\n9;cloud;0.1\n"
    assert_error(upload_items(http, session, text=text), 409, "?replace=true")
    response = upload_items(http, session, text=text, query="?replace=true")
    assert response.json()["keys"] == ["items"]
    assert http.get(f"{session}/data/items").json()["tables"]["items"]["data"] == [
        {"id": 9, "name": "cloud", "weight": 0.1}
    ]


def test_a_large_upload_arrives_whole(http: httpx.Client, session: str) -> None:
    rows = 200_000
    text = "id;name;weight\n" + "".join(f"{number};item {number};{number}.5\n" for number in range(rows))
    assert upload_items(http, session, "large", text).json()["success"] is True
    table = http.get(f"{session}/data/large").json()["tables"]["items"]
    assert len(table["data"]) == len(table["index"]) == rows
    assert table["data"][-1] == {"id": rows - 1, "name": f"item {rows - 1}", "weight": rows - 0.5}


def test_a_client_that_goes_away_leaves_nothing(http: httpx.Client, session: str, staging: Path) -> None:
    host, port = http.base_url.host, http.base_url.port
    with socket.create_connection((host, port)) as connection:
        head = (
            f"POST {session}/etl HTTP/1.1\r\nHost: {host}\r\nContent-Length: 9000000\r\n"
            "Content-Type: multipart/form-data; boundary=edge\r\n\r\n"
        )
        connection.sendall(head.encode() + multipart(b"items.csv", b"x" * 3_000_000)["content"][:2_500_000])
        eventually(lambda: list(staging.glob("*/*/*")))
    eventually(lambda: not list(staging.glob("*/*")))
    assert http.get(f"{session}/data").json() == {"keys": []}


# The folder that they lie in ------------------------------------------------------------------------------------


def test_the_folder_of_a_killed_server_is_removed_by_the_next(staging: Path) -> None:
    upload = "from algomancy_api.uploads.temp_folder import UploadsFolder; f = UploadsFolder(); (f.new() / '0').touch()"
    program = f"{upload}; import os; os.kill(os.getpid(), 9)"
    environment = os.environ | {"TMPDIR": str(staging)}
    for _ in range(2):
        subprocess.run([sys.executable, "-c", program], env=environment, check=False, cwd=ROOT)  # noqa: S603
    own = UploadsFolder()
    kept = own.new()
    foreign = staging / "algomancy-other"
    foreign.mkdir()
    assert len(list(staging.glob("algomancy-uploads-*/*"))) == 3
    remove_abandoned_uploads()
    assert {path for path in staging.iterdir() if path.is_dir()} == {kept.parent, foreign}
    own.close()
    assert list(staging.iterdir()) == [foreign]


def test_the_folder_goes_with_the_app(staging: Path) -> None:
    app = ApiLauncher.build(wiring.configuration())
    with serving(app, lifespan="on") as url, httpx.Client(base_url=url, timeout=PATIENCE) as client:
        assert upload_items(client, default_session(client)).status_code == 200
        assert list(staging.iterdir()) != []
    assert list(staging.iterdir()) == []
