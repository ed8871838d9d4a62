"""State in a database survives restarts, SIGKILL and concurrent writers."""

import contextlib
import itertools
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest

from algomancy_api import ApiLauncher
from algomancy_api.framework.database.storage import blobs
from algomancy_api.framework.database.storage.blobs import Piece
from algomancy_api.framework.database.storage.columns import EncodedTables

from ...conftest import API, create, default_session, upload_items
from ...support import wiring
from ...support.clients import PATIENCE, AppClient, calling, ended, eventually
from ...support.databases import Database
from ...support.processes import Process, free_port


@contextlib.contextmanager
def opened(database: Database, **overrides: Any) -> Iterator[AppClient]:
    """A client of the wiring on a database, for as long as one process would live."""
    app = ApiLauncher.build(database.configuration(**overrides))
    with calling(app) as client:
        yield client
    wiring.RELEASE.set()
    app.state.session_manager.shutdown()


def test_everything_is_there_after_a_restart(database: Database) -> None:
    with opened(database) as client:
        session = default_session(client)
        upload_items(client, session)
        client.post(f"{session}/data/items/derive", json={"new_key": "derived"})
        client.post(f"{API}/sessions", json={"display_name": "temporary"})
        client.patch(f"{API}/sessions/temporary", json={"display_name": "named"})
        done = create(client, session, "Parametrised", "done", algo_params={"count": 7}, data_params={"limit": 4})
        failed = create(client, session, "Fails", "failed")
        client.post(f"{session}/scenarios/{done}/run")
        client.post(f"{session}/scenarios/{failed}/run")
        before = [ended(client, session, scenario_id) for scenario_id in (done, failed)]
        listed = client.get(f"{session}/scenarios").json()
    with opened(database) as client:
        assert [entry["display_name"] for entry in client.get(f"{API}/sessions").json()["sessions"]] == [
            "main",
            "named",
        ]
        assert default_session(client) == session
        assert client.get(f"{session}/data").json() == {"keys": ["items", "derived"]}
        for scenario in before:
            url = f"{session}/scenarios/{scenario['id']}"
            assert client.get(url).json() == scenario
            assert client.get(f"{url}/status").json()["status"] == scenario["status"]
        assert client.get(f"{session}/scenarios").json() == listed
        assert client.get(f"{session}/scenarios/{done}/status").json()["progress"] == 100


def test_a_copied_session_survives_a_restart(database: Database) -> None:
    with opened(database) as client:
        session = default_session(client)
        upload_items(client, session)
        client.post(f"{session}/copy", json={"new_display_name": "copy"})
        scenario_id = create(client, f"{API}/sessions/copy")
    with opened(database) as client:
        copy = f"{API}/sessions/copy"
        assert client.get(f"{copy}/data").json() == {"keys": ["items"]}
        assert len(client.get(f"{copy}/data/items").json()["tables"]["items"]["data"]) == 3
        client.post(f"{copy}/scenarios/{scenario_id}/run")
        assert ended(client, copy, scenario_id)["status"] == "complete"
        client.delete(f"{copy}/scenarios/{scenario_id}")
        client.delete(f"{copy}/data/items")
        assert len(client.get(f"{session}/data/items").json()["tables"]["items"]["data"]) == 3


def test_a_deleted_session_leaves_no_row(database: Database) -> None:
    with opened(database) as client:
        client.post(f"{API}/sessions", json={"display_name": "gone"})
        gone = f"{API}/sessions/gone"
        upload_items(client, gone)
        scenario_id = create(client, gone)
        client.post(f"{gone}/scenarios/{scenario_id}/run")
        ended(client, gone, scenario_id)
        assert client.delete(gone).status_code == 200
    rows = database.rows()
    assert rows.pop("algomancy_sessions") == 1
    assert set(rows.values()) == {0}, rows


def test_a_table_of_somebody_else_does_not_keep_a_session_from_being_deleted(database: Database) -> None:
    with database.connected() as connection:
        connection.exec_driver_sql("CREATE TABLE algomancy_ds__own (x INTEGER)")
    with opened(database) as client:
        assert client.delete(default_session(client)).status_code == 200


def test_a_scenario_without_its_algorithm_is_a_conflict_and_not_lost(database: Database) -> None:
    with opened(database) as client:
        session = default_session(client)
        upload_items(client, session)
        scenario_id = create(client, session)
    others = {name: algorithm for name, algorithm in wiring.ALGORITHMS.items() if name != "Instant"}
    app = ApiLauncher.build(database.configuration(algorithms=others))
    with calling(app) as client:
        assert [summary["id"] for summary in client.get(f"{session}/scenarios").json()] == [scenario_id]
        response = client.get(f"{session}/scenarios/{scenario_id}")
        assert response.status_code == 409
        assert "Instant" in response.json()["detail"]
    app.state.session_manager.shutdown()


@pytest.mark.parametrize("algorithm", ["Unstorable", "Unwritable"])
def test_a_result_that_cannot_be_stored_fails_its_scenario(database: Database, algorithm: str) -> None:
    with opened(database) as client:
        session = default_session(client)
        upload_items(client, session)
        scenario_id = create(client, session, algorithm)
        client.post(f"{session}/scenarios/{scenario_id}/run")
        form = ended(client, session, scenario_id)
        assert form["status"] == "failed"
        assert "not today" in form["result"]["error"]
        assert client.get(f"{session}/scenarios").json()[0]["status"] == "failed"
        following = create(client, session, "Instant", "following")
        client.post(f"{session}/scenarios/{following}/run")
        assert ended(client, session, following)["status"] == "complete"
    with opened(database) as client:
        again = client.get(f"{session}/scenarios/{scenario_id}").json()
        assert (again["status"], again["result"]) == (form["status"], form["result"])


_CELL = "SQL tables cannot hold the {} in row {} of column 'x' of table 'new'"


@pytest.mark.parametrize(
    ("tables", "says"),
    [
        ({"new": {"columns": ["x"], "data": [{"x": "a"}, {"x": {"b": 1}}], "index": [0, 7]}}, _CELL.format("dict", 7)),
        ({"new": {"columns": ["x"], "data": [{"x": 2**70}], "index": [0]}}, _CELL.format("int", 0)),
        ({"new": {"columns": [None, None], "data": [], "index": []}}, "stored"),
        ({"new": {"columns": [["a"]], "data": [], "index": []}}, "several levels"),
        ({"new": {"columns": [["a", "b"], ["c", "d"]], "data": [], "index": []}}, "several levels"),
        ({"new": {"columns": ["_algomancy_session_id"], "data": [], "index": []}}, "reserved"),
    ],
)
def test_a_dataset_that_sql_tables_cannot_hold_is_a_400(
    database: Database, tables: dict[str, object], says: str
) -> None:
    assert_refused(database, tables, says, dataset_storage="tables")


def test_sqlite_does_not_tell_columns_apart_by_their_case(tmp_path: Path) -> None:
    tables: dict[str, object] = {"new": {"columns": ["x", "X"], "data": [], "index": []}}
    database = Database(f"sqlite:///{tmp_path}/wiring.sqlite")
    assert_refused(database, tables, "stored", dataset_storage="tables")


def assert_refused(database: Database, tables: dict[str, object], says: str, **overrides: Any) -> None:
    """A dataset of these tables is a 400, and leaves nothing behind."""
    metadata = {"id": "1", "name": "strange", "type": "master_data", "creation_datetime": "2026-01-01"}
    with opened(database, **overrides) as client:
        session = default_session(client)
        upload_items(client, session)
        response = client.post(f"{session}/data/from-json", json={"metadata": metadata, "tables": tables})
        assert response.status_code == 400, response.text
        assert says in response.json()["detail"]
        assert client.get(f"{session}/data").json() == {"keys": ["items"]}
    with opened(database) as client:
        assert client.get(f"{session}/data").json() == {"keys": ["items"]}


@pytest.mark.parametrize("moment", ["2026-01-02 03:04:05", "yesterday", "", 5, None, [], {}])
def test_a_dataset_may_have_been_created_at_any_time(database: Database, moment: object) -> None:
    metadata = {"id": "1", "name": "old", "type": "master_data", "creation_datetime": moment}
    with opened(database) as client:
        session = default_session(client)
        response = client.post(f"{session}/data/from-json", json={"metadata": metadata, "tables": {}})
        assert response.status_code == 201, response.text
    with opened(database) as client:
        assert client.get(f"{session}/data/old").json()["tables"] == {}


ROWS = 12_000  # more than two pieces


def many_rows(name: str) -> str:
    return "id;name;weight\n" + "".join(f"{number};{name} {number};0.5\n" for number in range(ROWS))


def test_a_large_dataset_is_stored_and_replaced_whole(database: Database) -> None:
    for version in ("first", "second"):
        with opened(database) as client:
            assert upload_items(client, default_session(client), "large", many_rows(version)).json()["success"] is True
        with opened(database) as client:
            rows = client.get(f"{default_session(client)}/data/large").json()["tables"]["items"]["data"]
        assert rows == [{"id": number, "name": f"{version} {number}", "weight": 0.5} for number in range(ROWS)]


def break_off_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the disk be full at the third BLOB, each of which has a transaction of its own."""
    pieces = EncodedTables.pieces
    monkeypatch.setattr(blobs, "_BYTES_AT_ONCE", 1)
    monkeypatch.setattr("algomancy_api.framework.database.storage.columns.PIECE", 1000)

    def some(self: EncodedTables, attributes: Mapping[str, str | None]) -> Iterator[Piece]:
        yield from itertools.islice(pieces(self, attributes), 3)
        raise OSError("no space left on device")

    monkeypatch.setattr(EncodedTables, "pieces", some)


def break_off_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the disk be full at the second of the pieces of a table."""
    to_sql, written = pd.DataFrame.to_sql, list[int]()

    def once(self: pd.DataFrame, *arguments: Any, **keywords: Any) -> Any:
        if written:
            raise OSError("no space left on device")
        written.append(len(self))
        return to_sql(self, *arguments, **keywords)

    monkeypatch.setattr(pd.DataFrame, "to_sql", once)


@pytest.mark.parametrize(("storage", "break_off"), [("columns", break_off_columns), ("tables", break_off_tables)])
def test_a_write_that_breaks_off_leaves_the_dataset_as_it_was(
    database: Database, storage: str, break_off: Callable[[pytest.MonkeyPatch], None]
) -> None:
    with opened(database, dataset_storage=storage) as client:
        session = default_session(client)
        upload_items(client, session, "large", many_rows("old"))
        before = database.rows()
        for name in ("large", "fresh"):
            with pytest.MonkeyPatch.context() as monkeypatch:
                break_off(monkeypatch)
                assert upload_items(client, session, name, many_rows("new")).status_code == 500
        assert client.get(f"{session}/data").json() == {"keys": ["large"]}
        assert client.get(f"{session}/data/large").json()["tables"]["items"]["data"][-1]["name"] == f"old {ROWS - 1}"
        assert database.rows() == before


def test_sqlite_is_set_up_for_many_clients(tmp_path: Path) -> None:
    app = ApiLauncher.build(wiring.on_sqlite(tmp_path))
    with app.state.session_manager._db_engine.connect() as connection:
        values = {
            pragma: connection.exec_driver_sql(f"PRAGMA {pragma}").scalar()
            for pragma in ("journal_mode", "foreign_keys", "busy_timeout", "secure_delete")
        }
    assert values == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 60_000, "secure_delete": 2}
    app.state.session_manager.shutdown()


# A real process, killed ----------------------------------------------------------------------------------------


@pytest.fixture
def port() -> int:
    return free_port()


def upload_apart(url: str, session: str) -> None:
    """Upload by a client of its own, which nobody closes while it connects: that would leave its socket open."""
    with httpx.Client(base_url=url, timeout=PATIENCE) as client:
        upload_items(client, session, "slow")


def test_after_sigkill_completed_results_are_there_and_the_queue_is_run(database: Database, port: int) -> None:
    server = Process("on_database_from_environment", port, WIRING_DATABASE=database.url)
    client = server.client
    session = default_session(client)
    upload_items(client, session)
    done, running, waiting = (
        create(client, session, algorithm, algorithm) for algorithm in ("Instant", "Blocks", "Sleeps")
    )
    client.post(f"{session}/scenarios/{done}/run")
    complete = ended(client, session, done)
    for scenario_id in (running, waiting):
        client.post(f"{session}/scenarios/{scenario_id}/run")
    eventually(lambda: database.begun() == 1)
    with ThreadPoolExecutor(1) as pool:
        upload = pool.submit(upload_apart, str(client.base_url), session)
        time.sleep(0.2)  # somewhere in the middle of the upload; wherever that is must do
        server.end()
        with pytest.raises(httpx.TransportError):
            upload.result()

    server = Process("on_database_from_environment", port, WIRING_DATABASE=database.url)
    client = server.client
    assert client.get(f"{session}/data").json() == {"keys": ["items"]}
    assert client.get(f"{session}/scenarios/{done}").json() == complete
    assert client.get(f"{session}/scenarios/{running}/status").json()["status"] == "created"
    assert ended(client, session, waiting)["status"] == "complete"
    assert server.end(signal.SIGINT) == 0


WRITING_SECONDS = float(os.environ.get("WRITING_SECONDS", "5"))


def test_sixteen_writers_lose_nothing(database: Database, port: int) -> None:
    """Sixteen clients create, run and delete, each in one of four sessions; what was answered is there."""
    server = Process("on_database_from_environment", port, WIRING_DATABASE=database.url)
    sessions = ["main", "one", "two", "three"]
    for name in sessions[1:]:
        server.client.post(f"{API}/sessions", json={"display_name": name})
    for name in sessions:
        assert upload_items(server.client, f"{API}/sessions/{name}").status_code == 200
    end = time.monotonic() + WRITING_SECONDS
    kept: dict[str, str] = {}
    lock = threading.Lock()

    def write(writer: int) -> None:
        session = f"{API}/sessions/{sessions[writer % 4]}"
        number = 0
        with httpx.Client(base_url=server.client.base_url, timeout=PATIENCE) as client:
            while time.monotonic() < end:
                number += 1
                scenario_id = create(client, session, tag=f"{writer} {number}")
                assert client.post(f"{session}/scenarios/{scenario_id}/run").status_code == 202
                assert ended(client, session, scenario_id)["status"] == "complete"
                if number % 3 == 0:
                    assert client.delete(f"{session}/scenarios/{scenario_id}").status_code == 204
                else:
                    with lock:
                        kept[scenario_id] = session

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(write, range(16)))
    server.end()
    assert len(kept) > 16

    server = Process("on_database_from_environment", port, WIRING_DATABASE=database.url)
    for session in {f"{API}/sessions/{name}" for name in sessions}:
        listed = {summary["id"]: summary["status"] for summary in server.client.get(f"{session}/scenarios").json()}
        assert listed == {scenario_id: "complete" for scenario_id, at in kept.items() if at == session}
    server.end()
