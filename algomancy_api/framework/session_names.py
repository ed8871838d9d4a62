"""Names that sessions may have."""

from collections.abc import Collection, Container
from itertools import count

from .names import check_name

#: The framework's name for the first session, and for the one that replaces the last session.
FIRST = "main"


def check_session_name(name: str, ids: Container[str], dialect: str | None) -> None:
    """Check that the database can store a name, and that it is not the id of another session.

    Args:
        name: The name.
        ids: The ids of all sessions. Later ids have 122 random bits, so no name equals one.
        dialect: The SQLAlchemy dialect of the database; None without a database.

    Raises:
        NotStorable: The database cannot store the name.
        ValueError: The name is the id of a session.
    """
    if dialect is not None:
        check_name("session name", name, may_have_nul=dialect == "sqlite")
    if name in ids:
        raise ValueError(f"Session '{name}' already exists.")


def other_first_name(taken: Collection[str]) -> str:
    """A name for the session that replaces the last one, if a client must not learn that it was the last."""
    return next(name for name in (f"{FIRST} {number}" for number in count(2)) if name not in taken)
