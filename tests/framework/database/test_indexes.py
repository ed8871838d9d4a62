"""What is done with one run reads no other run, however many there are."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from ...conftest import create, default_session, upload_items
from ...integration.faults.wiring import ALGORITHMS
from ...integration.persistence.test_persistence import opened
from ...support.clients import AppClient, ended
from ...support.databases import Database

INDEXES = ("algomancy_api_runs_by_scenario", "algomancy_api_runs_by_result", "algomancy_api_kpis_by_run")


@contextmanager
def scans(engine: sa.Engine) -> Iterator[list[str]]:
    """What is read as a whole by the statements of a context on SQLite: lines of their plans."""
    found: list[str] = []

    def explain(_connection: object, cursor: Any, statement: str, parameters: Any, *_: object) -> None:
        if statement.startswith(("SELECT", "DELETE", "UPDATE")):
            plan = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            found.extend(f"{row[3]} for {statement}" for row in plan if row[3].startswith("SCAN"))

    sa.event.listen(engine, "before_cursor_execute", explain)
    yield found
    sa.event.remove(engine, "before_cursor_execute", explain)


def scans_of_one_run(client: AppClient) -> list[str]:
    """What is read as a whole while a scenario is run, reset, run again and deleted."""
    session = default_session(client)
    upload_items(client, session)
    scenario = create(client, session, "Tabular")
    engine = client.app.state.session_manager._db_engine  # type: ignore[attr-defined]
    with scans(engine) as found:
        for action in ("run", "reset", "run"):
            client.post(f"{session}/scenarios/{scenario}/{action}")
            if action == "run":
                assert ended(client, session, scenario)["status"] == "complete"
        assert client.delete(f"{session}/scenarios/{scenario}").status_code == 204
    return [line for line in found if "algomancy_scenario_runs" in line or "algomancy_kpi" in line]


def test_no_statement_about_one_run_reads_all_runs(tmp_path: Path) -> None:
    with opened(Database(f"sqlite:///{tmp_path}/wiring.sqlite"), algorithms=ALGORITHMS) as client:
        assert scans_of_one_run(client) == []


def test_a_database_of_an_earlier_version_gets_the_indexes(database: Database) -> None:
    with opened(database, algorithms=ALGORITHMS):
        pass
    with database.connected() as connection:
        for index in INDEXES:
            connection.exec_driver_sql(f"DROP INDEX {index}")
    with opened(database, algorithms=ALGORITHMS) as client:
        if database.url.startswith("sqlite"):
            assert scans_of_one_run(client) == []
    with database.connected() as connection:
        for index in INDEXES:
            connection.exec_driver_sql(f"DROP INDEX {index}")


def test_a_server_starts_without_an_index_that_cannot_be_created(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    database = Database(f"sqlite:///{tmp_path}/wiring.sqlite")
    with database.connected() as connection:
        connection.exec_driver_sql(f"CREATE TABLE {INDEXES[0]} (x INTEGER)")
    with opened(database, algorithms=ALGORITHMS) as client:
        assert scans_of_one_run(client) != []
    (warning,) = caplog.messages
    assert f"The index {INDEXES[0]} cannot be created" in warning
