"""The one lock of a database, for the threads of this process.

SQLite lets a waiting writer sleep, for up to a tenth of a second at a time, and gives the lock to whoever happens to
ask for it when it is free. So a thread that writes one transaction after the other would keep the others from it.
"""

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sa

from ...errors import DatabaseUnavailable

#: The option of an engine that has its lock, and the key of a pooled connection that holds it.
_OPTION: Final = "algomancy_api_write_lock"

#: Seconds: a request that writes several transactions begins the next one sooner after the last, and has ended sooner.
_PAUSE = 0.02
_REQUEST = 0.1

#: What a statement that takes no lock begins with.
_READS: Final = ("SELECT", "PRAGMA")


class WriteLock:
    """A lock that threads get in the order in which they ask for it. Whichever thread may give it back.

    Args:
        timeout: Seconds: the longest wait.
    """

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._change = threading.Condition(threading.Lock())
        self._is_held = False
        #: A lock for each thread that waits: it is released when it is the thread's turn.
        self._turns: deque[threading.Lock] = deque()

    @classmethod
    def attach(cls, engine: sa.Engine, timeout: float) -> None:
        """Have the connections of an engine hold a lock from their first write until they are given back."""
        lock = cls(timeout)
        engine.update_execution_options(**{_OPTION: lock})

        def begin(connection: sa.Connection, _cursor: object, statement: str, *_: object) -> None:
            if not statement.startswith(_READS):
                lock._hold(connection)

        def end(_connection: object, record: sa.pool.ConnectionPoolEntry, *_: object) -> None:
            if record.info.pop(_OPTION, False):
                lock.release()

        sa.event.listen(engine, "before_cursor_execute", begin)
        for event in ("checkin", "invalidate", "soft_invalidate", "close", "detach"):
            sa.event.listen(engine, event, end)

    @classmethod
    def of(cls, engine: sa.Engine) -> WriteLock:
        """The lock of an engine that it was attached to."""
        lock: WriteLock = engine.get_execution_options()[_OPTION]
        return lock

    @property
    def waiting(self) -> int:
        """How many threads wait for it."""
        return len(self._turns)

    @property
    def is_held(self) -> bool:
        """Whether a connection holds it."""
        return self._is_held

    @contextmanager
    def held(self) -> Iterator[None]:
        """A context that holds it, for a statement that SQLAlchemy does not see."""
        self.acquire()
        try:
            yield
        finally:
            self.release()

    def acquire(self) -> None:
        """Take it, when all who have asked before have had it.

        Raises:
            DatabaseUnavailable: They take too long.
        """
        with self._change:
            if not self._is_held:
                self._is_held = True
                self._change.notify_all()
                return
            turn = threading.Lock()
            turn.acquire()
            self._turns.append(turn)
        try:
            has_turn = turn.acquire(timeout=self._timeout)
        except BaseException:  # Ctrl-C
            self._leave(turn)
            raise
        if not has_turn:
            self._leave(turn)
            raise DatabaseUnavailable(f"others have been writing for {self._timeout:.0f} seconds")

    def release(self) -> None:
        """Give it to the thread that has waited longest."""
        with self._change:
            if self._turns:
                self._turns.popleft().release()
            else:
                self._is_held = False
            self._change.notify_all()

    def give_way(self) -> None:
        """Let those write who wait now, and what they write next. The calling thread does not hold the lock."""
        with self._change:
            if not self._is_held:
                return
            end = time.monotonic() + _REQUEST
            while (left := end - time.monotonic()) > 0:
                if not self._change.wait(min(left, _PAUSE)) and not self._is_held:
                    return

    def _leave(self, turn: threading.Lock) -> None:
        """Wait no longer. A turn that has come meanwhile goes to the next thread."""
        with self._change:
            has_come = turn not in self._turns
            if not has_come:
                self._turns.remove(turn)
        if has_come:
            self.release()

    def _hold(self, connection: sa.Connection) -> None:
        info: dict[Any, Any] = connection.info
        if not info.get(_OPTION):
            self.acquire()
            info[_OPTION] = True
