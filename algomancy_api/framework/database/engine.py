"""The SQLAlchemy engine, set up for many threads, and the tables that are deleted with a session.

The framework builds its engine from the URL alone, with the defaults of the driver and of the database.
"""

import logging
from collections.abc import Iterable
from itertools import batched
from typing import Any

import sqlalchemy as sa
from algomancy_data.database.models import DATA_TABLE_PREFIX, SESSION_COL
from algomancy_scenario.persistence.models import RESULT_TABLE_PREFIX, sessions_table

from . import run_data
from .dialects import dialect_of, dialect_of_url
from .driver_errors import translate_errors
from .runs import history, logs, queue, reports
from .scenarios import annotations
from .storage.table_names import is_own_sql_table, of_session

_logger = logging.getLogger("algomancy_api")

#: Tables: dropped in one transaction, which locks each of them.
_DROPPED_AT_ONCE = 100

#: The key of a connection's pool in what is known of the connection.
_POOL = "algomancy_api.pool"

#: The prefixes of the tables that contain rows of sessions.
_PREFIXES = (DATA_TABLE_PREFIX, RESULT_TABLE_PREFIX)


def create_engine(database_url: str) -> sa.Engine:
    """An engine for many threads, which raises the errors of `framework.errors`.

    Raises:
        sqlalchemy.exc.ArgumentError: The URL is malformed.
        ValueError: The database or its driver is not supported.
        ImportError: The driver is not installed.
    """
    url = sa.make_url(database_url)
    dialect = dialect_of_url(url)
    engine = sa.create_engine(url, **dialect.engine_options(url))

    def set_up(connection: Any, record: sa.pool.ConnectionPoolEntry) -> None:  # noqa: ANN401 - a DBAPI connection
        record.info[_POOL] = engine.pool
        cursor = connection.cursor()
        for statement in dialect.on_connect:
            cursor.execute(statement)
        cursor.close()
        connection.commit()

    def close_late(_connection: object, record: sa.pool.ConnectionPoolEntry) -> None:
        # It was in use when the engine was disposed of: its pool has no other end than the collector.
        if record.info.get(_POOL) is not engine.pool:
            record.invalidate()

    sa.event.listen(engine, "connect", set_up)
    sa.event.listen(engine, "checkin", close_late)
    dialect.prepare(engine)
    translate_errors(engine, dialect.error_codes)
    return engine


def check(engine: sa.Engine) -> None:
    """Read from the database.

    Raises:
        Exception: It does not answer, or answers with an error.
    """
    with engine.connect() as connection:
        connection.execute(sa.select(sessions_table.c.id).limit(1)).first()


def sessions_in_order(engine: sa.Engine) -> list[dict[str, str]]:
    """The id and display name of each session, the oldest first."""
    creation = sa.nulls_first(sessions_table.c.created_at)  # early versions have not kept it
    rows = sa.select(sessions_table.c.id, sessions_table.c.display_name).order_by(creation)
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(rows).mappings()]


def drop_session_rows(engine: sa.Engine, session_id: str) -> None:
    """Drop a session's own tables, and delete its rows from those that all sessions share. The framework does not."""
    inspector = sa.inspect(engine)
    tables = inspector.get_table_names()
    shared = _shared_tables(inspector, tables)
    with engine.begin() as connection:
        for table in shared:
            rows = sa.table(table, sa.column(SESSION_COL))
            connection.execute(sa.delete(rows).where(rows.c[SESSION_COL] == session_id))
    own = [table for prefix in _PREFIXES for table in of_session(session_id, prefix, tables)]
    drop_tables(engine, own)
    run_data.forget_deleted(engine)
    queue.forget_deleted(engine)
    history.forget_deleted(engine)
    reports.forget_deleted(engine)
    logs.forget_deleted(engine)
    annotations.forget_deleted(engine)


def drop_tables(engine: sa.Engine, tables: Iterable[str]) -> list[str]:
    """Drop tables that are not used any more. Returns those that could not be dropped."""
    left: list[str] = []
    for some in batched(tables, _DROPPED_AT_ONCE, strict=False):
        try:
            with engine.begin() as connection:
                for statement in dialect_of(engine).before_drop:
                    connection.exec_driver_sql(statement)
                for table in some:
                    connection.exec_driver_sql(f'DROP TABLE IF EXISTS "{table}"')
        except Exception as error:  # they take up space, and do no other harm
            _logger.warning("Tables that are not used any more cannot be dropped yet: %s", error)
            left += some
    return left


def _shared_tables(inspector: sa.Inspector, tables: Iterable[str]) -> list[str]:
    """The tables that earlier versions had for all sessions. Each of their rows names its session."""
    named = [table for table in tables if table.startswith(_PREFIXES)]
    others = [table for table in named if not any(is_own_sql_table(prefix, table) for prefix in _PREFIXES)]
    return [table for table in others if SESSION_COL in {column["name"] for column in inspector.get_columns(table)}]
