"""Names that a database can hold, and those that it cannot."""

import re

from .errors import NotStorable

#: NUL, which PostgreSQL has in no text and SQLite in no name of a column, and halves of a UTF-16 pair, which are no
#: Unicode characters: no database holds both. One rule for all, so that a name never depends on which it is.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def check_name(kind: str, name: object) -> None:
    """Refuse a name before anything is written under it.

    Args:
        kind: What it is a name of, for the message.
        name: The name.

    Raises:
        NotStorable: It holds a NUL or a lone surrogate.
    """
    if (found := _UNSTORABLE.search(str(name))) is not None:
        what = "a NUL" if found[0] == "\0" else "a lone surrogate"
        raise NotStorable(f"The {kind} {str(name)!r} holds {what}, which the database cannot store: leave it out")
