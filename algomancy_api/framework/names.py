"""Names that a database can hold, and those that it cannot."""

import re

from .errors import NotStorable

#: Halves of a UTF-16 pair, which are no Unicode characters: no database holds them.
_SURROGATE = re.compile("[\ud800-\udfff]")

#: The same and NUL, which PostgreSQL has in no text, and SQLite in no name of a table or column.
_SURROGATE_OR_NUL = re.compile("[\0\ud800-\udfff]")


def check_name(kind: str, name: object, *, may_have_nul: bool = False) -> None:
    """Refuse a name before anything is written under it.

    Args:
        kind: What it is a name of, for the message.
        name: The name.
        may_have_nul: Whether it is stored as a text of SQLite, which may hold a NUL.

    Raises:
        NotStorable: It holds what the database cannot hold: a NUL or a lone surrogate.
    """
    unstorable = _SURROGATE if may_have_nul else _SURROGATE_OR_NUL
    if (found := unstorable.search(str(name))) is not None:
        what = "a NUL" if found[0] == "\0" else "a lone surrogate"
        raise NotStorable(f"The {kind} {str(name)!r} holds {what}, which the database cannot store: leave it out")
