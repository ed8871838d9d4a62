"""Cleanup at the start: only rows that a killed server left half written are deleted."""

import json
import uuid

import pytest
import sqlalchemy as sa
from algomancy_data.database.models import DATASET_COL, SESSION_COL, datasets_table
from algomancy_scenario.persistence.models import SCENARIO_COL
from algomancy_scenario.persistence.models import scenario_runs_table as runs

from algomancy_api.framework.database.storage.table_names import session_table

from ...conftest import create, default_session, upload_items
from ...integration.faults.wiring import ALGORITHMS
from ...integration.persistence.test_persistence import opened
from ...support.clients import ended
from ...support.databases import Database

ITEMS, NUMBERS = "algomancy_ds__items", "algomancy_result__numbers"


@pytest.fixture
def session_id(database: Database) -> str:
    """The session of a database with one dataset in a SQL table, and one result in a SQL table."""
    with opened(database, algorithms=ALGORITHMS, dataset_storage="tables") as client:
        session = default_session(client)
        upload_items(client, session)
        scenario = create(client, session, "Tabular")
        client.post(f"{session}/scenarios/{scenario}/run")
        assert ended(client, session, scenario)["status"] == "complete"
    session_id = session.rpartition("/")[2]
    database.write_result(session_id, scenario, session_table(session_id, "numbers"), number=[1, 2])
    with opened(database, algorithms=ALGORITHMS):  # deletes the columns of the result
        return session_id


def copy_rows(database: Database, name: str, **changes: str) -> None:
    """Write a table's rows once more, with other values in some columns."""
    (table,) = database.tables(name)
    with database.connected() as connection:
        names = [column["name"] for column in sa.inspect(connection).get_columns(table)]
        columns = ", ".join(f'"{name}"' for name in names)
        values = ", ".join(f"'{changes[name]}'" if name in changes else f'"{name}"' for name in names)
        connection.exec_driver_sql(f'INSERT INTO "{table}" ({columns}) SELECT {values} FROM "{table}"')  # noqa: S608


def share(database: Database, name: str, catalogue: sa.Column[str]) -> None:
    """Have a table as earlier versions had it: for all sessions, and without their tag in its name."""
    (table,) = database.tables(name)
    with database.connected() as connection:
        connection.exec_driver_sql(f'ALTER TABLE "{table}" RENAME TO "{name}"')
        names = json.dumps([name.rpartition("__")[2]])
        connection.execute(sa.update(catalogue.table).values({catalogue.key: names}))


def test_rows_of_no_dataset_and_of_no_run_are_deleted(database: Database, session_id: str) -> None:
    before = database.rows()
    share(database, ITEMS, datasets_table.c.sub_tables)
    copy_rows(database, ITEMS, **{DATASET_COL: "unfinished"})
    copy_rows(database, ITEMS, **{SESSION_COL: str(uuid.uuid4())})
    copy_rows(database, NUMBERS, **{SCENARIO_COL: "unfinished"})
    assert database.rows() != before
    with opened(database, algorithms=ALGORITHMS):
        assert database.rows() == before
    share(database, NUMBERS, runs.c.result_sub_tables)
    copy_rows(database, NUMBERS, **{SCENARIO_COL: "unfinished"})
    with opened(database, algorithms=ALGORITHMS):
        assert database.rows() == before


def test_a_table_of_no_dataset_and_of_no_run_is_dropped_unless_it_is_somebody_elses(
    database: Database, session_id: str
) -> None:
    before = database.tables()
    (items,), (numbers,) = database.tables(ITEMS), database.tables(NUMBERS)
    somebodys = "algomancy_ds__somebodys"
    with database.connected() as connection:
        for table in (items, numbers):
            other = table.replace("__", f"__{'0' * 28}_", 1)
            connection.exec_driver_sql(f'CREATE TABLE "{other}" AS SELECT * FROM "{table}"')  # noqa: S608
        connection.exec_driver_sql(f'CREATE TABLE "{ITEMS}" AS SELECT * FROM "{items}"')  # noqa: S608
        connection.exec_driver_sql(f"CREATE TABLE {somebodys} (x INTEGER)")
    with opened(database, algorithms=ALGORITHMS):
        assert sorted(database.tables()) == sorted([*before, somebodys])


@pytest.mark.parametrize(
    ("session", "kept"), [("8f0c6a3e-6a0f-4bb9-9f0b-1f5f6ab54f0c", 1), ("of a program of somebody's own", 2)]
)
def test_a_dataset_of_no_session_is_deleted_unless_it_is_somebody_elses(
    database: Database, session_id: str, session: str, kept: int
) -> None:
    before = database.rows()
    copy_rows(database, "algomancy_datasets", id="another", session_id=session.replace("'", "''"))
    with opened(database, algorithms=ALGORITHMS):
        assert database.rows() == before | {"algomancy_datasets": kept}
