"""Datasets of Parquet and Arrow files, and archives: what is downloaded is, when it is put, the same dataset."""

import io
import json
import logging
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from algomancy_data import BaseDataSource, DataClassification
from hypothesis import HealthCheck, given, settings
from starlette.applications import Starlette

from algomancy_api import ApiLauncher, Limits
from algomancy_api.serialization.datasets.archive import archive_pieces

from ...conftest import API, create, default_session
from ...serialization.frames.strategies import frames
from ...support import wiring
from ...support.clients import AppClient, calling, eventually
from ...support.errors import assert_error
from ...support.frames import assert_same_frame
from ...support.tables import ZIP, archived, downloaded, parquet, put, put_archive

ITEMS = pd.DataFrame({"id": [1, 2], "name": ["anvil", "brick"], "weight": [12.5, None]})


@pytest.fixture(autouse=True)
def staging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder where temporary folders are made: after each test there is no upload in it."""
    folder = tmp_path / "staging"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    eventually(lambda: not list(folder.glob("algomancy-uploads-*/*")))


@pytest.fixture(params=["memory", "sqlite"])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Starlette]:
    on_disk = request.param == "sqlite"
    app = ApiLauncher.build(wiring.on_sqlite(tmp_path) if on_disk else wiring.configuration())
    yield app
    wiring.RELEASE.set()
    app.state.session_manager.shutdown()


def dataset_of(app: Starlette, session: str, key: str) -> Any:
    return app.state.sessions.session(session.rpartition("/")[2]).manager.get_data(key)


def test_new_tables_are_a_201_and_those_that_replace_others_a_200(
    app: Starlette, client: AppClient, session: str
) -> None:
    url = f"{session}/data/{'a%2Fb'}"
    for status, frame in ((201, ITEMS), (200, ITEMS[1:])):
        response = put(client, url, {"items.parquet": parquet(frame)})
        assert response.status_code == status
        info = {"severity": "INFO", "message": "Schema validation successful for items.", "table": None, "code": None}
        expected = {"dataset_name": "a/b", "success": True, "keys": ["items", "a/b"], "messages": [info]}
        assert response.json() == expected
        assert_same_frame(dataset_of(app, session, "a/b").tables["items"], frame)


def test_tables_that_the_validators_refuse_change_nothing(client: AppClient, session: str) -> None:
    before = client.get(f"{session}/data/items").json()
    bad = pd.DataFrame({"id": [1, 1], "name": ["a", "b"]}, index=["r", "s"])
    response = put(client, f"{session}/data/items", {"items.parquet": parquet(bad)})
    assert (response.status_code, response.json()["success"]) == (200, False)
    messages = {message["code"]: message for message in response.json()["messages"]}
    missing = {
        "severity": "ERROR", "message": "Required column 'weight' missing from items.", "table": "items",
        "code": "MISSING_REQUIRED_COLUMN", "column": "weight",
    }  # fmt: skip
    assert messages["MISSING_REQUIRED_COLUMN"] == missing
    assert messages["PK_DUPLICATE"]["row"] == 1
    assert client.get(f"{session}/data/items").json() == before
    assert put(client, f"{session}/data/new", {"items.parquet": parquet(bad)}).json()["keys"] == ["items"]
    taken = put(client, f"{session}/data/items?validate=false", {"items.parquet": parquet(bad)})
    assert (taken.status_code, taken.json()["success"], taken.json()["messages"]) == (200, True, [])


def test_a_table_that_no_schema_describes_is_kept_with_a_warning(client: AppClient, session: str) -> None:
    answer = put(client, f"{session}/data/x", {"other.parquet": parquet(ITEMS), "items.parquet": parquet(ITEMS)}).json()
    warning = answer["messages"][-1]
    assert (answer["success"], warning["severity"], warning["code"]) == (True, "WARNING", "UNKNOWN_TABLE")
    assert (warning["table"], "known are 'book.Sheet', 'extras', 'items'" in warning["message"]) == ("other", True)
    assert client.get(f"{session}/data/x").json()["metadata"]["tables"] == ["other", "items"]


def test_validators_that_fail_are_a_400_that_says_what_to_do(client: AppClient, session: str) -> None:
    twice = pd.DataFrame([[1, 2, "a", 0.5]], columns=["id", "id", "name", "weight"])
    source = wiring.Items(DataClassification.MASTER_DATA, "x")
    source.add_table("items", twice)
    content = b"".join(archive_pieces(source, source.tables))
    assert_error(put_archive(client, f"{session}/data/x", content), 400, "or ?validate=false to take the tables as")
    assert put_archive(client, f"{session}/data/x?validate=false", content).status_code == 201


def test_a_dataset_in_use_is_replaced_on_request_only(client: AppClient, session: str) -> None:
    scenario = create(client, session, tag="mine")
    files = {"items.parquet": parquet(ITEMS)}
    says = "by the scenario 'mine'; choose another name, or send ?replace=true to replace it"
    assert_error(put(client, f"{session}/data/items", files), 409, says)
    assert_error(put_archive(client, f"{session}/data/items", archived(files)), 409, says)
    response = put(client, f"{session}/data/items?replace=true", files)
    assert (response.status_code, response.json()["success"]) == (200, True)
    new = client.get(f"{session}/data/items").json()["metadata"]["id"]
    assert client.get(f"{session}/scenarios/{scenario}").json()["input_data_id"] == new


TYPED = pd.DataFrame(
    {
        ("a", 1): pd.Categorical(["s", None, "m"], ["s", "m", "l"], ordered=True),
        ("b", 2): pd.DatetimeIndex(["2026-03-29 01:30", "NaT", "2026-04-01"]).tz_localize("Europe/Amsterdam"),
        ("c", 3): pd.Series([1, "x", b"y"], dtype=object),
    },
    index=pd.MultiIndex.from_tuples([("k", 1), (None, 2), ("k", 1)], names=["x", None]),
)


def test_an_archive_is_the_same_dataset_in_another_session_and_on_another_server(
    app: Starlette, client: AppClient, session: str, tmp_path: Path
) -> None:
    tables = {"a/b": TYPED, "": ITEMS, "名前": pd.DataFrame(index=pd.RangeIndex(3, 9, 2))}
    source = wiring.Items(DataClassification.DERIVED_DATA, "key")
    source.from_sql_tables(tables)
    app.state.sessions.session(session.rpartition("/")[2]).manager._dm.add_data_source(source)
    content = downloaded(client, f"{session}/data/key")
    client.post(f"{API}/sessions", json={"display_name": "other"})
    assert put_archive(client, f"{API}/sessions/other/data/key", content).status_code == 201
    (tmp_path / "second").mkdir()
    for restart in range(2):
        second = ApiLauncher.build(wiring.on_sqlite(tmp_path / "second"))
        with calling(second) as there:
            elsewhere = default_session(there)
            if not restart:
                assert put_archive(there, f"{elsewhere}/data/key", content).status_code == 201
            for found in (dataset_of(app, "sessions/other", "key"), dataset_of(second, elsewhere, "key")):
                assert type(found) is wiring.Items
                assert (found.id, found._ds_type, found.name) == (source.id, "derived_data", "key")
                assert found.creation_datetime == source.creation_datetime
                assert [*found.tables] == [*tables]
                for name, frame in tables.items():
                    assert_same_frame(found.tables[name], frame)
        second.state.session_manager.close()


def test_an_archive_has_files_that_other_programs_read(client: AppClient, session: str) -> None:
    with zipfile.ZipFile(io.BytesIO(downloaded(client, f"{session}/data/items"))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["metadata.json", "items.parquet"]
        metadata = json.loads(archive.read("metadata.json"))
        frame = pd.read_parquet(io.BytesIO(archive.read("items.parquet")))
    shown = client.get(f"{session}/data/items").json()["metadata"]
    assert {name: metadata[name] for name in shown} == shown
    assert metadata["files"] == ["items.parquet"]
    assert frame["name"].tolist() == ["anvil", "feather", "brick"]


@pytest.fixture(scope="module")
def in_memory() -> Iterator[tuple[Starlette, AppClient, str]]:
    """An app whose state the examples of a property share."""
    app = ApiLauncher.build(wiring.configuration())
    with calling(app) as client:
        yield app, client, default_session(client)
    app.state.session_manager.shutdown()


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
@given(frame=frames(), other=frames())
def test_what_is_downloaded_is_the_same_when_it_is_put(
    in_memory: tuple[Starlette, AppClient, str], frame: pd.DataFrame, other: pd.DataFrame
) -> None:
    app, client, session = in_memory
    source = wiring.Items(DataClassification.MASTER_DATA, "one")
    source.from_sql_tables({"items": frame, "ä/ö": other})
    app.state.sessions.session(session.rpartition("/")[2]).manager._dm.add_data_source(source)
    response = put_archive(client, f"{session}/data/one?validate=false", downloaded(client, f"{session}/data/one"))
    assert (response.status_code, response.json()["success"]) == (200, True)
    found = dataset_of(app, session, "one")
    assert found is not source
    assert (found.id, [*found.tables]) == (source.id, ["items", "ä/ö"])
    assert_same_frame(found.tables["items"], frame)
    assert_same_frame(found.tables["ä/ö"], other)


# Refused -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "status", "says"),
    [
        ({"items.csv": b"x"}, 400, "unsupported extension; supported are .parquet, .pq, .arrow"),
        ({".parquet": b"x"}, 400, "unsupported extension"),
        ({"items.parquet": b"x"}, 400, "File 'items.parquet' cannot be read as Parquet: it does not begin as a"),
        ({"items.arrow": parquet(ITEMS)}, 400, "File 'items.arrow' cannot be read as Arrow: it does not begin as an"),
        ({"a/items.parquet": b"", "b/items.pq": b""}, 400, "2 files have the table name 'items'"),
        ({}, 422, ""),
    ],
)  # fmt: skip
def test_a_form_that_is_wrong_is_told(
    client: AppClient, session: str, files: dict[str, bytes], status: int, says: str
) -> None:
    if files:
        response = put(client, f"{session}/data/x", files)
    else:
        response = client.request("PUT", f"{session}/data/x", files={"field": (None, b"no file")})
    assert_error(response, status, says)
    assert client.get(f"{session}/data").json() == {"keys": ["items"]}


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "", "application/octet-stream"])
def test_another_body_is_a_415(client: AppClient, session: str, content_type: str) -> None:
    headers = {"content-type": content_type} if content_type else {}
    response = client.request("PUT", f"{session}/data/x", content=b"{}", headers=headers)
    assert_error(response, 415, "must be multipart/form-data with a file for each table, or application/zip")


def test_an_empty_archive_is_a_422(client: AppClient, session: str) -> None:
    assert_error(put_archive(client, f"{session}/data/x", b""), 422, "The body is empty")


def test_an_archive_may_be_as_large_as_a_form(tmp_path: Path) -> None:
    app = ApiLauncher.build(wiring.configuration(limits=Limits(body=10_000, upload=100_000)))
    noise = np.random.default_rng(1).random(3_000)
    with calling(app) as client:
        session = default_session(client)
        content = archived({"wide.parquet": parquet(pd.DataFrame({"x": noise}))})
        assert 10_000 < len(content) < 100_000
        assert put_archive(client, f"{session}/data/x", content).status_code == 201
        assert_error(put_archive(client, f"{session}/data/x", content * 10), 413, "larger than 100000 bytes")
        bomb = archived(
            {"wide.parquet": parquet(pd.DataFrame({"x": np.zeros(50_000)}), compression="none", use_dictionary=False)}
        )
        assert len(bomb) < 100_000
        assert_error(put_archive(client, f"{session}/data/x", bomb), 413, "unpacks to more than 100000 bytes")
    app.state.session_manager.shutdown()


def test_what_the_database_cannot_keep_is_named_by_table_and_nothing_is_stored(
    app: Starlette, client: AppClient, session: str
) -> None:
    source = wiring.Items(DataClassification.MASTER_DATA, "x")
    source.add_table("t", pd.DataFrame({"x": pd.Series([1, len], dtype=object)}))
    manager = app.state.sessions.session(session.rpartition("/")[2]).manager
    if "_Stateless" in type(manager._dm).__name__:
        manager._dm.add_data_source(source)
        response = client.get(f"{session}/data/x", headers={"accept": ZIP})
        assert_error(response, 500, "Table 't': column 'x', row 1")
    metadata = json.dumps({"id": "", "name": "x", "type": "x", "creation_datetime": "", "created_as": "text",
                           "tables": [], "files": []})  # fmt: skip
    response = put_archive(client, f"{session}/data/y", archived({"metadata.json": metadata}))
    assert_error(response, 400, "the unknown type 'x'")
    assert "y" not in client.get(f"{session}/data").json()["keys"]


class Opaque(BaseDataSource):
    """A dataset without tables."""

    def to_json(self) -> str:
        return json.dumps({"name": self.name})

    @classmethod
    def from_json(cls, json_string: str) -> Opaque:
        return cls(DataClassification.MASTER_DATA, json.loads(json_string)["name"])


def test_a_dataset_without_tables_has_no_archive() -> None:
    app = ApiLauncher.build(wiring.configuration(data_object_type=Opaque))
    with calling(app) as client:
        session = default_session(client)
        assert client.post(f"{session}/data/from-json", content=b'{"name": "x"}').status_code == 201
        response = client.get(f"{session}/data/x", headers={"accept": ZIP})
        assert_error(response, 406, "Dataset 'x' has no tables to put into an archive; ask for JSON")
        client.declared_only = False  # its JSON is its own
        assert client.get(f"{session}/data/x", headers={"accept": f"{ZIP};q=0.5, */*"}).json() == {"name": "x"}
        response = put(client, f"{session}/data/y?validate=false", {"t.parquet": parquet(ITEMS)})
        assert_error(response, 400, "Opaque, the class of datasets of this server, takes no tables")
    app.state.session_manager.shutdown()


# Around --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "is_zip"),
    [
        (ZIP, True), (f"{ZIP}, */*", True), (f"{ZIP}, application/json;q=0.9", True), ("*/*", False),
        (f"application/json, {ZIP}", False), (f"{ZIP};q=0.1, */*", False), (f"{ZIP};q=0", False), ("", False),
    ],
)  # fmt: skip
def test_an_archive_is_sent_to_those_who_prefer_it(client: AppClient, session: str, accept: str, is_zip: bool) -> None:
    response = client.get(f"{session}/data/items", headers={"accept": accept})
    assert response.headers["content-type"] == (ZIP if is_zip else "application/json")
    assert "Accept" in response.headers["vary"]
    assert ("content-encoding" in response.headers) is False or not is_zip


def test_a_download_has_the_name_of_its_dataset(client: AppClient, session: str) -> None:
    put(client, f"{session}/data/%C3%A4%2F%22x", {"t.parquet": parquet(ITEMS)})
    response = client.get(f"{session}/data/%C3%A4%2F%22x", headers={"accept": ZIP})
    assert response.headers["content-disposition"] == "attachment; filename*=UTF-8''%C3%A4%2F%22x.zip"
    head = client.request("HEAD", f"{session}/data/items", headers={"accept": ZIP})
    assert (head.status_code, head.headers["content-type"], head.content) == (200, ZIP, b"")


def test_the_audit_log_has_it(client: AppClient, session: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "algomancy_api.audit"):
        put(client, f"{session}/data/x", {"items.parquet": parquet(ITEMS)})
    (line,) = [record.getMessage() for record in caplog.records if record.name == "algomancy_api.audit"]
    assert 'operation="put_dataset"' in line
    assert 'dataset="x"' in line
    assert "status=201" in line
