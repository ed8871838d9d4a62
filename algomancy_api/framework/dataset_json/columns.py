"""Cells as a column of the type that the document names, as the framework converts it, unless a value would change."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from .cells import Cells
from .exact import keeps
from .times import INT64, durations, moments

#: The nullable type of an integer type of numpy.
_NULLABLE = {kind.lower(): kind for kind in ("Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64")}

_TEXTS: Any = pd.StringDtype(na_value=np.nan)


def is_untyped(dtype: object) -> bool:
    """Whether a column of this type has to be read with `Cells(untyped=True)`."""
    return dtype == "object"


def column_of(cells: Cells, dtype: object) -> Any:  # noqa: ANN401 - an array of numpy or pandas
    """A column of a type, or as it was read if the type is unknown or would change a value.

    Args:
        cells: The cells.
        dtype: The name of the type in the document.
    """
    converted = _converted_or_none(cells, dtype) if isinstance(dtype, str) else None
    return as_read(cells) if converted is None else converted


def _converted_or_none(cells: Cells, dtype: str) -> Any:  # noqa: ANN401
    try:
        with np.errstate(all="ignore"):
            return _converted(cells, dtype)
    except MemoryError:
        raise
    except Exception:  # pandas and Arrow raise many types of errors
        return None


def as_read(cells: Cells) -> Any:  # noqa: ANN401
    """A column of the type that pandas infers, or of a wider one if that would change a value."""
    arrow = cells.arrow()
    if arrow is None:
        return np.full(len(cells), np.nan) if cells.is_absent else _inferred(cells)
    if arrow.type == pa.large_string():
        return _TEXTS.__from_arrow__(arrow.combine_chunks())
    if not arrow.null_count or arrow.type == pa.float64():
        return arrow.to_numpy()
    if arrow.type == pa.bool_():
        return cells.objects()
    try:
        return arrow.cast(pa.float64()).to_numpy()
    except pa.ArrowInvalid:
        return _inferred(cells)


def _inferred(cells: Cells) -> Any:  # noqa: ANN401
    try:
        column = pd.Series(cells.objects().tolist())
    except UnicodeEncodeError:  # a lone surrogate
        return cells.objects()
    if keeps(column, cells):
        return column.array
    arrow = cells.arrow()
    if arrow is not None and arrow.type == pa.int64():
        return INT64.__from_arrow__(arrow)
    return cells.objects()


def _converted(cells: Cells, dtype: str) -> Any:  # noqa: ANN401
    """A column of a type; None, or any exception, if there is none."""
    if "datetime" in dtype:
        return moments(cells, as_read(cells), dtype)
    if dtype == "object":
        return cells.objects()
    target: Any = pd.api.types.pandas_dtype(dtype)
    if dtype == "category":
        return pd.Series(_exact_base(cells, objects=True), copy=False).astype(target).array
    if target.kind == "m":
        return durations(cells, as_read(cells), target)
    if _is_integer(target):
        return _integers(cells, target)
    base = _exact_base(cells)
    if base.dtype == target:
        return base
    converted = pd.Series(base, copy=False).astype(target).array
    return converted if keeps(converted, cells) else None


def _is_integer(target: Any) -> bool:  # noqa: ANN401 - a dtype
    return str(target).lower() in _NULLABLE


def _integers(cells: Cells, target: Any) -> Any:  # noqa: ANN401
    """Integers; with missing cells, of the nullable type."""
    width, arrow = str(target).lower(), cells.arrow()
    base = cells.objects() if arrow is None else as_read(cells)
    if pd.isna(base).any():
        target = pd.api.types.pandas_dtype(_NULLABLE[width])
    if arrow is not None and arrow.type == pa.int64():
        exact = arrow.cast(pa.from_numpy_dtype(width))
        return exact.to_numpy() if isinstance(target, np.dtype) else target.__from_arrow__(exact)
    converted = pd.Series(base, copy=False).astype(target).array
    return converted if keeps(converted, cells) else None


def _exact_base(cells: Cells, *, objects: bool = False) -> Any:  # noqa: ANN401
    """The column as read, but integers with missing cells as integers: nullable ones, or objects."""
    arrow = cells.arrow()
    if arrow is None or arrow.type != pa.int64() or not arrow.null_count:
        return as_read(cells)
    return cells.objects() if objects else INT64.__from_arrow__(arrow)
