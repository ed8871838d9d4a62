"""The table of keys, with the answer of each."""

import msgspec
import sqlalchemy as sa

from ...idempotency.answers import KeptAnswer

_metadata = sa.MetaData()

keys = sa.Table(
    "algomancy_api_idempotency",
    _metadata,
    # The digest of the key and its sender.
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("sender", sa.String, nullable=False),
    sa.Column("request", sa.String(64), nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("headers", sa.Text, nullable=False),  # JSON
    sa.Column("ignored", sa.Text, nullable=False),  # JSON
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("created", sa.Float, nullable=False),  # seconds since 1970
    sa.Column("size", sa.Integer, nullable=False),
    # Both are for forgetting: what is too old, and the oldest of a sender, whose bytes are summed without the rows.
    sa.Index("algomancy_api_idempotency_age", "created"),
    sa.Index("algomancy_api_idempotency_sender", "sender", "created", "size"),
)


def prepare(engine: sa.Engine) -> None:
    """Create the table, if the database has none."""
    _metadata.create_all(engine)


def put(connection: sa.Connection, answer: KeptAnswer) -> None:
    """Write an answer, in place of the one of the same key."""
    delete(connection, answer.id)
    row = msgspec.structs.asdict(answer) | {
        "headers": msgspec.json.encode(answer.headers).decode(),
        "ignored": msgspec.json.encode(answer.ignored).decode(),
        "size": answer.size,
    }
    connection.execute(sa.insert(keys).values(row))


def delete(connection: sa.Connection, key_id: str) -> None:
    """Delete the answer of a key."""
    connection.execute(sa.delete(keys).where(keys.c.id == key_id))


def read(connection: sa.Connection, key_id: str) -> KeptAnswer | None:
    """The answer of a key; None if it has none."""
    row = connection.execute(sa.select(keys).where(keys.c.id == key_id)).mappings().first()
    if row is None:
        return None
    values = {name: row[name] for name in KeptAnswer.__struct_fields__}
    return KeptAnswer(
        **values
        | {
            "headers": msgspec.json.decode(row["headers"]),
            "ignored": msgspec.json.decode(row["ignored"]),
            "body": bytes(row["body"]),
        }
    )
