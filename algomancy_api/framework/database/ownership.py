"""Ownership of a database by one app, because the framework keeps the metadata in the memory of its process.

A lock keeps other apps off. A row names its holder. An app that has lost its lock for a while sees from the row whether
another app has used the database meanwhile.
"""

import os
import socket
import threading
import uuid

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from ..errors import DatabaseInUse, DatabaseUnavailable
from .dialects import dialect_of
from .driver_errors import translate_errors
from .urls import shown

_metadata = sa.MetaData()

_owner = sa.Table(
    "algomancy_api_owner",
    _metadata,
    sa.Column("token", sa.String, primary_key=True),
    sa.Column("host", sa.String, nullable=False),
    sa.Column("process", sa.Integer, nullable=False),
)

_ADVICE = "one process owns a database: run one worker (uvicorn: --workers 1)"


class Ownership:
    """The ownership of a database by one app, from `take` to `release`, any number of times.

    Args:
        engine: The app's engine. It gives out connections only while the app owns the database.

    Raises:
        DatabaseUnavailable: The database cannot be reached.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._name = shown(engine.url)
        dialect = dialect_of(engine)
        # Its connections work without ownership.
        self._engine = sa.create_engine(engine.url, poolclass=NullPool, connect_args=dialect.connect_args(engine.url))
        translate_errors(self._engine, dialect.error_codes)
        self._before_create = dialect.before_create
        self._lock = dialect.lock(self._engine)
        self._token = uuid.uuid4().hex
        self._change = threading.RLock()
        self._process = os.getpid()
        self._is_open = False
        self._has_signed = False
        if self._lock is not None:
            sa.event.listen(engine, "do_connect", self._check)
            sa.event.listen(engine, "checkout", self._check)

    def take(self) -> None:
        """Own the database.

        Raises:
            DatabaseInUse: Another app owns it, or has owned it since this one did.
            ConnectionsShared: It is behind a pooler that shares sessions, so that no app can own it alone.
        """
        with self._change:
            self._is_open = True
            try:
                self._hold()
            except BaseException:
                self._is_open = False
                raise

    def release(self) -> None:
        """Give the database up."""
        with self._change:
            self._is_open = False
            is_own = self._process == os.getpid()  # a forked child would take it from its parent
            if self._lock is not None and is_own:
                self._lock.release()

    def _check(self, *_event: object) -> None:
        """Raise an error unless the app owns the database. A lost lock is taken again if it is free."""
        if not self._is_open:
            raise DatabaseUnavailable("the app is closed")
        if self._process != os.getpid():  # a forked child has the lock, too, and a memory of its own
            raise DatabaseInUse(f"the database {self._name} is in use by process {self._process}; {_ADVICE}")
        if self._lock is not None and not self._lock.is_held():
            with self._change:
                if self._is_open:  # still
                    self._hold()

    def _hold(self) -> None:
        if self._lock is None or self._lock.is_held():
            return
        if not self._lock.acquire():
            raise DatabaseInUse(f"the database {self._name} is in use by {self._holder()}; {_ADVICE}")
        try:
            self._sign()
        except BaseException:
            self._lock.release()
            raise

    def _sign(self) -> None:
        """Write the row that names this process. The second time, check that no other process has replaced it."""
        with self._engine.begin() as connection:
            for statement in self._before_create:
                connection.exec_driver_sql(statement)
            _metadata.create_all(connection)
        with self._engine.begin() as connection:
            if self._has_signed:
                if connection.execute(sa.select(_owner.c.token)).scalars().all() != [self._token]:
                    raise DatabaseInUse(f"the database {self._name} was used by another server: start this one anew")
                return
            connection.execute(sa.delete(_owner))
            own = {"token": self._token, "host": socket.gethostname(), "process": os.getpid()}
            connection.execute(sa.insert(_owner).values(own))
        self._has_signed = True

    def _holder(self) -> str:
        try:
            with self._engine.connect() as connection:
                row = connection.execute(sa.select(_owner)).first()
        except sa.exc.SQLAlchemyError, DatabaseUnavailable:
            row = None
        if row is None:
            return "another server"
        if (row.host, row.process) == (socket.gethostname(), os.getpid()):
            return f"another app of this process, {row.process}, which has not been closed"
        return f"process {row.process} on {row.host}"
