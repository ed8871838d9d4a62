"""Locks that keep a second server off a database, and that end with the process that holds them, however it ends."""

import contextlib
import threading
import time
import zlib
from pathlib import Path
from typing import Protocol

import filelock
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from ..errors import DatabaseUnavailable
from .deadline import within
from .driver_errors import translate_errors
from .engine import patience
from .poolers import ask_another, backend_of, connections_shared, require_own_session

#: How long the lock of a server that was killed may take to be free on PostgreSQL, in seconds: its end has to be
#: noticed first.
_PATIENCE = 3
_PAUSE = 0.05

#: How old what is known of a connection may be, in seconds.
_TRUSTED = 1

#: How soon PostgreSQL notices that the holder's machine is gone, with no word of its end: within half a minute.
_KEEPALIVES = (
    "SET tcp_keepalives_idle = 10",
    "SET tcp_keepalives_interval = 5",
    "SET tcp_keepalives_count = 3",
)

#: An advisory lock is two numbers. This one is for all servers of this package, the other for the schema.
_KIND = zlib.crc32(b"algomancy-api") & 0x7FFFFFFF
_NUMBERS = (_KIND, sa.func.hashtext(sa.func.current_schema()))
_LOCK = sa.select(sa.func.pg_try_advisory_lock(*_NUMBERS))
_LOCK_BRIEFLY = sa.select(sa.func.pg_try_advisory_xact_lock(*_NUMBERS))
_UNLOCK = sa.select(sa.func.pg_advisory_unlock(*_NUMBERS))

#: Seconds: how long a release waits until PostgreSQL knows of it.
_PARTING = 2

#: How often the lock is given back until it was the session that has it: a pooler may choose another one.
_ATTEMPTS = 10


class Lock(Protocol):
    """What `Ownership` needs of a lock; its calls come one at a time."""

    def acquire(self) -> bool:
        """Whether the lock is held from now on."""

    def release(self) -> None:
        """Hold it no longer."""

    def is_held(self) -> bool:
        """Whether it is held still: a lock can be lost.

        Raises:
            DatabaseUnavailable: What it is a lock of is not there.
        """


def lock_of(engine: sa.Engine) -> Lock | None:
    """The lock of an engine's database, not held yet; None for a database that nobody else can reach."""
    if engine.dialect.name == "postgresql":
        return AdvisoryLock(engine.url)
    path = _path(engine)
    return FileLock(path) if path else None


def _path(engine: sa.Engine) -> Path | None:
    """Where a SQLite database lies, however its URL says so; None if it is in memory."""
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")  # opens the file, or makes it
        rows = connection.exec_driver_sql("PRAGMA database_list").all()
    path = next(path for _, name, path in rows if name == "main")
    return Path(path) if path else None


class FileLock:
    """A lock on a file beside a SQLite database, which the operating system ends with the process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: tuple[int, int] | None = None
        self._lock = filelock.FileLock(f"{path}.lock", timeout=0, thread_local=False)

    def acquire(self) -> bool:
        """Whether the lock is held from now on."""
        try:
            self._lock.acquire()
        except filelock.Timeout:
            return False
        self._file = self._file or self._identity()
        return True

    def release(self) -> None:
        """Hold it no longer; the file of the lock stays."""
        self._lock.release(force=True)

    def is_held(self) -> bool:
        """Whether it is held still.

        Raises:
            DatabaseUnavailable: The file of the database is gone. What is written to it then is lost with it.
        """
        if not self._lock.is_locked:
            return False
        if self._identity() != self._file:
            raise DatabaseUnavailable(f"the file {self._path} is gone, or is another one")
        return True

    def _identity(self) -> tuple[int, int] | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino


class AdvisoryLock:
    """A lock in PostgreSQL, which ends with the session that took it.

    Args:
        url: The address of the database.
    """

    def __init__(self, url: sa.URL) -> None:
        # A pooler may know neither transactions (PgBouncer in statement mode), in which the type hstore is asked for
        # as well, nor what another connection has prepared.
        unprepared = {"prepare_threshold": None} if url.get_driver_name() == "psycopg" else {}
        self._engine = sa.create_engine(
            url,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            use_native_hstore=False,
            connect_args=patience(url) | unprepared,
        )
        translate_errors(self._engine)
        self._connection: sa.Connection | None = None
        self._backend = 0
        self._asked = 0.0
        self._asking = threading.Lock()

    def acquire(self) -> bool:
        """Whether the lock is held from now on, after some seconds if it is just being freed.

        Raises:
            ConnectionsShared: Others would hold it, too.
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
        """Hold it no longer."""
        connection, self._connection = self._connection, None
        if connection is not None:
            # Nobody waits for a server that may be gone, nor for threads when the process is ending.
            with contextlib.suppress(TimeoutError, RuntimeError):
                within(_PARTING, lambda: self._give_back(connection))

    def is_held(self) -> bool:
        """Whether it is held still."""
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
            if backend != self._backend:  # the session that has the lock is another one, or is gone
                self._connection = None
                _close(connection)
                return False
            self._asked = time.monotonic()
            return True

    def _give_back(self, connection: sa.Connection) -> None:
        with self._asking:
            try:
                # A pooler keeps the session, and with it a lock that is not given back.
                any(connection.execute(_UNLOCK).scalar() for _ in range(_ATTEMPTS))
            except sa.exc.SQLAlchemyError, DatabaseUnavailable:
                pass  # there is no session any more, nor a lock
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
    """Whether another connection gets the lock, too, which it has for no longer than it takes to answer."""
    return bool(connection.execute(_LOCK_BRIEFLY).scalar())


def _close(connection: sa.Connection) -> None:
    connection.invalidate()  # closes it without a word to a server that may be gone
    connection.close()
