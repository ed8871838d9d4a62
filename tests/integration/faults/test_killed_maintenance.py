"""``algomancy-api migrate`` and ``vacuum`` that are killed in the middle: nothing is lost, and they go on."""

import signal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from algomancy_data import DataClassification

from algomancy_api.framework.database.storage.blobs import blobs
from algomancy_api.maintenance import migrate, vacuum

from ...support.clients import eventually
from ...support.databases import Database
from ...support.wiring import Items
from ...test_maintenance import configuration, fill_as_earlier, forms, read
from ..persistence.cluster import Cluster
from ..persistence.test_persistence import opened
from .forks import Forks
from .moments import COMMIT, SIZE, THEN
from .test_killed_servers import BLOB, BLOB_GONE, ENTRY, ROWS, TABLE_GONE

UPDATE, RESULT_ROWS_GONE = "UPDATE algomancy_scenario_runs", 'DELETE FROM "algomancy_result__'

#: Moments, and the forms of three datasets and a result after the next start: how many are in columns, and how many
#: datasets and results are in SQL tables.
TO_COLUMNS = [
    ([BLOB, BLOB], (0, 3, 1)),
    ([BLOB, ENTRY, COMMIT], (0, 3, 1)),
    ([ENTRY, TABLE_GONE], (1, 2, 1)),
    ([ENTRY, ENTRY, BLOB, BLOB], (2, 1, 1)),
    ([ENTRY, ENTRY, ENTRY, BLOB, BLOB], (3, 0, 1)),
    ([ENTRY, ENTRY, ENTRY, UPDATE, COMMIT], (3, 0, 1)),
    ([ENTRY, ENTRY, ENTRY, UPDATE, COMMIT, RESULT_ROWS_GONE], (4, 0, 0)),
]
TO_TABLES = [
    ([ROWS, ROWS], (4, 0, 0)),
    ([ROWS, BLOB, BLOB], (4, 0, 0)),
    ([ROWS, ENTRY, COMMIT], (4, 0, 0)),
    ([ENTRY, BLOB_GONE], (4, 1, 0)),
    ([ENTRY, BLOB_GONE, BLOB_GONE], (4, 1, 0)),
    ([ENTRY, ROWS, ROWS], (4, 1, 0)),
]


def cases(moments: list[tuple[list[str], tuple[int, int, int]]]) -> list[Any]:
    """A kind of database, a moment, and the forms then: for SQLite all moments, for PostgreSQL one."""
    both = [*(("sqlite", *each) for each in moments), ("postgresql", *moments[3])]
    return [pytest.param(kind, THEN.join(moment), left, id=f"{kind}, {moment[-1]}") for kind, moment, left in both]


def assert_goes_on(forks: Forks, database: Database, moment: str, left: tuple[int, int, int], storage: str) -> None:
    """A conversion that is killed has lost nothing, and is completed by the next one."""
    before = read(database)
    forks.start(database, moment, "columns", "migrate", "--to", storage)
    assert forks.exit_code() == -signal.SIGKILL
    assert read(database) == before
    assert forms(database) == left
    assert len(database.tables("algomancy_result__numbers")) == left[2]
    assert migrate(configuration(database), storage)
    assert forms(database) == (4, 3 if storage == "tables" else 0, 0)
    assert read(database) == before


@pytest.mark.parametrize(("database", "moment", "left"), cases(TO_COLUMNS), indirect=["database"])
def test_a_killed_conversion_to_columns_goes_on(
    forks: Forks, database: Database, moment: str, left: tuple[int, int, int]
) -> None:
    fill_as_earlier(database)
    assert_goes_on(forks, database, moment, left, "columns")


@pytest.mark.parametrize(("database", "moment", "left"), cases(TO_TABLES), indirect=["database"])
def test_a_killed_conversion_to_tables_goes_on(
    forks: Forks, database: Database, moment: str, left: tuple[int, int, int]
) -> None:
    fill_as_earlier(database)
    assert migrate(configuration(database), "columns")
    assert_goes_on(forks, database, moment, left, "tables")


#: Bytes: of a table, which no compression makes smaller.
TABLE = 3_000_000


def fill_and_delete(database: Database) -> None:
    """Fill a database with two datasets, and delete one, which leaves its space in the file."""
    with opened(database) as client:
        manager = client.app.state.session_manager.get_scenario_manager("main")  # type: ignore[attr-defined]
        for name in ("gone", "kept"):
            dataset = Items(ds_type=DataClassification.MASTER_DATA, name=name)
            dataset.add_table("items", numbers())
            manager._dm.add_data_source(dataset)
        manager.delete_data("gone")


def numbers() -> pd.DataFrame:
    return pd.DataFrame({"x": np.random.default_rng(1).integers(-(2**63), 2**63, TABLE // 8)})


def assert_kept(database: Database) -> None:
    """What was not deleted is as it was."""
    with opened(database) as client:
        manager = client.app.state.session_manager.get_scenario_manager("main")  # type: ignore[attr-defined]
        assert manager.get_data_keys() == ["kept"]
        pd.testing.assert_frame_equal(manager.get_data("kept").tables["items"], numbers())
    with database.connected() as connection:
        if database.url.startswith("sqlite"):
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
        assert connection.execute(sa.select(sa.func.sum(sa.func.length(blobs.c.content)))).scalar_one() > TABLE


@pytest.mark.parametrize("moment", ["VACUUM", f"{SIZE}1000000", f"{SIZE}2500001", "VACUUM > PRAGMA wal_checkpoint"])
def test_a_killed_vacuum_of_sqlite_loses_nothing(forks: Forks, tmp_path: Path, moment: str) -> None:
    """Before it, in the middle of its transaction, in the middle of a page, and after it."""
    file, log = tmp_path / "wiring.sqlite", tmp_path / "wiring.sqlite-wal"
    database = Database(f"sqlite:///{file}")
    fill_and_delete(database)
    assert file.stat().st_size > 2 * TABLE
    forks.start(database, moment, "columns", "vacuum")
    if moment.startswith(SIZE):
        assert forks.exit_code() == -signal.SIGXFSZ
        assert log.stat().st_size == int(moment.removeprefix(SIZE))
    else:
        assert forks.exit_code() == -signal.SIGKILL
    assert_kept(database)
    vacuum(database.configuration())
    assert file.stat().st_size < 1.5 * TABLE
    assert_kept(database)


def test_a_killed_vacuum_of_postgresql_loses_nothing(forks: Forks, cluster: Cluster) -> None:
    query = sa.text("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'VACUUM%' AND wait_event_type = 'Lock'")

    def waits() -> bool:
        with database.connected() as connection:
            return bool(connection.execute(query).scalar_one())

    with cluster.database() as url:
        database = Database(url)
        fill_and_delete(database)
        with database.connected() as reader:
            reader.execute(sa.select(blobs.c.owner).limit(1))  # keeps the table from being rewritten
            forks.start(database, "never", "columns", "vacuum")
            eventually(waits)
            forks.kill()
            assert forks.exit_code() == -signal.SIGKILL
        assert_kept(database)
        vacuum(database.configuration())
        assert_kept(database)
