"""Readers of columns, which check that each cell has a JSON form before the first one is sent."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from types import NoneType
from typing import Any
from uuid import UUID

import msgspec
import numpy as np
import pandas as pd

from ..columns import Column, Reader, reader
from ..json_encoder import encode

#: Cells: checked at a time, a fraction of a millisecond of work.
_BATCH = 10_000

# Columns without arbitrary objects are sure to encode, and so are cells of these types.
_PLAIN_KINDS = frozenset("biufMm")
_PLAIN_DTYPES = (pd.StringDtype, pd.PeriodDtype, pd.IntervalDtype)
_PLAIN_CELLS = frozenset(
    {str, int, float, bool, NoneType, datetime, date, time, timedelta, UUID}
    | {pd.Timestamp, pd.Timedelta, type(pd.NaT), type(pd.NA), np.datetime64, np.timedelta64, np.bool_, np.str_}
    | {np.dtype(code).type for code in np.typecodes["AllInteger"] + np.typecodes["Float"]}
)


def cell_reader(column: Column) -> Reader:
    """The reader of a column in slices that msgspec encodes with `natural_form` as its hook.

    In a column of arbitrary objects, each cell is checked. Cells that are not plain are encoded on their own: once now
    as a check, and again when they are read.

    Raises:
        UnencodableValue: A cell has no natural form.
    """
    read = reader(column)
    odd = _odd_types(column, read)
    if not odd:
        return read

    def read_encoded(start: int, stop: int) -> list[object]:
        return [_encoded(cell) if type(cell) in odd else cell for cell in read(start, stop)]

    for start, stop in _slices(column):
        read_encoded(start, stop)
    return read_encoded


def _odd_types(column: Column, read: Reader) -> frozenset[type]:
    """The types of a column's cells that may not encode, or not in the natural form."""
    if isinstance(column, pd.MultiIndex):
        plain = not any(_odd_types(level, reader(level)) for level in column.levels)
        return frozenset() if plain else frozenset({tuple})
    if column.dtype.kind in _PLAIN_KINDS or isinstance(column.dtype, _PLAIN_DTYPES):
        return frozenset()
    types: set[type] = set()
    for start, stop in _slices(column):
        types.update(map(type, read(start, stop)))
    return frozenset(types - _PLAIN_CELLS)


def _slices(column: Column) -> Iterator[tuple[int, int]]:
    return ((start, start + _BATCH) for start in range(0, len(column), _BATCH))


def _encoded(cell: Any) -> msgspec.Raw:  # noqa: ANN401
    """The JSON of a cell; an object with `to_json` becomes that text, as in the framework."""
    has_to_json = hasattr(type(cell), "to_json") and not isinstance(cell, pd.DataFrame | pd.Series)
    return msgspec.Raw(encode(cell.to_json() if has_to_json else cell))
