"""The natural JSON forms of numpy and pandas types."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray

from .columns import array_cells, column_cells
from .datetimes import duration, moment


def _masked_cells(array: np.ma.MaskedArray[Any, Any]) -> object:
    """The nested list of a masked array, with None for masked cells, as in numpy's own tolist."""
    kind = array.dtype.kind
    if kind in "mM":
        return array_cells(array.filled(np.array(["NaT"], array.dtype)[0]))
    if kind == "V":
        return list(array) if array.ndim else {name: array[name] for name in array.dtype.names or ()}
    return array.tolist()


def _record(value: np.void) -> object:
    """A record as a dict by field name; without field names, its bytes."""
    names = value.dtype.names
    return value.tobytes() if names is None else {name: value[name] for name in names}


def _records(table: pd.DataFrame) -> list[dict[Any, Any]]:
    """The rows as dicts by column label; of two columns with the same label, the last one counts, as in pandas."""
    columns = [column_cells(table.iloc[:, position]) for position in range(table.shape[1])]
    labels = column_cells(table.columns)
    return [dict(zip(labels, row, strict=True)) for row in zip(*columns, strict=True)] or [{} for _ in table.index]


#: By type, subclasses included: a function to a value that msgspec encodes, or that has a natural form itself.
ARRAY_FORMS: dict[type, Callable[[Any], object]] = {
    np.generic: np.generic.item,
    np.longdouble: float,  # whose item() is a long double again
    np.clongdouble: complex,
    np.datetime64: moment,
    np.timedelta64: duration,
    np.void: _record,
    np.ndarray: array_cells,
    np.ma.MaskedArray: _masked_cells,
    type(pd.NaT): lambda _: None,
    type(pd.NA): lambda _: None,
    pd.Timedelta: lambda value: duration(value.to_timedelta64()),
    pd.Period: str,
    pd.Interval: str,
    ExtensionArray: lambda array: column_cells(pd.Series(array, copy=False)),
    pd.Index: column_cells,
    pd.Series: column_cells,
    pd.DataFrame: _records,
}
