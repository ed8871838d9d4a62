"""Names that a database can store."""

import re

from .errors import NotStorable

#: Halves of a UTF-16 pair, which are not characters: no database stores them.
_SURROGATE = re.compile("[\ud800-\udfff]")

#: The same and NUL, which not every database stores in a text, and none in the name of a table or column.
_SURROGATE_OR_NUL = re.compile("[\0\ud800-\udfff]")


def check_name(kind: str, name: object, *, may_have_nul: bool = False) -> None:
    """Check a name before anything is written under it.

    Args:
        kind: The kind of name, for the error.
        name: The name.
        may_have_nul: Whether it is stored as a text in a database whose texts may contain NUL.

    Raises:
        NotStorable: It contains a NUL or a lone surrogate that the database cannot store.
    """
    unstorable = _SURROGATE if may_have_nul else _SURROGATE_OR_NUL
    if (found := unstorable.search(str(name))) is not None:
        what = "a NUL" if found[0] == "\0" else "a lone surrogate"
        raise NotStorable(f"The {kind} {str(name)!r} contains {what}, which the database cannot store; leave it out")
