"""The wiring of a process that kills itself at a given moment: before a statement to its database."""

import os
import resource
import signal
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from algomancy_api import ApiConfiguration
from algomancy_api.framework.database.dialects import sqlite
from algomancy_api.framework.database.storage import blobs, sql_tables

from ...support import wiring
from .wiring import ALGORITHMS

#: Environment variables: the moment, and the ``dataset_storage``.
MOMENT, STORAGE = "KILLED_AT", "WIRING_STORAGE"

#: Stands between the statements of a moment.
THEN = " > "

#: The beginning of a moment that is a size in bytes.
SIZE = "size "

#: The pseudo-statement at the end of a transaction.
COMMIT = "COMMIT"


def configuration() -> ApiConfiguration:
    """The configuration on the database that the environment names, in a process that dies at a moment.

    A moment is a row of beginnings of statements. Once a statement has begun with each of them in turn, the process is
    killed before the last one. Or a moment is a size: the process is killed as soon as a file would exceed it.
    """
    write_little_at_once()
    moment = os.environ[MOMENT]
    if moment.startswith(SIZE):
        _kill_at_size(int(moment.removeprefix(SIZE)))
    else:
        _kill_at_statement(moment)
    database: dict[str, Any] = {"persistence_backend": "database", "database_url": os.environ["WIRING_DATABASE"]}
    return wiring.configuration(algorithms=ALGORITHMS, dataset_storage=os.environ[STORAGE], **database)


def _kill_at_size(size: int) -> None:
    """Have the kernel kill the process in the middle of a write. No file but the log of SQLite is that large."""
    sa.event.listen(sa.Engine, "connect", lambda connection, _: connection.execute("PRAGMA temp_store = MEMORY"))
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python ignores it
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def _kill_at_statement(moment: str) -> None:
    beginnings = iter(moment.split(THEN))
    awaited = [next(beginnings)]

    def before(statement: str) -> None:
        if statement.startswith(awaited[0]):
            _await_next(awaited, beginnings)

    sa.event.listen(sa.Engine, "before_cursor_execute", lambda *arguments: before(arguments[2]))
    sa.event.listen(sa.Engine, "commit", lambda _connection: before(COMMIT))


def _await_next(awaited: list[str], beginnings: Iterator[str]) -> None:
    following = next(beginnings, None)
    if following is None:
        os.kill(os.getpid(), signal.SIGKILL)
    else:
        awaited[0] = following


def write_little_at_once() -> None:
    """Write each BLOB, and every two rows of a table, in a transaction of its own, and give back each unused page."""
    blobs._BYTES_AT_ONCE = 1
    sql_tables._ROWS_WRITTEN = 2
    sqlite._MANY_PAGES = sqlite._PAGES_AT_ONCE = 1
