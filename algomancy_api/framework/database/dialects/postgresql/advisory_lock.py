"""The lock that keeps a second server off a database of PostgreSQL: an advisory lock of a session."""

import contextlib
import threading
import time
import zlib

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from ....errors import DatabaseUnavailable
from ...deadline import within
from ...driver_errors import translate_errors
from .connections import ERROR_CODES, connect_args
from .poolers import ask_another, backend_of, connections_shared, require_own_session

#: Seconds: how long to try to take the lock, and between two attempts. PostgreSQL has to notice first that a server
#: was killed.
_PATIENCE = 3
_PAUSE = 0.05

#: Seconds: how long the last check of the lock counts.
_TRUSTED = 1

#: The session ends within half a minute of a silent loss of the machine that holds the lock.
_KEEPALIVES = (
    "SET tcp_keepalives_idle = 10",
    "SET tcp_keepalives_interval = 5",
    "SET tcp_keepalives_count = 3",
)

#: The two numbers of the advisory lock: one for this package, and one for the schema.
_KIND = zlib.crc32(b"algomancy-api") & 0x7FFFFFFF
_NUMBERS = (_KIND, sa.func.hashtext(sa.func.current_schema()))
_LOCK = sa.select(sa.func.pg_try_advisory_lock(*_NUMBERS))
_LOCK_BRIEFLY = sa.select(sa.func.pg_try_advisory_xact_lock(*_NUMBERS))
_UNLOCK = sa.select(sa.func.pg_advisory_unlock(*_NUMBERS))

#: Seconds: how long a release waits for PostgreSQL.
_PARTING = 2

#: Attempts to give the lock back: a pooler may choose a session that does not have it.
_ATTEMPTS = 10


class AdvisoryLock:
    """A lock that ends with the session that took it.

    Args:
        url: The URL of the database.
    """

    def __init__(self, url: sa.URL) -> None:
        # A pooler may support neither transactions (PgBouncer in statement mode), which the look-up of the type hstore
        # needs as well, nor prepared statements.
        unprepared = {"prepare_threshold": None} if url.get_driver_name() == "psycopg" else {}
        self._engine = sa.create_engine(
            url,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            use_native_hstore=False,
            connect_args=connect_args(url) | unprepared,
        )
        translate_errors(self._engine, ERROR_CODES)
        self._connection: sa.Connection | None = None
        self._backend = 0
        self._asked = 0.0
        self._asking = threading.Lock()

    def acquire(self) -> bool:
        """Take the lock, unless another app keeps it for the next seconds. Returns whether it is held now.

        Raises:
            ConnectionsShared: The session is shared, so that others would hold the lock, too.
        """
        connection = self._engine.connect()
        try:
            backend = require_own_session(connection)
            for setting in _KEEPALIVES:
                connection.exec_driver_sql(setting)
            if not self._try(connection):
                connection.close()
                return False
        except BaseException:
            connection.close()
            raise
        self._connection, self._backend, self._asked = connection, backend, time.monotonic()
        try:
            if ask_another(self._engine, _is_granted):
                raise connections_shared(self._engine)
        except BaseException:
            self.release()
            raise
        return True

    def release(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            # The server may be gone, and a process that is ending has no new threads.
            with contextlib.suppress(TimeoutError, RuntimeError):
                within(_PARTING, lambda: self._give_back(connection))

    def is_held(self) -> bool:
        with self._asking:
            connection = self._connection
            if connection is None:
                return False
            if time.monotonic() - self._asked < _TRUSTED:
                return True
            try:
                backend = backend_of(connection)
            except DatabaseUnavailable:
                backend = 0
            if backend != self._backend:  # the session with the lock is gone, or another client's
                self._connection = None
                _close(connection)
                return False
            self._asked = time.monotonic()
            return True

    def _give_back(self, connection: sa.Connection) -> None:
        with self._asking:
            try:
                # A pooler keeps the session open, and with it a lock that is not given back.
                any(connection.execute(_UNLOCK).scalar() for _ in range(_ATTEMPTS))
            except sa.exc.SQLAlchemyError, DatabaseUnavailable:
                pass  # the session has ended, and the lock with it
            finally:
                _close(connection)

    @staticmethod
    def _try(connection: sa.Connection) -> bool:
        end = time.monotonic() + _PATIENCE
        while not connection.execute(_LOCK).scalar():
            if time.monotonic() >= end:
                return False
            time.sleep(_PAUSE)
        return True


def _is_granted(connection: sa.Connection) -> bool:
    """Whether another connection gets the lock, too. It gives the lock back at once."""
    return bool(connection.execute(_LOCK_BRIEFLY).scalar())


def _close(connection: sa.Connection) -> None:
    connection.invalidate()  # closes it without a message to the server, which may be gone
    connection.close()
