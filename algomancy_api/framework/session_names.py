"""The names that sessions may have."""

from collections.abc import Collection, Container
from itertools import count

from .names import check_name

#: The framework's name for the first session, and for the one that replaces the last.
FIRST = "main"


def check_session_name(name: str, ids: Container[str], dialect: str | None) -> None:
    """Refuse a name that the database cannot hold, or by which another session would be asked for.

    Args:
        name: The name.
        ids: The ids of the other sessions. A new id has 122 random bits: nobody has a name that will be one.
        dialect: The kind of database that sessions are kept in; None if they are in none.

    Raises:
        ValueError: It is such a name; `NotStorable`, if it is the database that cannot hold it.
    """
    if dialect is not None:
        check_name("session name", name, may_have_nul=dialect == "sqlite")
    if name in ids:
        raise ValueError(f"Session '{name}' already exists.")


def other_first_name(taken: Collection[str]) -> str:
    """A name for the session that replaces the last, where somebody must not know that it was the last."""
    return next(name for name in (f"{FIRST} {number}" for number in count(2)) if name not in taken)
