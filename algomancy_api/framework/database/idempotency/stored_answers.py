"""The answers in a database. Old ones are deleted in small transactions, between which others write."""

from itertools import accumulate

import sqlalchemy as sa

from ...idempotency.answers import Answers, Bounds, KeptAnswer, Share
from . import table
from .table import keys

#: Bytes: all answers in a database.
MOST_STORED = 256 * 1024 * 1024

#: Rows and bytes: deleted in one transaction.
_ROWS_AT_ONCE = 200
_BYTES_AT_ONCE = 16 * 1024 * 1024

#: Transactions: the most of one call, which a request waits for.
_TRANSACTIONS = 50


class StoredAnswers(Answers):
    """Answers in a database, over restarts."""

    def __init__(self, engine: sa.Engine, bounds: Bounds) -> None:
        super().__init__(bounds)
        self._engine = engine

    def find(self, key_id: str) -> KeptAnswer | None:
        with self._engine.connect() as connection:
            answer = table.read(connection, key_id)
        return None if answer is None or answer.created < self.oldest else answer

    def keep(self, answer: KeptAnswer) -> None:
        with self._engine.begin() as connection:
            table.put(connection, answer)

    def forget_some(self) -> None:
        for _ in range(_TRANSACTIONS):
            if not self._delete(keys.c.created < self.oldest) and not self._delete_of_greediest():
                return

    def _delete_of_greediest(self) -> int:
        shares = sa.select(keys.c.sender, sa.func.count(), sa.func.sum(keys.c.size)).group_by(keys.c.sender)
        with self._engine.connect() as connection:
            sender = self.greediest(Share(*row) for row in connection.execute(shares))
        return 0 if sender is None else self._delete(keys.c.sender == sender)

    def _delete(self, which: sa.ColumnElement[bool]) -> int:
        """Delete the oldest rows of some, not many at once. Returns their number."""
        oldest = sa.select(keys.c.id, keys.c.size).where(which).order_by(keys.c.created).limit(_ROWS_AT_ONCE)
        with self._engine.connect() as connection:
            rows = connection.execute(oldest).all()
        totals = accumulate(row.size for row in rows)
        ids = [row.id for row, total in zip(rows, totals, strict=True) if total - row.size < _BYTES_AT_ONCE]
        if ids:
            with self._engine.begin() as connection:
                connection.execute(sa.delete(keys).where(keys.c.id.in_(ids)))
        return len(ids)
