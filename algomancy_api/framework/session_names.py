"""Names that sessions may have."""

from collections.abc import Collection, Container
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Engine

#: The framework's name for the first session, and for the one that replaces the last session.
FIRST = "main"


def check_session_name(name: str, ids: Container[str], engine: Engine | None) -> None:
    """Refuse a name that the database cannot store, or that is the id of another session: requests use either.

    Args:
        name: The name.
        ids: The ids of the other sessions. A new id has 122 random bits, so it will not be an existing name.
        engine: The database that sessions are stored in, if any.

    Raises:
        NotStorable: The database cannot store the name.
        ValueError: The name is an id.
    """
    if engine is not None:
        from .database.dialects import dialect_of

        dialect_of(engine).check_text("session name", name)
    if name in ids:
        raise ValueError(f"Session '{name}' already exists.")


def other_first_name(taken: Collection[str]) -> str:
    """A name for the session that replaces the last one, for a client that must not learn that it was the last."""
    return next(name for name in (f"{FIRST} {number}" for number in count(2)) if name not in taken)
