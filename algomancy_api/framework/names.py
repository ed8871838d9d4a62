"""Names that a database can store."""

import re

from .errors import NotStorable

#: Lone surrogates (halves of a UTF-16 pair): no database stores them.
_SURROGATE = re.compile("[\ud800-\udfff]")

#: Also NUL: PostgreSQL allows it in no text, SQLite in no name of a table or column.
_SURROGATE_OR_NUL = re.compile("[\0\ud800-\udfff]")


def check_name(kind: str, name: object, *, may_have_nul: bool = False) -> None:
    """Check a name before anything is written under it.

    Args:
        kind: The kind of object that it names, for the message.
        name: The name.
        may_have_nul: Whether NUL is allowed, as in a text value of SQLite.

    Raises:
        NotStorable: It contains a NUL or a lone surrogate, which the database cannot store.
    """
    unstorable = _SURROGATE if may_have_nul else _SURROGATE_OR_NUL
    if (found := unstorable.search(str(name))) is not None:
        what = "a NUL" if found[0] == "\0" else "a lone surrogate"
        raise NotStorable(f"The {kind} {str(name)!r} contains {what}, which the database cannot store; leave it out")
