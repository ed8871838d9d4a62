"""Writers that wait for the one lock of a database, which gives it to whoever happens to ask when it is free."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sa

#: The option of an engine that has its writers.
_OPTION: Final = "algomancy_api_waiting_writers"

#: What a statement that takes no lock begins with.
_READS: Final = ("SELECT", "PRAGMA")

#: Seconds: a waiting writer of SQLite looks at least ten times a second whether the lock is free.
_LONGEST = 0.5

#: Seconds: a request that writes several transactions begins the next one sooner after the last, and has ended sooner.
_PAUSE = 0.02
_REQUEST = 0.1


class WaitingWriters:
    """The statements of an engine that write now, or wait until they can.

    A thread that writes one transaction after the other would keep the lock from the others: they look for it from time
    to time, and find it free only between two of its transactions.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._cursors: set[Any] = set()

    @classmethod
    def attach(cls, engine: sa.Engine) -> None:
        """Have an engine know its writers."""
        writers = cls()
        engine.update_execution_options(**{_OPTION: writers})

        def begin(_connection: object, cursor: object, statement: str, *_: object) -> None:
            if not statement.startswith(_READS):
                writers._add(cursor)

        def end(_connection: object, cursor: object, *_: object) -> None:
            writers._remove(cursor)

        def fail(context: sa.engine.ExceptionContext) -> None:
            if (execution := context.execution_context) is not None:
                writers._remove(execution.cursor)

        sa.event.listen(engine, "before_cursor_execute", begin)
        sa.event.listen(engine, "after_cursor_execute", end)
        sa.event.listen(engine, "handle_error", fail)

    @classmethod
    def of(cls, engine: sa.Engine) -> WaitingWriters:
        """The writers of an engine that they were attached to."""
        writers: WaitingWriters = engine.get_execution_options()[_OPTION]
        return writers

    @contextmanager
    def writing(self, cursor: object) -> Iterator[None]:
        """A context in which a cursor writes, or waits until it can, by a statement that SQLAlchemy does not see."""
        self._add(cursor)
        try:
            yield
        finally:
            self._remove(cursor)

    def give_way(self) -> None:
        """Let those write that wait now, and what they write next. The calling thread has no open transaction."""
        with self._changed:
            if not (waiting := set(self._cursors)):
                return
            self._changed.wait_for(lambda: waiting.isdisjoint(self._cursors), _LONGEST)
            end = time.monotonic() + _REQUEST
            while (left := end - time.monotonic()) > 0:
                if not self._changed.wait(min(left, _PAUSE)) and not self._cursors:
                    return

    def _add(self, cursor: object) -> None:
        with self._changed:
            self._cursors.add(cursor)
            self._changed.notify_all()

    def _remove(self, cursor: object) -> None:
        with self._changed:
            self._cursors.discard(cursor)
            self._changed.notify_all()
