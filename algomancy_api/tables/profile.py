"""What the columns of a table hold: missing values, the least and largest one, and how many different ones."""

from typing import Any, NamedTuple

import msgspec
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ..serialization.json_encoder import encode
from .columns import Column, Sort, Table, slices

#: Values: different ones that are counted.
MOST_DISTINCT = 1_000

#: Characters: shown of a text.
_LONGEST = 200


class Profile(NamedTuple):
    """What a column holds.

    Attributes:
        name: Its name.
        dtype: Its type in pandas.
        nulls: The number of missing values.
        min: The least value, as JSON; null if there is none, or no order. Of a text, its beginning.
        max: The largest one.
        distinct: The number of different values; None if there are too many, or it cannot be told.
    """

    name: str
    dtype: str
    nulls: int
    min: msgspec.Raw
    max: msgspec.Raw
    distinct: int | None


def profiles(frame: pd.DataFrame) -> list[Profile]:
    """The profiles of the columns of a table, and of the named levels of its index."""
    table = Table(frame)
    return [_profile(column) for name in table.names if (column := table.find(name)) is not None]


def _profile(column: Column) -> Profile:
    nulls, extremes = 0, pa.nulls(0, column.compared_type)
    known: pa.Array | None = pa.nulls(0, column.compared_type)
    for rows in slices(range(len(column))):
        array = column.compared(rows)
        nulls += array.null_count
        known = _distinct(known, array)
        if column.sort is not Sort.OTHER:
            extremes = pa.concat_arrays([extremes, _extremes(array)])
    least, largest = _extremes(extremes).to_pylist() if len(extremes) else (None, None)
    return Profile(
        column.name, str(column.dtype), nulls, _shown(least), _shown(largest), None if known is None else len(known)
    )


def _extremes(array: pa.Array) -> pa.Array:
    """The least and the largest value of an array."""
    kind = array.type
    if pa.types.is_duration(kind):
        return _extremes(array.cast(pa.int64())).cast(kind)
    found = pc.min_max(array)
    return pa.array([found["min"], found["max"]], kind)


def _distinct(known: pa.Array | None, array: pa.Array) -> pa.Array | None:
    """The different values so far; None if there are too many."""
    if known is None:
        return None
    try:
        found = pc.unique(pa.concat_arrays([known, array.drop_null()]))
    except pa.ArrowNotImplementedError:  # lists, say
        return None
    return found if len(found) <= MOST_DISTINCT else None


def _shown(value: Any) -> msgspec.Raw:  # noqa: ANN401 - of any type
    return msgspec.Raw(encode(value[:_LONGEST] if isinstance(value, str) else value))
