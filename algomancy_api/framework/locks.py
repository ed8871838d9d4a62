"""Locks that keep a second server off a database, and that end with the process that holds them, however it ends."""

import threading
import time
import zlib
from pathlib import Path
from typing import Protocol

import filelock
import sqlalchemy as sa

from .failures import DatabaseUnavailable

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
    match engine.dialect.name:
        case "sqlite":
            path = _path(engine)
            return FileLock(path) if path else None
        case "postgresql":
            return AdvisoryLock(engine)
        case _:
            return None


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
    """A lock in PostgreSQL, which ends with the connection that took it."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._connection: sa.Connection | None = None
        self._asked = 0.0
        self._asking = threading.Lock()

    def acquire(self) -> bool:
        """Whether the lock is held from now on, after some seconds if it is just being freed."""
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            for setting in _KEEPALIVES:
                connection.exec_driver_sql(setting)
            if not self._try(connection):
                connection.close()
                return False
        except BaseException:
            connection.close()
            raise
        self._connection, self._asked = connection, time.monotonic()
        return True

    def release(self) -> None:
        """Hold it no longer."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()  # closes it without a word to a server that may be gone
            connection.close()

    def is_held(self) -> bool:
        """Whether it is held still."""
        with self._asking:
            if self._connection is None:
                return False
            if time.monotonic() - self._asked < _TRUSTED:
                return True
            try:
                self._connection.execute(sa.select(1))
            except DatabaseUnavailable:
                self.release()
                return False
            self._asked = time.monotonic()
            return True

    @staticmethod
    def _try(connection: sa.Connection) -> bool:
        ask = sa.select(sa.func.pg_try_advisory_lock(_KIND, sa.func.hashtext(sa.func.current_schema())))
        end = time.monotonic() + _PATIENCE
        while not connection.execute(ask).scalar():
            if time.monotonic() >= end:
                return False
            time.sleep(_PAUSE)
        return True
