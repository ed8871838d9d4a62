"""A column of a table, or an index, as slices of plain lists, which msgspec writes without asking for each cell."""

from collections.abc import Callable
from functools import singledispatch
from typing import Any

import numpy as np
import pandas as pd

from .datetimes import Array, durations, moments, zoned_texts

type Column = pd.Series[Any] | pd.Index[Any]
#: From a first row and the row after the last to the cells between. A missing cell is None, NaN, NaT or NA.
type Reader = Callable[[int, int], list[Any]]


def reader(column: Column) -> Reader:
    """How to read a column in slices, without a list of the whole."""
    if isinstance(column, pd.RangeIndex | pd.MultiIndex):
        return lambda start, stop: column[start:stop].tolist()
    return _reader(column.dtype, column)


def column_cells(column: Column) -> list[Any]:
    """All the cells of a column."""
    return reader(column)(0, len(column))


def array_cells(array: Array) -> Any:  # noqa: ANN401 - nested as deeply as the array; a bare value, if it has no dimension
    """The nested list of an array. What msgspec cannot write is left to the hook."""
    return _CELLS_OF_KIND.get(array.dtype.char, np.ndarray.tolist)(array)


# By the code of a dtype: what numpy's own tolist gets wrong. It makes a mere number of a datetime64[ns], and drops the
# names of a record.
_CELLS_OF_KIND: dict[str, Callable[[Array], Any]] = {
    "M": moments,
    "m": durations,
    "V": lambda array: list(array) if array.ndim else array[()],
}


@singledispatch
def _reader(_dtype: object, column: Column) -> Reader:
    """A column of pandas' own kinds: nullable numbers, and whatever an extension brings."""
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
    # Texts at once: the few categories of a cut are then not made text for each cell.
    array = column.array
    return lambda start, stop: [None if pd.isna(value) else str(value) for value in array[start:stop]]


@_reader.register
def _(_dtype: pd.CategoricalDtype, column: Column) -> Reader:
    categorical: Any = column.array
    codes, categories = categorical.codes, categorical.categories
    # The code of a missing cell is -1: the last one.
    cells = np.fromiter([*column_cells(categories), None], dtype=object, count=len(categories) + 1)
    return lambda start, stop: cells[codes[start:stop]].tolist()
