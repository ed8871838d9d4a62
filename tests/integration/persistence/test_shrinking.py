"""What is deleted: its space is given back, and what cannot be deleted yet is deleted at the next start."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from algomancy_data import DataClassification

from algomancy_api.framework import DatabaseUnavailable
from algomancy_api.framework.database import cleanup
from algomancy_api.framework.database.storage import blobs

from ...conftest import API, create, default_session, upload_items
from ...support.clients import PATIENCE, AppClient, ended
from ...support.databases import Database
from ...support.wiring import Items
from ..faults.wiring import ALGORITHMS
from .test_persistence import opened

#: Values of a table: random ones, which no compression makes smaller than 24 MB.
VALUES = 3_000_000


def add_large(client: AppClient, session: str) -> None:
    """Add a dataset of 24 MB to a session."""
    manager = client.app.state.session_manager.get_scenario_manager(session)  # type: ignore[attr-defined]
    large = Items(ds_type=DataClassification.MASTER_DATA, name="large")
    large.add_table("items", pd.DataFrame({"x": np.random.default_rng(1).random(VALUES)}))
    manager._dm.add_data_source(large)


def pages(database: Database) -> int:
    with database.connected() as connection:
        return int(connection.exec_driver_sql("PRAGMA page_count").scalar_one())


DELETIONS: dict[str, Callable[[AppClient, str], Any]] = {
    "a dataset": lambda client, session: client.delete(f"{session}/data/large"),
    "a session": lambda client, session: client.delete(session),
    "a replaced dataset": lambda client, session: upload_items(client, session, "large"),
}


@pytest.mark.parametrize("delete", DELETIONS.values(), ids=DELETIONS)
def test_the_file_shrinks(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, delete: Callable[[AppClient, str], Any]
) -> None:
    database = Database(f"sqlite:///{tmp_path}/wiring.sqlite")
    with opened(database) as client:
        client.post(f"{API}/sessions", json={"display_name": "other"})
        before = pages(database)
        add_large(client, "other")
        assert pages(database) > before + 5_000
        assert delete(client, f"{API}/sessions/other").is_success
        assert pages(database) < before + 50
    assert caplog.messages == []


def test_others_change_a_session_while_the_content_of_a_dataset_is_deleted(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def slowly(engine: sa.Engine, owner: str) -> int:
        begun.set()
        assert may_end.wait(PATIENCE)
        return delete(engine, owner)

    delete = blobs.delete
    with opened(database) as client, ThreadPoolExecutor() as threads:
        session = default_session(client)
        upload_items(client, session)
        monkeypatch.setattr(blobs, "delete", slowly)
        deletion = threads.submit(client.delete, f"{session}/data/items")
        try:
            assert begun.wait(PATIENCE)
            assert upload_items(client, session).is_success  # under the same key
            create(client, session)
        finally:
            may_end.set()
        assert deletion.result().status_code == 204
        assert client.get(f"{session}/data/items").is_success
    assert database.stored() == 1


def test_a_session_is_gone_even_if_its_content_cannot_be_deleted_yet(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise DatabaseUnavailable("not now")

    with opened(database, algorithms=ALGORITHMS) as client:
        client.post(f"{API}/sessions", json={"display_name": "other"})
        before = database.rows()
        other = f"{API}/sessions/other"
        upload_items(client, other)
        scenario = create(client, other, "Tabular")
        client.post(f"{other}/scenarios/{scenario}/run")
        assert ended(client, other, scenario)["status"] == "complete"
        monkeypatch.setattr(blobs, "delete", fail)
        monkeypatch.setattr(cleanup, "drop_session_rows", fail)
        assert client.delete(other).status_code == 200
        assert client.get(other + "/data").status_code == 404
        assert client.post(f"{API}/sessions", json={"display_name": "other"}).status_code == 201
        assert all("yet: not now" in message for message in caplog.messages)
        monkeypatch.undo()
        assert database.stored() == 2
    with opened(database, algorithms=ALGORITHMS) as client:
        assert client.get(f"{default_session(client)}/data").json() == {"keys": []}
    assert database.rows() == before


def test_content_of_a_deleted_session_is_deleted_at_once(database: Database) -> None:
    with opened(database, algorithms=ALGORITHMS) as client:
        client.post(f"{API}/sessions", json={"display_name": "other"})
        before = database.rows()
        upload_items(client, f"{API}/sessions/other")
        upload_items(client, default_session(client))
        assert database.stored() == 2
        client.delete(f"{API}/sessions/other")
        assert database.stored() == 1
        client.delete(f"{default_session(client)}/data/items")
    assert database.rows() == before | {"algomancy_sessions": 1}
