"""The tables of deliveries, which have a row for each event and receiver, and of receivers that are disabled.

Their rows outlive the scenario and the session: what has happened is told, whatever is deleted afterwards.
"""

from typing import Any

import msgspec
import sqlalchemy as sa

from ....webhooks.outbox import Delivery, State

_metadata = sa.MetaData()

deliveries = sa.Table(
    "algomancy_api_webhooks",
    _metadata,
    sa.Column("event_id", sa.String(64), primary_key=True),
    sa.Column("webhook", sa.String(100), primary_key=True),
    sa.Column("type", sa.String, nullable=False),
    sa.Column("created", sa.Float, nullable=False),  # seconds since 1970, as all times here
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("due", sa.Float, nullable=True),
    sa.Column("tried", sa.Float, nullable=True),
    sa.Column("status", sa.Integer, nullable=True),
    sa.Column("error", sa.Text, nullable=True),
    # For what is due next, and the oldest of those that have ended, which are never due; and the oldest that wait.
    sa.Index("algomancy_api_webhooks_due", "webhook", "due", "created"),
    sa.Index("algomancy_api_webhooks_age", "webhook", "state", "created"),
)

disabled = sa.Table(
    "algomancy_api_webhooks_disabled",
    _metadata,
    sa.Column("webhook", sa.String(100), primary_key=True),
    sa.Column("key", sa.String(64), nullable=False),
)


def prepare(engine: sa.Engine) -> None:
    """Create the tables, if the database has none."""
    _metadata.create_all(engine)


def values_of(delivery: Delivery) -> dict[str, Any]:
    """A delivery as a row."""
    return msgspec.structs.asdict(delivery) | {"state": str(delivery.state)}


def delivery_of(row: sa.Row[Any]) -> Delivery:
    """The delivery of a row."""
    values: dict[str, Any] = dict(row._mapping)
    return Delivery(**values | {"state": State(values["state"]), "body": bytes(values["body"])})
