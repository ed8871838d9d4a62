"""What a database refuses to store, as opposed to a database that does not work."""

import re

import pandas as pd
import sqlalchemy as sa

#: What a driver raises for data that its tables cannot hold.
_REFUSALS = (
    sa.exc.ProgrammingError,
    sa.exc.IntegrityError,
    sa.exc.DataError,
    sa.exc.InterfaceError,
    sa.exc.NotSupportedError,
    NotImplementedError,
    OverflowError,
    TypeError,
)

#: SQLite reports a mismatch of columns as an operational error, like a full disk: only its words tell.
_MISMATCH = re.compile(r"has no column|no such column|duplicate column|too many columns", re.IGNORECASE)


class NotStorable(ValueError):
    """A dataset that the database cannot hold, and why."""


def refusal(error: BaseException) -> str | None:
    """The reason, if an error means that the data cannot be stored; None if it is the database that failed."""
    while isinstance(error, pd.errors.DatabaseError) and error.__cause__ is not None:
        error = error.__cause__  # the driver's own, which pandas wraps
    refused = isinstance(error, (*_REFUSALS, NotStorable))
    if isinstance(error, sa.exc.OperationalError):
        refused = _MISMATCH.search(str(error.orig)) is not None
    return str(getattr(error, "orig", None) or error) if refused else None
