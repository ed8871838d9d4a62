"""Connections to PostgreSQL: how long they wait for a silent server, and what their errors mean."""

from typing import Any

import sqlalchemy as sa

from ....errors import DatabaseUnavailable, NotStorable, StorageFull
from ...driver_errors import ErrorCodes

#: Seconds and a count, for libpq: when a silent server counts as gone.
_PATIENCE = {"connect_timeout": 10, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}


def connect_args(url: sa.URL) -> dict[str, Any]:
    """Arguments of the driver's `connect`, without those that the URL sets."""
    return {name: value for name, value in _PATIENCE.items() if name not in url.query}


def _sqlstate(error: BaseException) -> str | None:
    """The SQLSTATE, which psycopg calls sqlstate and psycopg2 pgcode."""
    return getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)


ERROR_CODES = ErrorCodes(
    _sqlstate,
    {
        "53100": StorageFull,
        "25006": DatabaseUnavailable,  # read-only: a standby, or a former primary
        "08": DatabaseUnavailable,  # the connection
        "22": NotStorable,  # the data
        "40": DatabaseUnavailable,  # a deadlock
        "53": DatabaseUnavailable,  # connections and memory
        "54": NotStorable,  # limits: columns, the size of a row
        "57": DatabaseUnavailable,  # shutdown, start, a time limit
        "58": DatabaseUnavailable,  # input and output
    },
    # The driver's own error, and not an answer of the server: it was not reached.
    without_code=DatabaseUnavailable,
)
