"""Errors that mean that the database cannot store the data, as opposed to a failure of the database."""

import re

import pandas as pd
import sqlalchemy as sa

from ..errors import DatabaseUnavailable, StorageFull

#: Failures of the database or the machine. All other errors are about the data: pandas, SQLAlchemy and the drivers
#: each have their own errors for columns and cells that a table cannot store.
_FAILURES = (
    DatabaseUnavailable,
    StorageFull,
    sa.exc.OperationalError,
    sa.exc.InternalError,
    sa.exc.DisconnectionError,
    sa.exc.TimeoutError,
    MemoryError,
    OSError,
)

#: SQLite reports a mismatch of columns as an operational error, like a full disk; only the message differs.
_MISMATCH = re.compile(r"has no column|no such column|duplicate column|too many columns", re.IGNORECASE)


def refusal(error: Exception) -> str | None:
    """The reason, if an error means that the data cannot be stored; None for a failure of the database."""
    cause: BaseException = error
    while isinstance(cause, pd.errors.DatabaseError) and cause.__cause__ is not None:
        cause = cause.__cause__  # the driver's error, which pandas wraps
    own = getattr(cause, "orig", None) or cause  # the same for SQLAlchemy
    if isinstance(cause, _FAILURES) and not _MISMATCH.search(str(own)):
        return None
    return str(own)
