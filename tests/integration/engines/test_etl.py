"""Uploads have the same results on every engine."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from pandas.testing import assert_frame_equal
from starlette.applications import Starlette

from algomancy_api import ApiConfiguration, ApiLauncher

from ...conftest import upload_items
from ...datafiles.workbooks import cell, rows, sheet, workbook
from ...support import wiring
from ...support.clients import PATIENCE, AppClient, eventually
from ...support.errors import assert_error
from ...support.tables import downloaded, parquet, put, put_archive
from .etl import EndingEtl


@pytest.fixture
def app(configured: Callable[..., ApiConfiguration]) -> Iterator[Starlette]:
    app = ApiLauncher.build(configured(etl_factory=EndingEtl, persistence_backend="none"))
    yield app
    app.state.session_manager.close()
    app.state.engine.close()


def test_an_upload_becomes_the_same_dataset(app: Starlette, client: AppClient, session: str) -> None:
    assert upload_items(client, session, "wide").json()["success"] is True
    dataset = app.state.session_manager.get_scenario_manager(session.rpartition("/")[2]).get_data("wide")
    assert type(dataset) is wiring.Items
    assert_frame_equal(dataset.get_table("wide"), wiring.wide_table(), check_exact=True)
    assert dataset.get_table("items")["name"].tolist() == ["anvil", "feather", "brick"]


def test_what_is_wrong_with_a_file_is_told(client: AppClient, session: str) -> None:
    answer = upload_items(client, session, "bad", "id;name\n1;anvil\n").json()
    assert answer["success"] is False
    message = "Required column 'weight' missing from items."
    error = {"severity": "ERROR", "message": message, "table": "items", "code": "MISSING_REQUIRED_COLUMN"}
    error["column"] = "weight"
    assert error in answer["messages"]


@pytest.mark.parametrize(("name", "status", "says"), [("refuse", 400, "no such thing"), ("fail", 400, "not today")])
def test_what_an_etl_raises_has_its_status(client: AppClient, session: str, name: str, status: int, says: str) -> None:
    assert_error(upload_items(client, session, name), status, says)
    assert client.get(f"{session}/data").json() == {"keys": ["items"]}


@pytest.mark.parametrize("engine", ["process"])
def test_a_process_that_ends_is_a_500_that_says_so_and_nothing_is_stored(client: AppClient, session: str) -> None:
    says = "The worker process exited with code 4 before it was done"
    assert_error(upload_items(client, session, "crash"), 500, says)
    assert client.get(f"{session}/data").json() == {"keys": ["items"]}
    assert upload_items(client, session, "next").json()["success"] is True


@pytest.mark.parametrize("engine", ["process"])
def test_an_upload_prints_into_the_log(client: AppClient, session: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "algomancy_api")
    upload_items(client, session, "again")
    assert "[upload again] at work on again" in caplog.messages


@pytest.mark.parametrize("engine", ["process"])
def test_closing_ends_an_upload(app: Starlette, client: AppClient, session: str, tmp_path: Path) -> None:
    answers = []
    name = f"wait {tmp_path / 'at work'}"
    uploading = threading.Thread(target=lambda: answers.append(upload_items(client, session, name)))
    uploading.start()
    eventually((tmp_path / "at work").exists)
    app.state.engine.close()
    uploading.join()
    assert_error(answers[0], 500, "The server was stopped")
    assert client.get(f"{session}/data").json() == {"keys": ["items"]}


BOOK = sheet(rows({1: cell("A1", "id", "str") + cell("B1", "note", "str"), 2: cell("A2", 1) + cell("B2", "b", "str")}))


def send(client: AppClient, session: str, name: str, content: bytes) -> httpx.Response:
    form = {"data": {"dataset_name": "sent"}, "files": {"files": (name, content)}}
    return client.post(f"{session}/etl", **form, timeout=PATIENCE)


@pytest.mark.parametrize(
    ("name", "content", "status", "says"),
    [
        ("book.xlsx", workbook(sheet(rows({9000: cell("ZZ9000", 1)}))), 413, "has more than 5000000 cells"),
        ("book.xlsx", b"none", 400, "File 'book.xlsx' cannot be read as XLSX: "),
        ("items.csv", b"id" + b";x" * 20_000, 413, "has more than 16384 columns"),
        ("extras.json", b"[" * 200 + b"]" * 200, 400, "nested more than 100 levels deep"),
    ],
)
def test_a_file_is_refused_alike(
    client: AppClient, session: str, name: str, content: bytes, status: int, says: str
) -> None:
    assert_error(send(client, session, name, content), status, says)
    assert client.get(f"{session}/data").json() == {"keys": ["items"]}
    assert send(client, session, "book.xlsx", workbook(BOOK)).json()["success"] is True


@pytest.mark.parametrize("engine", ["process", "dask"])
def test_no_file_is_read_in_the_process_of_the_server(
    client: AppClient, session: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("algomancy_api.datafiles.DataFile.opened", None)
    assert send(client, session, "book.xlsx", workbook(BOOK)).json()["success"] is True


def test_tables_become_the_same_dataset(app: Starlette, client: AppClient, session: str) -> None:
    in_parquet = {"when": "datetime64[ms]"}  # which has no seconds
    wide = wiring.wide_table().iloc[:2000].set_index("name").astype(in_parquet)
    assert put(client, f"{session}/data/wide", {"wide.parquet": parquet(wide)}).status_code == 201
    assert put_archive(client, f"{session}/data/copy", downloaded(client, f"{session}/data/wide")).status_code == 201
    manager = app.state.session_manager.get_scenario_manager(session.rpartition("/")[2])
    assert_frame_equal(manager.get_data("copy").get_table("wide"), wide, check_exact=True)
    refused = put(client, f"{session}/data/bad", {"items.parquet": parquet(wide)}).json()
    assert (refused["success"], refused["messages"][0]["code"]) == (False, "MISSING_REQUIRED_COLUMN")
    assert_error(
        put(client, f"{session}/data/bad", {"items.parquet": b"x"}), 400, "File 'items.parquet' cannot be read"
    )
    assert client.get(f"{session}/data").json() == {"keys": ["items", "wide", "copy"]}
