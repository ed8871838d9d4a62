"""Columns of times and durations from ISO 8601 texts."""

from datetime import UTC, time, timedelta, timezone
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from .cells import Cells

#: Seconds are part of historical offsets.
_WITH_OFFSET = r"^(?P<local>.+)(?P<offset>Z|[+-]\d\d(?::?\d\d(?::\d\d)?)?)$"

#: The nullable integers of pandas.
INT64: Any = pd.Int64Dtype()

_UNITS = ("s", "ms", "us", "ns")

#: More digits of a second than pandas holds.
_TOO_FINE = r"\.\d{10}"


def moments(cells: Cells, column: Any, dtype: str) -> Any:  # noqa: ANN401 - arrays of pandas
    """A column of datetimes; None if a cell is not one.

    A text is a datetime in ISO 8601, or all are in the format of the first one. A column has the unit and the zone of
    the type, if they hold each value. Without a zone in the type, texts with different offsets are objects.

    Args:
        cells: The cells.
        column: The cells as read.
        dtype: The name of the type.

    Raises:
        Exception: Any error of pandas, for which the column stays as read.
    """
    texts, target = cells.arrow(), _type_of(dtype)
    if pd.isna(column).all():
        return _none(column, target)
    if texts is not None and texts.type == pa.int64():  # nanoseconds since 1970, as in the framework
        return _of_unit(pd.to_datetime(pd.Series(INT64.__from_arrow__(texts), copy=False)).array, target)
    if texts is None or texts.type != pa.large_string():
        return None
    parsed = _parsed(texts)
    if parsed is not None:
        return _of_unit(parsed.array, target)
    parts = pc.extract_regex(texts, _WITH_OFFSET).combine_chunks()
    local, offsets = parts.flatten()  # unlike its fields, these are null where the whole is
    parsed = _parsed(local) if parts.null_count == texts.null_count else None
    if parsed is not None:
        return _with_offsets(parsed, offsets, target)
    return _of_unit(_in_format_of_first(texts, column), target)


def durations(cells: Cells, column: Any, target: np.dtype[Any]) -> Any:  # noqa: ANN401
    """A column of durations; None if a cell is not one, or is finer than a nanosecond.

    Args:
        cells: The cells.
        column: The cells as read.
        target: The type.

    Raises:
        Exception: Any error of pandas, for which the column stays as read.
    """
    texts = cells.arrow()
    if pd.isna(column).all():
        return _none(column, target)
    if texts is not None and texts.type == pa.int64():  # numbers of the unit
        counts = texts.fill_null(np.iinfo(np.int64).min).to_numpy()  # the number that stands for NaT
        return pd.Series(counts.astype(target), copy=False).array
    if texts is None or texts.type != pa.large_string() or _any_match(texts, _TOO_FINE):
        return None
    parsed = pd.to_timedelta(pd.Series(column, copy=False)).array
    return _of_unit(parsed, target) if parsed.isna().sum() == texts.null_count else None


def _type_of(dtype: str) -> Any:  # noqa: ANN401 - a dtype, or None for one without a unit
    try:
        target: Any = pd.api.types.pandas_dtype(dtype)
    except TypeError:
        return None
    return target if isinstance(target, pd.DatetimeTZDtype) or np.datetime_data(target)[0] in _UNITS else None


def _none(column: Any, target: Any) -> Any:  # noqa: ANN401
    """A column of missing values."""
    return pd.to_datetime(column).array if target is None else pd.Series([pd.NaT] * len(column), dtype=target).array


def _parsed(texts: pa.ChunkedArray | pa.Array) -> pd.DatetimeIndex | None:
    """Datetimes in the coarser unit that holds all; None if a text is no ISO 8601 without an offset."""
    for unit in ("us", "ns"):
        try:
            return pd.DatetimeIndex(texts.cast(pa.timestamp(unit)).to_numpy(zero_copy_only=False))
        except pa.ArrowInvalid:
            continue
    return None


def _with_offsets(local: pd.DatetimeIndex, texts: pa.Array, target: Any) -> Any:  # noqa: ANN401
    """Datetimes of local times and the texts of their UTC offsets, null for NaT."""
    encoded = texts.dictionary_encode()
    seconds = np.array([*map(_seconds, encoded.dictionary.to_pylist()), 0])  # the last one for NaT
    each = seconds[encoded.indices.fill_null(-1).to_numpy()]
    instants = (local - pd.TimedeltaIndex(each.astype("m8[s]"))).tz_localize(UTC)
    if isinstance(target, pd.DatetimeTZDtype):
        return _of_unit(instants.tz_convert(target.tz).array, target)
    different = set(seconds[:-1].tolist())
    if len(different) == 1:
        return _of_unit(instants.tz_convert(_zone(different.pop())).array, target)
    present = instants.notna().tolist()
    cells = (
        instant.tz_convert(_zone(offset)) if is_present else None
        for instant, offset, is_present in zip(instants, each.tolist(), present, strict=True)
    )
    return np.fromiter(cells, dtype=object, count=len(instants))


def _seconds(offset: str) -> int:
    """The seconds of a UTC offset such as Z, +01, -0530 or +01:19:32."""
    digits = offset.replace("Z", "+").replace(":", "").ljust(7, "0")
    hours, minutes, seconds = (int(digits[place : place + 2]) for place in (1, 3, 5))
    time(hours, minutes, seconds)  # raises a ValueError where there are too many
    return (hours * 3600 + minutes * 60 + seconds) * (-1 if digits[0] == "-" else 1)


def _zone(seconds: int) -> timezone:
    return timezone(timedelta(seconds=seconds)) if seconds else UTC


def _in_format_of_first(texts: pa.ChunkedArray, column: Any) -> Any:  # noqa: ANN401
    present = texts.drop_null()
    layout = pd.tseries.api.guess_datetime_format(present[0].as_py())
    if layout is None or _any_match(texts, r"^\D*$") or _any_match(texts, _TOO_FINE):  # pandas reads "now" and "NaT"
        raise ValueError("not a format of datetimes")
    return pd.to_datetime(pd.Series(column, copy=False), format=layout).array


def _of_unit(column: Any, target: Any) -> Any:  # noqa: ANN401
    """A column in the unit of a type, or in its own where that would change a value."""
    if target is None:
        return column
    unit = target.unit if isinstance(target, pd.DatetimeTZDtype) else np.datetime_data(target)[0]
    try:
        converted = column.as_unit(unit)
    except pd.errors.OutOfBoundsDatetime, pd.errors.OutOfBoundsTimedelta:
        return column
    is_same = (converted == column) | column.isna()
    return converted if is_same.all() else column


def _any_match(texts: pa.ChunkedArray, pattern: str) -> bool:
    return bool(pc.any(pc.match_substring_regex(texts, pattern)).as_py())
