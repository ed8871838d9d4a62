"""Columns of tables and indexes as slices of plain lists, which msgspec encodes without a hook call for each cell."""

from collections.abc import Callable
from functools import singledispatch
from typing import Any

import numpy as np
import pandas as pd

from .datetimes import Array, durations, moments, zoned_texts

type Column = pd.Series[Any] | pd.Index[Any]
#: Returns the cells from a start row up to, but without, a stop row. A missing cell is None, NaN, NaT or NA.
type Reader = Callable[[int, int], list[Any]]


def reader(column: Column) -> Reader:
    """The reader of a column in slices, which never makes a list of the whole column."""
    if isinstance(column, pd.RangeIndex | pd.MultiIndex):
        return lambda start, stop: column[start:stop].tolist()
    return _reader(column.dtype, column)


def column_cells(column: Column) -> list[Any]:
    """All the cells of a column."""
    return reader(column)(0, len(column))


def array_cells(array: Array) -> Any:  # noqa: ANN401 - nested like the array; a scalar for dimension 0
    """The nested list of an array; its cells may need the hook."""
    return _CELLS_OF_KIND.get(array.dtype.char, np.ndarray.tolist)(array)


# By the character of a dtype: replacements for numpy's tolist, which turns datetime64[ns] into integers and drops the
# field names of a record.
_CELLS_OF_KIND: dict[str, Callable[[Array], Any]] = {
    "M": moments,
    "m": durations,
    "V": lambda array: list(array) if array.ndim else array[()],
}


@singledispatch
def _reader(_dtype: object, column: Column) -> Reader:
    """The reader for extension dtypes of pandas, such as nullable numbers."""
    array: Any = column.array
    return lambda start, stop: array[start:stop].to_numpy(dtype=object, na_value=None).tolist()


@_reader.register
def _(_dtype: np.dtype, column: Column) -> Reader:
    array = column.to_numpy()
    return lambda start, stop: array_cells(array[start:stop])


@_reader.register
def _(_dtype: pd.StringDtype, column: Column) -> Reader:
    array = column.array
    return lambda start, stop: np.asarray(array[start:stop], dtype=object).tolist()


@_reader.register
def _(_dtype: pd.DatetimeTZDtype, column: Column) -> Reader:
    array: Any = column.array
    return lambda start, stop: zoned_texts(array[start:stop])


@_reader.register(pd.PeriodDtype)
@_reader.register(pd.IntervalDtype)
def _(_dtype: object, column: Column) -> Reader:
    # Converts to text here, so that a categorical column of intervals converts its few categories only once.
    array = column.array
    return lambda start, stop: [None if pd.isna(value) else str(value) for value in array[start:stop]]


@_reader.register
def _(_dtype: pd.CategoricalDtype, column: Column) -> Reader:
    categorical: Any = column.array
    codes, categories = categorical.codes, categorical.categories
    # The code of a missing cell is -1, the index of the last item.
    cells = np.fromiter([*column_cells(categories), None], dtype=object, count=len(categories) + 1)
    return lambda start, stop: cells[codes[start:stop]].tolist()
