"""Numbers, and whether values differ."""

from collections.abc import Sequence
from math import isfinite, nan
from typing import Any

from algomancy_utils import Measurement

from ..serialization.json_encoder import encode

#: The largest integer up to which a float has all others, too.
_EXACT = 2**53

_NOT_COMPUTED = Measurement.INITIAL_VALUE

#: Types of values that are equal in JSON if they are equal, but for booleans, which equal 0 and 1.
_PLAIN = frozenset({str, int, float})


def number_of(value: Any) -> float:  # noqa: ANN401 - what a KPI of the user's has returned
    """The number of a KPI; NaN if it is not computed, not finite, or no number.

    An integer stays one if a float has it exactly. A boolean is 0 or 1.
    """
    if type(value) is not float:
        if not isinstance(value, int | float):
            return nan
        value = int(value) if isinstance(value, int) and -_EXACT <= value <= _EXACT else _as_float(value)
    return value if isfinite(value) and value != _NOT_COMPUTED else nan


def numbers_of(values: Sequence[Any]) -> list[float]:
    """The numbers of a KPI: those of `number_of`, which most floats are themselves."""
    return [
        value if type(value) is float and isfinite(value) and value != _NOT_COMPUTED else number_of(value)
        for value in values
    ]


def differ(values: Sequence[Any]) -> bool:
    """Whether values are not all the same in JSON."""
    first = values[0]
    if _PLAIN.issuperset(map(type, values)) and values.count(first) == len(values):
        return False
    return any(not _is_same(first, value) for value in values)


def _as_float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return nan


def _is_same(value: Any, other: Any) -> bool:  # noqa: ANN401 - of a parameter of the user's
    if value is other:
        return True
    if type(value) in _PLAIN and type(other) in _PLAIN and value == other:
        return True
    return encode(value) == encode(other)
