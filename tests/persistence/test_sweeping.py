"""What a killed server has left half written is gone after the next start, and nothing else is."""

import uuid

import pytest
import sqlalchemy as sa
from algomancy_data.database.models import DATASET_COL, SESSION_COL
from algomancy_scenario.persistence.models import SCENARIO_COL

from ..clients import ended
from ..conftest import create, default_session, upload_items
from ..databases import Database
from ..faults.wiring import ALGORITHMS
from ..test_persistence import opened

ITEMS, NUMBERS = "algomancy_ds__items", "algomancy_result__numbers"


@pytest.fixture
def session_id(database: Database) -> str:
    """The session of a database with one dataset, and one result in a table."""
    with opened(database, algorithms=ALGORITHMS) as client:
        session = default_session(client)
        upload_items(client, session)
        scenario = create(client, session, "Tabular")
        client.post(f"{session}/scenarios/{scenario}/run")
        assert ended(client, session, scenario)["status"] == "complete"
    return session.rpartition("/")[2]


def copy_rows(database: Database, name: str, **changes: str) -> None:
    """Write a table's rows once more, with other values in some columns."""
    (table,) = database.tables(name)
    with database.connected() as connection:
        names = [column["name"] for column in sa.inspect(connection).get_columns(table)]
        columns = ", ".join(f'"{name}"' for name in names)
        values = ", ".join(f"'{changes[name]}'" if name in changes else f'"{name}"' for name in names)
        connection.exec_driver_sql(f'INSERT INTO "{table}" ({columns}) SELECT {values} FROM "{table}"')  # noqa: S608


def test_rows_of_no_dataset_and_of_no_run_are_deleted(database: Database, session_id: str) -> None:
    before = database.rows()
    copy_rows(database, ITEMS, **{DATASET_COL: "unfinished"})
    copy_rows(database, ITEMS, **{SESSION_COL: str(uuid.uuid4())})
    copy_rows(database, NUMBERS, **{SCENARIO_COL: "unfinished"})
    assert database.rows() != before
    with opened(database, algorithms=ALGORITHMS):
        assert database.rows() == before


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
