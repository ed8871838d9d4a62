"""A choice of the fields of each row."""

from collections.abc import Collection

from ..errors import Malformed


def fields_of(text: str, known: Collection[str]) -> tuple[str, ...]:
    """The names in a text, with commas between.

    Raises:
        Malformed: A name is unknown.
    """
    names = tuple(dict.fromkeys(text.split(",")))
    for name in names:
        if name not in known:
            raise Malformed(f"There is no field {name!r}; there are {', '.join(known)}")
    return names
