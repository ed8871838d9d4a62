"""Whether a connection has a session of PostgreSQL to itself, or shares the sessions of a pooler.

In transaction mode, a pooler such as PgBouncer runs each transaction in any of its sessions, for any client. An
advisory lock belongs to the session: every client holds it then, and the session keeps it after they have gone.
"""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from ....errors import ConnectionsShared, DatabaseUnavailable
from ...deadline import within
from ...urls import shown

#: Connections to compare with the one in question. Several poolers may have one address, and two connections share a
#: session only if they reach the same pooler.
_OTHERS_DIRECT = 3
_OTHERS_POOLED = 24

#: Seconds: how long another connection may take to answer. It may have to wait for a session of the pooler.
_PATIENCE = 10

_CURE = "connect to PostgreSQL directly, or have the pooler use session mode for this database"


def require_own_session(connection: sa.Connection) -> int:
    """The process id of a connection's session, if the session is its own. The sessions are left unchanged.

    Raises:
        ConnectionsShared: The session serves other connections, too, or others serve this one.
        DatabaseUnavailable: A second connection cannot be opened.
    """
    own = backend_of(connection)
    # A pooler announces a made-up process to its clients.
    others = _OTHERS_DIRECT if _announced_backend(connection) == own else _OTHERS_POOLED
    for _ in range(others):
        if ask_another(connection.engine, backend_of) == own or backend_of(connection) != own:
            raise connections_shared(connection.engine)
    return own


def backend_of(connection: sa.Connection) -> int:
    """The id of the PostgreSQL process that serves a connection now."""
    return int(connection.execute(sa.select(sa.func.pg_backend_pid())).scalar_one())


def ask_another[R](engine: sa.Engine, question: Callable[[sa.Connection], R]) -> R:
    """The answer of a new connection.

    Raises:
        DatabaseUnavailable: There is none in time.
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
    """The error for connections that share sessions."""
    return ConnectionsShared(
        f"the connections to {_name(engine)} share sessions, as behind PgBouncer in transaction mode, so that no lock "
        f"keeps a second server off: {_CURE}"
    )


def _announced_backend(connection: sa.Connection) -> int:
    driver: Any = connection.connection.dbapi_connection
    return int(driver.info.backend_pid)


def _name(engine: sa.Engine) -> str:
    return f"the database {shown(engine.url)}"
