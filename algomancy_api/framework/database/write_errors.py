"""What a database refuses to store, as opposed to a database that does not work."""

import re

import pandas as pd
import sqlalchemy as sa

from ..errors import DatabaseUnavailable, StorageFull

#: What is raised where the database or the machine is at fault. All else is about the data: pandas, SQLAlchemy and
#: the drivers each have errors of their own for columns and cells that a table cannot hold.
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

#: SQLite reports a mismatch of columns as an operational error, like a full disk: only its words tell.
_MISMATCH = re.compile(r"has no column|no such column|duplicate column|too many columns", re.IGNORECASE)


def refusal(error: Exception) -> str | None:
    """The reason, if an error means that the data cannot be stored; None if it is the database that failed."""
    cause: BaseException = error
    while isinstance(cause, pd.errors.DatabaseError) and cause.__cause__ is not None:
        cause = cause.__cause__  # the driver's own, which pandas wraps
    own = getattr(cause, "orig", None) or cause  # and that SQLAlchemy wraps
    if isinstance(cause, _FAILURES) and not _MISMATCH.search(str(own)):
        return None
    return str(own)
