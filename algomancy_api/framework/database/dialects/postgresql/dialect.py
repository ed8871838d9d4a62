"""PostgreSQL as a dialect."""

from typing import Any

import pandas as pd
import sqlalchemy as sa

from ..interface import POOL_SIZE, Dialect, Lock
from .advisory_lock import AdvisoryLock
from .connections import ERROR_CODES, connect_args
from .tables import check_table

#: Timeout of PostgreSQL: dropping a table waits for its readers, and a backup reads for hours.
_DROP_TIMEOUT = "2s"


class PostgreSQL(Dialect):
    """PostgreSQL, by way of psycopg or psycopg2."""

    name = "postgresql"
    drivers = ("postgresql", "postgresql+psycopg", "postgresql+psycopg2")
    description = "PostgreSQL (psycopg or psycopg2)"
    example = "postgresql+psycopg://USER@HOST/DATABASE"
    error_codes = ERROR_CODES
    # The framework reads the rows of a table without ORDER BY. These keep them in the order in which they are stored.
    on_connect = ("SET synchronize_seqscans = off", "SET max_parallel_workers_per_gather = 0")
    # Arrow's columns are compressed already.
    after_blobs = ("ALTER TABLE {table} ALTER COLUMN content SET STORAGE EXTERNAL",)
    row_id = sa.literal_column("ctid")
    before_drop = (f"SET LOCAL lock_timeout = '{_DROP_TIMEOUT}'",)

    def engine_options(self, url: sa.URL) -> dict[str, Any]:
        return {
            "pool_pre_ping": True,
            "pool_size": POOL_SIZE,
            "max_overflow": -1,
            "connect_args": connect_args(url),
        }

    def connect_args(self, url: sa.URL) -> dict[str, Any]:
        return connect_args(url)

    def size(self, engine: sa.Engine) -> int:
        with engine.connect() as connection:
            return int(connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one())

    def vacuum(self, engine: sa.Engine) -> None:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM (FULL)")

    def lock(self, engine: sa.Engine) -> Lock:
        return AdvisoryLock(engine.url)

    def check_table(self, engine: sa.Engine, table: str, frame: pd.DataFrame) -> None:
        check_table(engine, table, frame)
