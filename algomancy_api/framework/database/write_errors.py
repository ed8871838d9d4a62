"""Errors about the data that is written, as opposed to failures of the database."""

import pandas as pd
import sqlalchemy as sa

from ..errors import DatabaseUnavailable, StorageFull, UsedByScenarios
from .dialects import Dialect

#: Failures of the database or the machine, and the refusal to replace a dataset. All other errors are about the data:
#: pandas, SQLAlchemy and the drivers each have errors of their own for columns and cells that a table cannot store.
_FAILURES = (
    DatabaseUnavailable,
    StorageFull,
    UsedByScenarios,
    sa.exc.OperationalError,
    sa.exc.InternalError,
    sa.exc.DisconnectionError,
    sa.exc.TimeoutError,
    MemoryError,
    OSError,
)


def refusal(error: Exception, dialect: Dialect) -> str | None:
    """The reason, if an error means that the data cannot be stored; None if the database failed."""
    cause: BaseException = error
    while isinstance(cause, pd.errors.DatabaseError) and cause.__cause__ is not None:
        cause = cause.__cause__  # pandas wraps the driver's error
    own = getattr(cause, "orig", None) or cause  # and so does SQLAlchemy
    if isinstance(cause, _FAILURES) and not dialect.is_mismatch(str(own)):
        return None
    return str(own)
