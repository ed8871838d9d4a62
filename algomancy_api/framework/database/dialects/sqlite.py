"""SQLite.

Its defaults do not suit a server: one reader blocks the writer, a statement waits five seconds for a lock, and foreign
keys are not enforced.
"""

import re
from pathlib import Path
from typing import Any

import filelock
import sqlalchemy as sa
from sqlalchemy.pool import QueuePool

from ...errors import DatabaseUnavailable, NotStorable, StorageFull
from ..driver_errors import ErrorCodes
from .interface import POOL_SIZE, Dialect, Lock
from .write_lock import WriteLock

#: Milliseconds: how long a statement waits for the lock of another connection.
_BUSY_TIMEOUT = 60_000

#: Bytes: what a log keeps of its largest transaction. Without a limit, it keeps all.
_LARGEST_LOG = 64 * 1024 * 1024

#: Bytes: of a page.
_PAGE = 4096

#: Pages: unused ones from which the file is made smaller, 16 MiB; and given back in one transaction, which takes some
#: 0.02 s.
_MANY_PAGES = 4096
_PAGES_AT_ONCE = 256

#: Pages: given back for each that was freed, so that what a kill has left is given back some time.
_GIVEN_BACK = 2

#: A mismatch of columns is an operational error, like a full disk: only the message tells them apart.
_MISMATCH = re.compile(r"has no column|no such column|duplicate column|too many columns", re.IGNORECASE)


def _error_code(error: BaseException) -> str | None:
    """The name of SQLite's result code, which is more specific towards its end."""
    return getattr(error, "sqlite_errorname", None)


class SQLite(Dialect):
    """SQLite, in a file or in memory. It stores any value in any column."""

    name = "sqlite"
    drivers = ("sqlite", "sqlite+pysqlite", "sqlite+pysqlcipher")
    description = "SQLite (driver pysqlite or pysqlcipher)"
    example = "sqlite:///FILE"
    error_codes = ErrorCodes(
        _error_code,
        {
            "SQLITE_FULL": StorageFull,
            "SQLITE_BUSY": DatabaseUnavailable,
            "SQLITE_LOCKED": DatabaseUnavailable,
            "SQLITE_READONLY": DatabaseUnavailable,
            "SQLITE_IOERR": DatabaseUnavailable,
            "SQLITE_CANTOPEN": DatabaseUnavailable,
            "SQLITE_PERM": DatabaseUnavailable,
            "SQLITE_PROTOCOL": DatabaseUnavailable,
            "SQLITE_CORRUPT": DatabaseUnavailable,
            "SQLITE_NOTADB": DatabaseUnavailable,
            "SQLITE_TOOBIG": NotStorable,
        },
    )
    on_connect = (
        f"PRAGMA busy_timeout = {_BUSY_TIMEOUT}",
        "PRAGMA journal_mode = WAL",  # readers and the writer do not wait for each other
        f"PRAGMA journal_size_limit = {_LARGEST_LOG}",
        "PRAGMA foreign_keys = ON",  # the framework's deletes rely on ON DELETE CASCADE
        "PRAGMA secure_delete = FAST",  # some builds write zeros over all that is deleted, in fifteen times the time
    )
    before_create = ("PRAGMA auto_vacuum = INCREMENTAL",)  # the file of a new database shrinks after deletes
    row_id = sa.literal_column("rowid")
    has_nul_in_text = True

    def engine_options(self, url: sa.URL) -> dict[str, Any]:
        options = {"poolclass": QueuePool, "connect_args": {"check_same_thread": False}}
        if self.is_in_process(url):
            # A database in memory exists in one connection alone, which the threads take in turn.
            return options | {"pool_size": 1, "max_overflow": 0}
        return options | {"pool_size": POOL_SIZE, "max_overflow": -1}

    def size(self, engine: sa.Engine) -> int:
        return self._pragma(engine, "page_count") * self._pragma(engine, "page_size")

    def vacuum(self, engine: sa.Engine) -> None:
        """Rewrite the file. One of an earlier version shrinks by itself from then on."""
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("PRAGMA auto_vacuum = INCREMENTAL")
            connection.exec_driver_sql("VACUUM")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def prepare(self, engine: sa.Engine) -> None:
        WriteLock.attach(engine, _BUSY_TIMEOUT / 1000)

    def give_way(self, engine: sa.Engine) -> None:
        WriteLock.of(engine).give_way()

    def reclaim(self, engine: sa.Engine, freed: int) -> None:
        free, shrinks = self._pragma(engine, "freelist_count"), self._pragma(engine, "auto_vacuum")
        if free < _MANY_PAGES or not shrinks:  # a database of an earlier version does not
            return
        for _ in range(0, min(free, _GIVEN_BACK * -(-freed // _PAGE)), _PAGES_AT_ONCE):
            self._give_back_pages(engine)
            self.give_way(engine)

    def lock(self, engine: sa.Engine) -> Lock | None:
        path = _path(engine)
        return FileLock(path) if path else None

    def is_in_process(self, url: sa.URL) -> bool:
        return url.database in (None, "", ":memory:")

    @staticmethod
    def _pragma(engine: sa.Engine, name: str) -> int:
        with engine.connect() as connection:
            return int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())

    @staticmethod
    def _give_back_pages(engine: sa.Engine) -> None:
        """Shorten the file by a page for each row: rows without columns, of which SQLAlchemy would fetch none."""
        with engine.connect() as connection, WriteLock.of(engine).held():
            cursor = connection.connection.cursor()
            cursor.execute(f"PRAGMA incremental_vacuum({_PAGES_AT_ONCE})")
            cursor.fetchall()
            cursor.close()

    def is_mismatch(self, message: str) -> bool:
        return _MISMATCH.search(message) is not None


class FileLock:
    """A lock on a file beside the database.

    Args:
        path: The file of the database.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: tuple[int, int] | None = None
        self._lock = filelock.FileLock(f"{path}.lock", timeout=0, thread_local=False)

    def acquire(self) -> bool:
        try:
            self._lock.acquire()
        except filelock.Timeout:
            return False
        self._file = self._file or self._identity()
        return True

    def release(self) -> None:
        """Give the lock back. Its file stays."""
        self._lock.release(force=True)

    def is_held(self) -> bool:
        """Whether the lock is still held.

        Raises:
            DatabaseUnavailable: The file of the database is gone. Anything that is written to it now is lost.
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


def _path(engine: sa.Engine) -> Path | None:
    """The file of a database, however its URL spells it; None if it is in memory."""
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")  # opens or creates the file
        rows = connection.exec_driver_sql("PRAGMA database_list").all()
    path = next(path for _, name, path in rows if name == "main")
    return Path(path) if path else None
