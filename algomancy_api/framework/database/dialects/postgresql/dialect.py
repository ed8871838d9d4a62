"""PostgreSQL as a dialect."""

from typing import Any

import pandas as pd
import sqlalchemy as sa

from ..interface import POOL_SIZE, Dialect, Lock
from .advisory_lock import AdvisoryLock
from .column_types import fitted
from .connections import ERROR_CODES, connect_args

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

    def lock(self, engine: sa.Engine) -> Lock:
        return AdvisoryLock(engine.url)

    def fitted(self, engine: sa.Engine, table: str, frame: pd.DataFrame) -> pd.DataFrame:
        return fitted(engine, table, frame)
