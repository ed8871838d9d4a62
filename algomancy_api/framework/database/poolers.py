"""Whether a connection has a session of PostgreSQL to itself, which a lock needs, or shares those of a pooler.

In transaction mode, a pooler such as PgBouncer hands each transaction to any of its sessions, whichever client it is
of. A lock is the session's: every client has it then, and the session keeps it when they are gone.
"""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from ..errors import ConnectionsShared, DatabaseUnavailable
from .deadline import within
from .engine import shown

#: Connections that are compared with the one in question. Several poolers may stand behind one address, and two
#: connections share a session only if they come to the same one.
_OTHERS_DIRECT = 3
_OTHERS_POOLED = 24

#: Seconds: how long another connection may take to answer. A pooler lets it wait until a session is free.
_PATIENCE = 10

_CURE = "connect to PostgreSQL directly, or have the pooler use session mode for this database"


def require_own_session(connection: sa.Connection) -> int:
    """The process of PostgreSQL's that serves a connection, and no other one. The sessions are left as they were.

    Raises:
        ConnectionsShared: It serves others, too, or others serve this connection.
        DatabaseUnavailable: There is no second connection to be had.
    """
    own = backend_of(connection)
    # A pooler announces to its clients a process of its own invention.
    others = _OTHERS_DIRECT if _announced_backend(connection) == own else _OTHERS_POOLED
    for _ in range(others):
        if ask_another(connection.engine, backend_of) == own or backend_of(connection) != own:
            raise connections_shared(connection.engine)
    return own


def backend_of(connection: sa.Connection) -> int:
    """The id of the process of PostgreSQL's that serves a connection now."""
    return int(connection.execute(sa.select(sa.func.pg_backend_pid())).scalar_one())


def ask_another[R](engine: sa.Engine, question: Callable[[sa.Connection], R]) -> R:
    """What a new connection answers.

    Raises:
        DatabaseUnavailable: It does not, in time.
    """

    def ask() -> R:
        with engine.connect() as connection:
            return question(connection)

    try:
        return within(_PATIENCE, ask)
    except TimeoutError as error:
        raise DatabaseUnavailable(
            f"{_name(engine)} gave no second connection within {_PATIENCE} s; if there is a pooler such as PgBouncer, "
            "its pool is too small (pool_size): connect to PostgreSQL directly, or make it larger"
        ) from error


def connections_shared(engine: sa.Engine) -> ConnectionsShared:
    """The refusal of connections that have no session to themselves."""
    return ConnectionsShared(
        f"the connections to {_name(engine)} share sessions, as behind PgBouncer in transaction mode, so that no lock "
        f"keeps a second server off: {_CURE}"
    )


def _announced_backend(connection: sa.Connection) -> int:
    driver: Any = connection.connection.dbapi_connection
    return int(driver.info.backend_pid)


def _name(engine: sa.Engine) -> str:
    return f"the database {shown(engine.url)}"
