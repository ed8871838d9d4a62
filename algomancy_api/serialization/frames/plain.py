"""Arrays of numpy and pandas whose values lie in one buffer, which Arrow takes and gives as it is.

No value is looked at: a NaN keeps its bits, and NaT is the number that it is in memory, not a null of Arrow's.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from .errors import Refused
from .forms import Encoded, slices
from .numpy_dtypes import dtype_from_parts, dtype_parts
from .scalars import quietly
from .timezones import zone_from_parts, zone_parts

type Arrays = Iterator[pa.ChunkedArray]


class NumpyForm:
    """An array of numpy, not of objects."""

    def encode(self, array: np.ndarray) -> Encoded:
        description = {"form": "numpy", "dtype": dtype_parts(array.dtype)}
        if not array.dtype.itemsize:
            raise Refused(f"dtype {array.dtype!r}")
        return Encoded(description, [_to_arrow(array)])

    def decode(self, description: dict[str, Any], arrays: Arrays) -> np.ndarray:
        return _to_numpy(next(arrays), dtype_from_parts(description["dtype"]))


class MaskedForm:
    """Int64, Float32, boolean and the like, where a mask says what is NA. A NaN is no NA."""

    def encode(self, array: Any) -> Encoded:  # noqa: ANN401
        values, mask = array._data, array._mask
        chunks = [pa.array(values[some], mask=mask[some]) for some in slices(len(array))]
        arrow = pa.chunked_array(chunks, pa.from_numpy_dtype(values.dtype))
        return Encoded({"form": "masked", "dtype": array.dtype.name}, [arrow])

    def decode(self, description: dict[str, Any], arrays: Arrays) -> Any:  # noqa: ANN401
        dtype: Any = pd.api.types.pandas_dtype(description["dtype"])
        chunked = next(arrays)
        mask = np.empty(len(chunked), bool)
        start = 0
        for chunk in chunked.chunks:
            mask[start : start + len(chunk)] = chunk.is_null().to_numpy(zero_copy_only=False)
            start += len(chunk)
        return dtype.construct_array_type()(_to_numpy(chunked, dtype.numpy_dtype), mask)


class ZonedForm:
    """Times of a time zone, kept in UTC."""

    def encode(self, array: Any) -> Encoded:  # noqa: ANN401
        description = {"form": "zoned", "unit": array.dtype.unit, "zone": zone_parts(array.dtype.tz)}
        return Encoded(description, [_to_arrow(array.view("i8").view(f"M8[{array.dtype.unit}]"))])

    def decode(self, description: dict[str, Any], arrays: Arrays) -> Any:  # noqa: ANN401
        values = _to_numpy(next(arrays), np.dtype(f"M8[{description['unit']}]"))
        index = pd.DatetimeIndex(values, copy=False).tz_localize("UTC")
        return index.tz_convert(zone_from_parts(description["zone"])).array


class PeriodForm:
    """Periods, as their number since 1970."""

    def encode(self, array: Any) -> Encoded:  # noqa: ANN401
        name = str(array.dtype)
        if quietly(pd.api.types.pandas_dtype, name) != array.dtype:
            raise Refused(f"dtype {array.dtype!r}")
        return Encoded({"form": "period", "dtype": name}, [_to_arrow(array.view("i8"))])

    def decode(self, description: dict[str, Any], arrays: Arrays) -> Any:  # noqa: ANN401
        dtype = quietly(pd.api.types.pandas_dtype, description["dtype"])
        return pd.arrays.PeriodArray(_to_numpy(next(arrays), np.dtype("i8")), dtype=dtype)


def _arrow_type(dtype: np.dtype[Any]) -> pa.DataType:
    if dtype.kind == "m":
        return pa.duration(np.datetime_data(dtype)[0]) if _is_plain_time(dtype) else pa.int64()
    if dtype.kind == "M":
        return pa.timestamp(np.datetime_data(dtype)[0]) if _is_plain_time(dtype) else pa.int64()
    if dtype.kind in "iuf" and dtype.itemsize <= 8:
        return pa.from_numpy_dtype(dtype)
    # Complex numbers, long double, bytes of one length.
    return pa.binary(dtype.itemsize)


def _is_plain_time(dtype: np.dtype[Any]) -> bool:
    unit, count = np.datetime_data(dtype)
    return count == 1 and unit in {"s", "ms", "us", "ns"}


def _to_arrow(array: np.ndarray) -> pa.ChunkedArray:
    if array.dtype.kind == "b":
        return pa.chunked_array([pa.array(array[some]) for some in slices(len(array))], pa.bool_())
    dtype = array.dtype.newbyteorder("=")
    native = np.ascontiguousarray(array.astype(dtype, copy=False))
    data = pa.py_buffer(native.view(np.uint8))
    return pa.chunked_array([pa.Array.from_buffers(_arrow_type(dtype), len(native), [None, data])])


def _to_numpy(arrow: pa.ChunkedArray, dtype: np.dtype[Any]) -> np.ndarray:
    if dtype.kind == "b":
        chunks = [chunk.fill_null(False).to_numpy(zero_copy_only=False) for chunk in arrow.chunks]
        return np.concatenate([np.empty(0, bool), *chunks])
    native = dtype.newbyteorder("=")
    if arrow.type != _arrow_type(native):
        raise ValueError(f"a column of the type {arrow.type} for {dtype}")
    values = np.empty(len(arrow), native)
    start = 0
    for chunk in arrow.chunks:
        data = chunk.buffers()[1]
        if len(chunk):
            values[start : start + len(chunk)] = np.frombuffer(data, native, len(chunk), chunk.offset * native.itemsize)
        start += len(chunk)
    return values.astype(dtype, copy=False)
