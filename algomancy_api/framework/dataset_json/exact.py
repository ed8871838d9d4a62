"""Whether a conversion kept every value."""

from typing import Any

import pandas as pd

from ...serialization.columns import reader
from .cells import Cells

#: Missing values, as `reader` and `Cells` have them.
_MISSING = (None, pd.NA, pd.NaT)

_SCALARS = (str, bool, int, float)


def keeps(converted: Any, cells: Cells) -> bool:  # noqa: ANN401 - any array
    """Whether each value of a column equals its cell.

    If all cells are of one type, it may also read the same: 7 and "7" do, 7 and "007" do not.
    """
    is_same = _is_equal if cells.is_mixed else _is_equal_or_reads_the_same
    read, start = reader(pd.Series(converted, copy=False)), 0
    for piece in cells.lists():
        values = read(start, start + len(piece))
        start += len(piece)
        if not all(map(is_same, values, piece, strict=True)):
            return False
    return True


def _is_equal(value: object, cell: object) -> bool:
    if is_missing(cell) or is_missing(value):
        return is_missing(cell) and is_missing(value)
    return bool(value == cell)


def _is_equal_or_reads_the_same(value: object, cell: object) -> bool:
    return _is_equal(value, cell) or (isinstance(cell, _SCALARS) and str(value) == str(cell))


def is_missing(cell: object) -> bool:
    """Whether a cell is None, NaN, NaT or NA."""
    return any(cell is missing for missing in _MISSING) or (isinstance(cell, float) and cell != cell)
