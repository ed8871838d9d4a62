"""The order of a list: keys to sort by, and at last the order of creation."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any, NamedTuple

from ..errors import Malformed
from .conditions import KPI
from .filters import filter_of, read_number
from .rows import Place, Row

#: The order without one, and its reverse, in which no other row needs to be looked at.
CREATED, NEWEST = "created", "-created"

NAMES = ("created", "started", "finished", "tag", "status", "algorithm", "dataset", "progress", f"{KPI}NAME")

#: Keys: in one order.
_MOST = 5

#: Characters: texts are compared up to this length, so that they fit into a cursor.
_MOST_CHARACTERS = 200

#: A value to sort by, as JSON has it.
type Scalar = str | float | None


class _Falling:
    """A value whose order is reversed."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:  # noqa: ANN401 - a text or a number
        self.value = value

    def __lt__(self, other: _Falling) -> bool:
        return bool(other.value < self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Falling) and self.value == other.value

    __hash__ = None  # type: ignore[assignment]


class _Key(NamedTuple):
    value_of: Callable[[Row], Any]
    kind: type
    is_falling: bool

    def comparable(self, value: Scalar) -> tuple[bool, Any]:
        """A value in the form that is compared.

        Raises:
            ValueError: It is of another kind.
        """
        if value is not None and not isinstance(value, self.kind):
            raise ValueError(f"{value!r} is not of {self.kind}")
        return value is None, _Falling(value) if self.is_falling else value


class Order:
    """The order of a list. Rows without a value come last, whichever way it goes.

    Args:
        text: Names with commas between, a minus sign before those that fall.
        kpis: The names of the KPIs.

    Raises:
        Malformed: A name is unknown, or there are too many.
    """

    def __init__(self, text: str, kpis: Collection[str]) -> None:
        names = text.split(",")
        if len(names) > _MOST:
            raise Malformed(f"order has at most {_MOST} names; got {len(names)}")
        self.text = text
        self._keys = [_key(name, kpis) for name in names]

    def values(self, row: Row) -> list[Scalar]:
        """The values of a row to sort by."""
        return [_scalar(key.value_of(row)) for key in self._keys]

    def key(self, values: Collection[Scalar], place: Place) -> tuple[Any, ...]:
        """The key of a row: its values, and its place.

        Raises:
            ValueError: A value is of a wrong kind, or their number is wrong.
        """
        return (*(key.comparable(value) for key, value in zip(self._keys, values, strict=True)), place)


def _key(name: str, kpis: Collection[str]) -> _Key:
    bare = name.removeprefix("-")
    if bare in ("id", "note"):
        raise Malformed(f"{bare!r} is unknown; known are {', '.join(NAMES)}")
    found = filter_of(bare, kpis, NAMES)
    return _Key(found.value_of, float if found.read is read_number else str, name.startswith("-"))


def _scalar(value: Any) -> Scalar:  # noqa: ANN401 - a text, a number or a time
    if isinstance(value, datetime):
        return value.isoformat()
    return value[:_MOST_CHARACTERS] if isinstance(value, str) else value
