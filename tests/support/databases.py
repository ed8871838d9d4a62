"""Databases for the tests: SQLite in a file, and PostgreSQL if it is installed."""

import contextlib
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from algomancy_scenario.persistence.models import RESULT_TABLE_PREFIX, SCENARIO_COL, SESSION_COL
from algomancy_scenario.persistence.models import scenario_runs_table as runs
from sqlalchemy.pool import NullPool

from algomancy_api import ApiConfiguration
from algomancy_api.framework.database.storage.blobs import blobs
from algomancy_api.framework.database.storage.table_names import sql_table

from ..integration.persistence.cluster import Cluster, programs
from . import wiring

#: Environment variable: "required" makes tests fail without PostgreSQL instead of being skipped.
POSTGRESQL = "TEST_POSTGRESQL"

#: The table with the owner of the database. It always has one row.
OWNER = "algomancy_api_owner"


@dataclass(frozen=True)
class Database:
    """A database of one test."""

    url: str

    def configuration(self, **overrides: Any) -> ApiConfiguration:
        """The configuration of the wiring on this database."""
        return wiring.configuration(persistence_backend="database", database_url=self.url, **overrides)

    @contextlib.contextmanager
    def connected(self) -> Iterator[sa.Connection]:
        """A connection that commits at its end."""
        with sa.create_engine(self.url, poolclass=NullPool).begin() as connection:
            yield connection

    def tables(self, name: str = "") -> list[str]:
        """The names of the SQL tables, or of those with a given name apart from their owner's tag."""
        with self.connected() as connection:
            tables = sa.inspect(connection).get_table_names()
        return [table for table in tables if name in ("", _without_tag(table))]

    def stored(self) -> int:
        """The number of datasets and results that are stored as columns."""
        owners = sa.select(sa.func.count(sa.distinct(blobs.c.owner)))
        with self.connected() as connection:
            return connection.execute(owners).scalar_one()

    def begun(self) -> int:
        """How many runs are kept as begun, which a kill cuts off. A client may see that one is before it is kept."""
        kept = "SELECT count(*) FROM algomancy_api_queue WHERE started_at IS NOT NULL"
        with self.connected() as connection:
            return int(connection.exec_driver_sql(kept).scalar_one())

    def write_result(self, session_id: str, scenario: str, stored: str, **columns: list[int]) -> None:
        """Move the result of the only run to a SQL table, as the framework, or version 0.11 at first, wrote it."""
        rows = pd.DataFrame({SESSION_COL: session_id, SCENARIO_COL: scenario, **columns})
        with self.connected() as connection:
            rows.to_sql(sql_table(RESULT_TABLE_PREFIX, stored), connection, index=False)
            connection.execute(sa.update(runs).values(result_sub_tables=json.dumps([stored]), result_blob=None))

    def rows(self) -> dict[str, int]:
        """Row counts by table name without the owner's tag; the table of the owner is left out."""
        counts: Counter[str] = Counter()
        tables = self.tables()
        with self.connected() as connection:
            for table in tables:
                count = sa.select(sa.func.count()).select_from(sa.table(table))
                counts[_without_tag(table)] += connection.execute(count).scalar_one()
        return {table: count for table, count in counts.items() if table != OWNER}


def _without_tag(table: str) -> str:
    return re.sub(r"__[0-9a-f]{28}_", "__", table)


def skip_without_postgresql() -> None:
    """Skip a test without PostgreSQL, unless PostgreSQL is required."""
    if programs() is None and os.environ.get(POSTGRESQL) != "required":
        pytest.skip("there is no PostgreSQL: run tests/integration/persistence/setup")


@contextlib.contextmanager
def new_database(kind: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A new database of a kind; SQLite's file is in the folder."""
    if kind == "sqlite":
        yield Database(f"sqlite:///{folder}/wiring.sqlite")
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    with cluster.database() as url:
        yield Database(url)
