"""The deliveries in a database: read when they are due, changed after each try, and forgotten."""

from typing import Any

import sqlalchemy as sa

from ....webhooks.outbox import MOST_LOGGED, MOST_WAITING, TOO_MANY, Backlog, Delivery, Outbox, State, Summary
from . import table
from .table import deliveries, disabled

_row = deliveries.c

_WAITS = _row.state == str(State.WAITING)

_GIVEN_UP: dict[str, Any] = {"state": str(State.GAVE_UP), "due": None, "body": b""}

#: The columns of the log, which does not show what was sent.
_LOGGED = [column if column is not _row.body else sa.literal(b"").label("body") for column in deliveries.columns]


class StoredOutbox(Outbox):
    """Deliveries in a database, over restarts."""

    def __init__(self, engine: sa.Engine) -> None:
        super().__init__()
        self._engine = engine

    def due(self) -> dict[str, float]:
        first = sa.select(_row.webhook, sa.func.min(_row.due).label("due")).where(_row.due.is_not(None))
        with self._engine.connect() as connection:
            rows = connection.execute(first.where(self._is_shown()).group_by(_row.webhook)).all()
        return {row.webhook: row.due for row in rows}

    def next_of(self, webhook: str, now: float) -> Delivery | None:
        is_due = (_row.webhook == webhook) & (_row.due <= now)
        first = sa.select(deliveries).where(is_due, self._is_shown()).order_by(_row.due, _row.created).limit(1)
        with self._engine.connect() as connection:
            row = connection.execute(first).first()
        return None if row is None else table.delivery_of(row)

    def note(self, delivery: Delivery) -> None:
        values = table.values_of(delivery)
        key = {name: values.pop(name) for name in ("event_id", "webhook")}
        is_same = (_row.event_id == key["event_id"]) & (_row.webhook == key["webhook"])
        with self._engine.begin() as connection:
            connection.execute(sa.update(deliveries).where(is_same, _WAITS).values(values))
            _trim(connection, delivery.webhook)

    def give_up_all(self, webhook: str, reason: str) -> None:
        with self._engine.begin() as connection:
            of_webhook = (_row.webhook == webhook) & _WAITS
            connection.execute(sa.update(deliveries).where(of_webhook).values(_GIVEN_UP | {"error": reason}))

    def log(self, webhook: str, limit: int) -> list[Delivery]:
        newest = sa.select(*_LOGGED).where(_row.webhook == webhook).order_by(_row.created.desc()).limit(limit)
        with self._engine.connect() as connection:
            return [table.delivery_of(row) for row in connection.execute(newest)]

    def summary(self, webhook: str) -> Summary:
        of_webhook = _row.webhook == webhook
        waiting = sa.select(sa.func.count()).where(of_webhook, _WAITS)
        delivered = sa.select(sa.func.max(_row.tried)).where(of_webhook, _row.state == str(State.DELIVERED))
        was_tried = of_webhook & _row.tried.is_not(None)
        last = sa.select(*_LOGGED).where(was_tried).order_by(_row.tried.desc()).limit(1)
        with self._engine.connect() as connection:
            row = connection.execute(last).first()
            return Summary(
                connection.execute(waiting).scalar_one(),
                connection.execute(delivered).scalar(),
                None if row is None else table.delivery_of(row),
            )

    def backlog(self) -> Backlog:
        with self._engine.connect() as connection:
            waiting, oldest = connection.execute(
                sa.select(sa.func.count(), sa.func.min(_row.created)).where(_WAITS)
            ).one()
        return Backlog(waiting, oldest)

    def disabled(self) -> dict[str, str]:
        with self._engine.connect() as connection:
            return {row.webhook: row.key for row in connection.execute(sa.select(disabled))}

    def disable(self, webhook: str, key: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(sa.delete(disabled).where(disabled.c.webhook == webhook))
            connection.execute(sa.insert(disabled).values(webhook=webhook, key=key))

    def enable(self, webhook: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(sa.delete(disabled).where(disabled.c.webhook == webhook))

    def _is_shown(self) -> sa.ColumnElement[bool]:
        held = list(self.held)
        return _row.event_id.not_in(held) if held else sa.true()


def _trim(connection: sa.Connection, webhook: str) -> None:
    """Give up, and forget, the oldest deliveries to a receiver beyond the bounds."""
    of_webhook = _row.webhook == webhook
    waits, has_ended = of_webhook & _WAITS, of_webhook & _row.due.is_(None)
    if (beyond := _beyond(connection, waits, MOST_WAITING)) is not None:
        connection.execute(sa.update(deliveries).where(waits, beyond).values(_GIVEN_UP | {"error": TOO_MANY}))
    if (beyond := _beyond(connection, has_ended, MOST_LOGGED)) is not None:
        connection.execute(sa.delete(deliveries).where(has_ended, beyond))


def _beyond(connection: sa.Connection, which: sa.ColumnElement[bool], most: int) -> sa.ColumnElement[bool] | None:
    """The rows of some that are older than the newest ones; None if there are not more than these."""
    first = sa.select(_row.created).where(which).order_by(_row.created.desc()).offset(most).limit(1)
    created = connection.execute(first).scalar()
    return None if created is None else _row.created <= created
