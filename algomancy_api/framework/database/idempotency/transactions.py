"""The key of the request under way, written in the transaction that makes its effect visible.

Our own transactions call `keep`. Those of the framework have no place for that: `at_commit` has the engine call it just
before their commit.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import sqlalchemy as sa

from ...idempotency.pending import Effect, answer_to, pending_key
from . import table

#: Writes into a transaction.
type Write = Callable[[sa.Connection], object]

_last_write: ContextVar[Write | None] = ContextVar("the last write of a transaction of the framework", default=None)


def keep(connection: sa.Connection, effect: Effect, subject: object) -> None:
    """Write the key and the answer of the request under way, if it is this effect that it is about.

    Args:
        connection: The transaction that makes the effect visible.
        effect: The effect.
        subject: What the answer is made of.
    """
    if (answer := answer_to(effect, subject)) is not None:
        table.put(connection, answer)


def with_answer(write: Write, effect: Effect, subject: object) -> Callable[[sa.Connection], None]:
    """Writes what another one does, and then the key and the answer, as `keep` does."""

    def write_both(connection: sa.Connection) -> None:
        write(connection)
        keep(connection, effect, subject)

    return write_both


def withdraw(connection: sa.Connection) -> None:
    """Delete the key of the request under way, in the transaction that takes its effect back."""
    key = pending_key.get()
    if key is not None and key.is_taken:
        table.delete(connection, key.id)
        key.is_taken = False


@contextmanager
def at_commit(engine: sa.Engine, write: Write) -> Iterator[None]:
    """A context of one transaction that is the framework's, into which something about a key is written at its end.

    Without a key, it does nothing: an engine with a listener takes longer for each statement.
    """
    if pending_key.get() is None:
        yield
        return
    if not sa.event.contains(engine, "commit", _write_last):
        sa.event.listen(engine, "commit", _write_last)
    token = _last_write.set(write)
    try:
        yield
    finally:
        _last_write.reset(token)


def _write_last(connection: sa.Connection) -> None:
    if (write := _last_write.get()) is not None:
        write(connection)
