"""What the database's driver raises, as what it means: one table for each kind of database.

The drivers have one class, `OperationalError`, for a server that is gone, a disk that is full and a table with too
many columns; only their codes tell these apart.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import ExceptionContext

from ..errors import DatabaseUnavailable, NotStorable, StorageFull

#: By the beginning of the name of SQLite's result code, which says more towards its end.
_OF_SQLITE: dict[str, type[Exception]] = {
    "SQLITE_FULL": StorageFull,
    "SQLITE_BUSY": DatabaseUnavailable,
    "SQLITE_LOCKED": DatabaseUnavailable,
    "SQLITE_READONLY": DatabaseUnavailable,
    "SQLITE_IOERR": DatabaseUnavailable,
    "SQLITE_CANTOPEN": DatabaseUnavailable,
    "SQLITE_PERM": DatabaseUnavailable,
    "SQLITE_PROTOCOL": DatabaseUnavailable,
    "SQLITE_CORRUPT": DatabaseUnavailable,
    "SQLITE_NOTADB": DatabaseUnavailable,
    "SQLITE_TOOBIG": NotStorable,
}

#: By the beginning of the SQLSTATE, the special before the general.
_OF_SQLSTATE: dict[str, type[Exception]] = {
    "53100": StorageFull,
    "25006": DatabaseUnavailable,  # read-only: a standby, or one that was promoted away
    "08": DatabaseUnavailable,  # the connection
    "22": NotStorable,  # the data
    "40": DatabaseUnavailable,  # a deadlock
    "53": DatabaseUnavailable,  # connections and memory
    "54": NotStorable,  # limits: columns, the size of a row
    "57": DatabaseUnavailable,  # shutdown, start, a time limit
    "58": DatabaseUnavailable,  # input and output
}


def translate_errors(engine: sa.Engine) -> None:
    """Have an engine raise `DatabaseUnavailable`, `StorageFull` and `NotStorable`; all else stays SQLAlchemy's."""
    sa.event.listen(engine, "handle_error", _translated)


def _translated(context: ExceptionContext) -> BaseException | None:
    if context.is_pre_ping:  # the pool's own question, whose answer is a new connection
        return None
    error = context.original_exception
    if (kind := _kind(error, context)) is None:
        return None
    return kind(" ".join(str(error).split()))


def _kind(error: Any, context: ExceptionContext) -> type[Exception] | None:  # noqa: ANN401 - a driver's own
    if context.is_disconnect:
        return DatabaseUnavailable
    if (name := getattr(error, "sqlite_errorname", None)) is not None:
        return _first(_OF_SQLITE, name)
    if (state := _sqlstate(error)) is not None:
        return _first(_OF_SQLSTATE, state)
    if isinstance(context.sqlalchemy_exception, sa.exc.DataError):
        return NotStorable  # what a driver refuses to send, such as a text with a NUL
    is_of_postgresql = context.dialect.name == "postgresql"
    if is_of_postgresql and isinstance(context.sqlalchemy_exception, sa.exc.OperationalError):
        return DatabaseUnavailable  # without a code it is no answer of the server's, but of who does not reach it
    return None


def _sqlstate(error: Any) -> str | None:  # noqa: ANN401 - a driver's own
    """What psycopg calls sqlstate, and psycopg2 pgcode."""
    return getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)


def _first(table: dict[str, type[Exception]], code: str) -> type[Exception] | None:
    return next((kind for beginning, kind in table.items() if code.startswith(beginning)), None)
