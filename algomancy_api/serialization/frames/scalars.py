"""The tags of values of numpy and pandas."""

import warnings
from typing import Any

import numpy as np
import pandas as pd

from .cells import Tag, register
from .errors import Refused
from .numpy_dtypes import array_from_bytes, dtype_from_parts, dtype_parts
from .timezones import zone_from_parts, zone_parts


def quietly(make: Any, *arguments: Any) -> Any:  # noqa: ANN401
    """Call what pandas warns of, as it does of some frequencies: what was made once is made again."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return make(*arguments)


def _scalar_parts(value: Any) -> list[Any]:  # noqa: ANN401
    return [dtype_parts(value.dtype), value.tobytes()]


def _scalar(parts: list[Any]) -> Any:  # noqa: ANN401
    dtype, data = parts
    return array_from_bytes(data, dtype_from_parts(dtype), [1])[0]


def _array_parts(value: np.ndarray) -> list[Any]:
    fortran = value.flags.f_contiguous and not value.flags.c_contiguous
    if value.dtype.kind == "O":
        # The cells in the order of C, whatever the array's own is.
        return [None, list(value.shape), fortran, list(value.flat)]
    return [dtype_parts(value.dtype), list(value.shape), fortran, value.tobytes("F" if fortran else "C")]


def _array(parts: list[Any]) -> np.ndarray:
    dtype, shape, fortran, data = parts
    order: Any = "F" if fortran else "C"
    if dtype is not None:
        return array_from_bytes(data, dtype_from_parts(dtype), shape, order)
    array = np.empty(shape, object, order)
    if len(data) != array.size:
        raise ValueError(f"{len(data)} values for {array.size}")
    for position, cell in enumerate(data):
        array.flat[position] = cell
    return array


def _timestamp_parts(value: pd.Timestamp) -> list[Any]:
    zone = None if value.tzinfo is None else zone_parts(value.tzinfo)
    return [value.unit, int(value.to_datetime64().astype(np.int64)), zone, value.fold]


def _timestamp(parts: list[Any]) -> Any:  # noqa: ANN401
    unit, number, zone, fold = parts
    value = pd.Timestamp(np.datetime64(number, unit))
    if zone is not None:
        value = value.tz_localize("UTC").tz_convert(zone_from_parts(zone))
    return value if value.fold == fold else value.replace(fold=fold)


def _timedelta_parts(value: pd.Timedelta) -> list[Any]:
    return [value.unit, int(value.to_timedelta64().astype(np.int64))]


def _timedelta(parts: list[Any]) -> Any:  # noqa: ANN401
    unit, number = parts
    return pd.Timedelta(np.timedelta64(number, unit))


def _period_parts(value: Any) -> list[Any]:  # noqa: ANN401
    parts = [value.ordinal, value.freqstr]
    restored = _period(parts)
    if restored != value or restored.freq != value.freq:
        raise Refused(f"a period of the frequency {value.freqstr!r}")
    return parts


def _period(parts: list[Any]) -> Any:  # noqa: ANN401
    ordinal, freq = parts
    return quietly(lambda: pd.Period(ordinal=ordinal, freq=freq))


def _interval(parts: list[Any]) -> Any:  # noqa: ANN401
    left, right, closed = parts
    return pd.Interval(left, right, closed)


#: The letters of the dtypes of numpy whose scalars are their bytes. Those of texts drop zeros at the end.
_SCALARS = "?bhilqpBHILQPefdgFDG"

register(
    *(
        Tag(40 + number, kind, _scalar_parts, _scalar)
        for number, kind in enumerate(dict.fromkeys(np.dtype(letter).type for letter in _SCALARS))
    ),
    Tag(70, np.datetime64, _scalar_parts, _scalar),
    Tag(71, np.timedelta64, _scalar_parts, _scalar),
    Tag(72, np.str_, str, np.str_),
    Tag(73, np.bytes_, bytes, np.bytes_),
    Tag(74, np.ndarray, _array_parts, _array),
    Tag(80, type(pd.NA), lambda _: None, lambda _: pd.NA),
    Tag(81, type(pd.NaT), lambda _: None, lambda _: pd.NaT),
    Tag(82, pd.Timestamp, _timestamp_parts, _timestamp),
    Tag(83, pd.Timedelta, _timedelta_parts, _timedelta),
    Tag(84, pd.Period, _period_parts, _period),
    Tag(85, pd.Interval, lambda value: [value.left, value.right, value.closed], _interval),
)
