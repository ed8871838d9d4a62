"""The names that sessions may have."""

from collections.abc import Collection, Container
from itertools import count

from .names import check_name

#: The framework's name for the first session, and for the one that replaces the last.
FIRST = "main"


def check_session_name(name: str, ids: Container[str], *, is_stored: bool, may_have_nul: bool) -> None:
    """Refuse a name that the database cannot hold, or by which another session would be asked for.

    Args:
        name: The name.
        ids: The ids of the other sessions. A new id has 122 random bits: nobody has a name that will be one.
        is_stored: Whether sessions are kept in a database.
        may_have_nul: Whether that database holds a NUL.

    Raises:
        ValueError: It is such a name; `NotStorable`, if it is the database that cannot hold it.
    """
    if is_stored:
        check_name("session name", name, may_have_nul=may_have_nul)
    if name in ids:
        raise ValueError(f"Session '{name}' already exists.")


def other_first_name(taken: Collection[str]) -> str:
    """A name for the session that replaces the last, where somebody must not know that it was the last."""
    return next(name for name in (f"{FIRST} {number}" for number in count(2)) if name not in taken)
