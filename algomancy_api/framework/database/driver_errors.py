"""Errors of database drivers, mapped to exceptions of this package: a table for each kind of database.

The drivers raise the same class, `OperationalError`, for a lost server, a full disk and a table with too many columns;
only the error codes differ.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import ExceptionContext

from ..errors import DatabaseUnavailable, NotStorable, StorageFull

#: By the prefix of the name of SQLite's extended result code.
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

#: By the prefix of the SQLSTATE; longer prefixes first.
_OF_SQLSTATE: dict[str, type[Exception]] = {
    "53100": StorageFull,
    "25006": DatabaseUnavailable,  # read-only: a standby, or one that was promoted away
    "08": DatabaseUnavailable,  # connection errors
    "22": NotStorable,  # invalid data
    "40": DatabaseUnavailable,  # deadlocks and serialization failures
    "53": DatabaseUnavailable,  # too many connections, out of memory
    "54": NotStorable,  # limits such as columns or the size of a row
    "57": DatabaseUnavailable,  # shutdown, startup, a timeout
    "58": DatabaseUnavailable,  # I/O errors
}


def translate_errors(engine: sa.Engine) -> None:
    """Make an engine raise `DatabaseUnavailable`, `StorageFull` and `NotStorable`; other errors stay unchanged."""
    sa.event.listen(engine, "handle_error", _translated)


def _translated(context: ExceptionContext) -> BaseException | None:
    if context.is_pre_ping:  # the pool itself handles this error: it opens a new connection
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
        return NotStorable  # a value that the driver does not send, such as a text with a NUL
    is_of_postgresql = context.dialect.name == "postgresql"
    if is_of_postgresql and isinstance(context.sqlalchemy_exception, sa.exc.OperationalError):
        return DatabaseUnavailable  # without a code: the driver did not reach the server
    return None


def _sqlstate(error: Any) -> str | None:  # noqa: ANN401 - a driver's own
    """The SQLSTATE: `sqlstate` in psycopg, `pgcode` in psycopg2."""
    return getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)


def _first(table: dict[str, type[Exception]], code: str) -> type[Exception] | None:
    return next((kind for beginning, kind in table.items() if code.startswith(beginning)), None)
