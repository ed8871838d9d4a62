"""The database: its engine, set up for many threads, and what is deleted with a session.

The framework builds its engine from the URL alone, which leaves SQLite with its defaults: one reader blocks one
writer, a lock is waited for five seconds, and foreign keys are decoration.
"""

import logging
from collections.abc import Iterable
from itertools import batched
from typing import Any

import sqlalchemy as sa
from algomancy_data.database.models import DATA_TABLE_PREFIX, SESSION_COL
from algomancy_scenario.persistence.models import RESULT_TABLE_PREFIX, sessions_table
from sqlalchemy.pool import QueuePool

from .driver_errors import translate_errors
from .table_names import is_own_sql_table, of_session

_logger = logging.getLogger("algomancy_api")

#: How long a statement waits for another's lock on a SQLite file, in milliseconds.
_BUSY_TIMEOUT = 60_000

_SQLITE_PRAGMAS = (
    f"PRAGMA busy_timeout = {_BUSY_TIMEOUT}",
    "PRAGMA journal_mode = WAL",  # readers and the writer no longer wait for each other
    "PRAGMA foreign_keys = ON",  # the framework's deletes rely on ON DELETE CASCADE
)

#: How many connections stay open. A thread that finds none of them free opens one more.
_POOL_SIZE = 10

#: For libpq, unless the URL says otherwise: how soon a server that is silent counts as gone, in seconds.
_POSTGRESQL_PATIENCE = {"connect_timeout": 10, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}

#: The framework reads a table's rows without asking for an order: they come as they lie, and not as is quickest.
_POSTGRESQL_SETTINGS = ("SET synchronize_seqscans = off", "SET max_parallel_workers_per_gather = 0")

#: What a URL may begin with: the drivers whose errors are told apart, and that wait for nobody's event loop. Without
#: one it is SQLAlchemy's choice, which is among them.
_SUPPORTED = (
    "sqlite",
    "sqlite+pysqlite",
    "sqlite+pysqlcipher",
    "postgresql",
    "postgresql+psycopg",
    "postgresql+psycopg2",
)

#: The parts of a URL's query that are nobody's business.
_SECRET_SETTINGS = ("password", "sslpassword")

#: For how long a table's readers may keep it from being dropped, on PostgreSQL: a backup reads for hours.
_DROP_TIMEOUT = "2s"

#: Tables that are dropped in one transaction, which has a lock for each.
_DROPPED_AT_ONCE = 100

#: How the tables begin that rows of sessions are in.
_PREFIXES = (DATA_TABLE_PREFIX, RESULT_TABLE_PREFIX)


def create_engine(database_url: str) -> sa.Engine:
    """An engine for a database that many threads read and write, whose errors are those of `errors` and `write_errors`.

    Raises:
        sqlalchemy.exc.ArgumentError: The URL cannot be read.
        ValueError: It is of another database than SQLite and PostgreSQL, or names a driver that does not do.
        ImportError: The URL's driver is not installed.
    """
    url = sa.make_url(database_url)
    _require_support(url)
    if url.get_backend_name() == "sqlite":
        engine = sa.create_engine(url, poolclass=QueuePool, **_sqlite_pool(url))
        sa.event.listen(engine, "connect", _set_pragmas)
    else:
        engine = sa.create_engine(
            url, pool_pre_ping=True, pool_size=_POOL_SIZE, max_overflow=-1, connect_args=patience(url)
        )
        if url.get_backend_name() == "postgresql":
            sa.event.listen(engine, "connect", _keep_order)
    translate_errors(engine)
    return engine


def patience(url: sa.URL) -> dict[str, Any]:
    """What a driver is told about waiting for a server that is silent, where the URL does not."""
    settings = _POSTGRESQL_PATIENCE if url.get_driver_name() in ("psycopg", "psycopg2") else {}
    return {name: value for name, value in settings.items() if name not in url.query}


def shown(url: sa.URL) -> str:
    """A URL without its passwords."""
    return url.difference_update_query(_SECRET_SETTINGS).render_as_string(hide_password=True)


def is_in_process(url: sa.URL) -> bool:
    """Whether a database is a SQLite in memory, which cannot go away."""
    return url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:")


def check(engine: sa.Engine) -> None:
    """Read from the database.

    Raises:
        Exception: It does not answer, or with an error.
    """
    with engine.connect() as connection:
        connection.execute(sa.select(sessions_table.c.id).limit(1)).first()


def drop_session_rows(engine: sa.Engine, session_id: str) -> None:
    """Drop a session's own tables, and delete its rows from those that all sessions share; the framework does not."""
    inspector = sa.inspect(engine)
    tables = inspector.get_table_names()
    shared = _shared_tables(inspector, tables)
    with engine.begin() as connection:
        for table in shared:
            rows = sa.table(table, sa.column(SESSION_COL))
            connection.execute(sa.delete(rows).where(rows.c[SESSION_COL] == session_id))
    own = [table for prefix in _PREFIXES for table in of_session(session_id, prefix, tables)]
    drop_tables(engine, own)


def _require_support(url: sa.URL) -> None:
    if url.drivername not in _SUPPORTED:
        raise ValueError(
            "database_url must be of SQLite (driver pysqlite or pysqlcipher) or PostgreSQL (psycopg or psycopg2), "
            f"like 'sqlite:///FILE' or 'postgresql+psycopg://USER@HOST/DATABASE'; got {url.drivername!r}"
        )


def drop_tables(engine: sa.Engine, tables: Iterable[str]) -> list[str]:
    """Drop tables that nobody needs any more, and give those that could not be dropped."""
    left: list[str] = []
    for some in batched(tables, _DROPPED_AT_ONCE, strict=False):
        try:
            with engine.begin() as connection:
                if engine.dialect.name == "postgresql":
                    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_DROP_TIMEOUT}'")
                for table in some:
                    connection.exec_driver_sql(f'DROP TABLE IF EXISTS "{table}"')
        except Exception as error:  # they take space, and nothing else
            _logger.warning("Tables that are not used any more cannot be dropped yet: %s", error)
            left += some
    return left


def _shared_tables(inspector: sa.Inspector, tables: Iterable[str]) -> list[str]:
    """Those of some tables that earlier versions had for all sessions: their rows say which one they are of."""
    named = [table for table in tables if table.startswith(_PREFIXES)]
    others = [table for table in named if not any(is_own_sql_table(prefix, table) for prefix in _PREFIXES)]
    return [table for table in others if SESSION_COL in {column["name"] for column in inspector.get_columns(table)}]


def _sqlite_pool(url: sa.URL) -> dict[str, Any]:
    threads = {"connect_args": {"check_same_thread": False}}
    if is_in_process(url):
        # A database in memory lives in its one connection, which the threads take in turn.
        return threads | {"pool_size": 1, "max_overflow": 0}
    return threads | {"pool_size": _POOL_SIZE, "max_overflow": -1}


def _keep_order(connection: Any, _record: object) -> None:  # noqa: ANN401 - a DBAPI connection
    with connection.cursor() as cursor:
        for setting in _POSTGRESQL_SETTINGS:
            cursor.execute(setting)
    connection.commit()


def _set_pragmas(connection: Any, _record: object) -> None:  # noqa: ANN401 - a DBAPI connection
    cursor = connection.cursor()
    for pragma in _SQLITE_PRAGMAS:
        cursor.execute(pragma)
    cursor.close()
