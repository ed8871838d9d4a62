"""What is known of datasets, and of their tables and columns."""

from pathlib import Path
from typing import Any

import pytest

from algomancy_api import ApiLauncher
from algomancy_api.framework.database.data_manager import ApiDataManager

from ...conftest import create, default_session, upload_items
from ...support import wiring
from ...support.clients import AppClient, calling
from ...support.errors import assert_error


def details(client: Any, session: str) -> dict[str, Any]:
    document = client.get(f"{session}/data?details=true").json()
    assert document["keys"] == [each["key"] for each in document["datasets"]]
    return {each["key"]: each for each in document["datasets"]}


def test_the_keys_alone_are_as_before(client: AppClient, session: str) -> None:
    for query in ("", "?details=false"):
        assert client.get(f"{session}/data{query}").content == b'{"keys":["items"]}'
    assert_error(client.get(f"{session}/data?details=yes"), 422, "details must be true or false")


def test_each_dataset_has_its_tables_its_origin_and_its_users(client: AppClient, session: str) -> None:
    client.post(f"{session}/data/items/derive", json={"new_key": "more"})
    for tag in ("one", "two"):
        create(client, session, tag=tag)
    found = details(client, session)
    [table] = found["items"]["tables"]
    assert table.pop("bytes") > 50
    assert table == {"name": "items", "rows": 3, "columns": 3}
    assert {key: (each["type"], each["derived_from"], each["used_by"]) for key, each in found.items()} == {
        "items": ("master_data", None, 2),
        "more": ("derived_data", "items", 0),
    }
    metadata = client.get(f"{session}/data/items").json()["metadata"]
    assert found["items"]["id"] == metadata["id"]
    assert found["items"]["created"].replace("T", " ") == metadata["creation_datetime"]


def test_a_database_knows_them_without_loading_a_dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def started() -> Any:
        return ApiLauncher.build(wiring.on_sqlite(tmp_path))

    app = started()
    with calling(app) as client:
        session = default_session(client)
        upload_items(client, session)
        client.post(f"{session}/data/items/derive", json={"new_key": "more"})
        before = details(client, session)
    app.state.session_manager.shutdown()
    app = started()
    with monkeypatch.context() as patch, calling(app) as client:
        patch.setattr(ApiDataManager, "_load_datasource_from_db", lambda *_: pytest.fail("a dataset was loaded"))
        assert details(client, session) == before
        patch.undo()
        assert client.get(f"{session}/data/more/tables").json()["derived_from"] == "items"
        assert details(client, session) == before
    app.state.session_manager.shutdown()


def test_what_an_earlier_version_has_stored_is_unknown_until_it_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from algomancy_api.framework.database.storage import catalogue

    app = ApiLauncher.build(wiring.on_sqlite(tmp_path))
    kept = catalogue.attributes
    monkeypatch.setattr(catalogue, "attributes", lambda *given: {"created_time": kept(*given)["created_time"]})
    with calling(app) as client:
        session = default_session(client)
        upload_items(client, session)
    app.state.session_manager.shutdown()
    app = ApiLauncher.build(wiring.on_sqlite(tmp_path))
    with calling(app) as client:
        [unknown] = details(client, session)["items"]["tables"]
        assert unknown == {"name": "items", "rows": None, "columns": None, "bytes": None}
        client.get(f"{session}/data/items")
        assert details(client, session)["items"]["tables"][0]["rows"] == 3
    app.state.session_manager.shutdown()


def test_the_columns_of_a_dataset_have_what_they_hold(client: AppClient, session: str) -> None:
    response = client.get(f"{session}/data/items/tables")
    assert (response.json()["key"], response.json()["used_by"]) == ("items", 0)
    [table] = response.json()["tables"]
    assert table["fields"] == [
        {"name": "id", "dtype": "int64", "nulls": 0, "min": 1, "max": 3, "distinct": 3},
        {"name": "name", "dtype": "string", "nulls": 0, "min": "anvil", "max": "feather", "distinct": 3},
        {"name": "weight", "dtype": "float64", "nulls": 1, "min": 3.0, "max": 12.5, "distinct": 2},
    ]
    again = client.get(f"{session}/data/items/tables", headers={"If-None-Match": response.headers["etag"]})
    assert again.status_code == 304
    assert_error(client.get(f"{session}/data/nope/tables"), 404, "Dataset 'nope' not found")


def test_a_dataset_without_tables_of_its_own_is_known_all_the_same(client: AppClient, session: str) -> None:
    assert client.post(f"{session}/data/from-json", json=EMPTY).status_code == 201
    assert details(client, session)["empty"]["tables"] == []
    assert client.get(f"{session}/data/empty/tables").json()["tables"] == []


EMPTY = {
    "metadata": {"id": "e", "name": "empty", "type": "master_data", "creation_datetime": "2026-01-02 03:04:05"},
    "tables": {},
}
