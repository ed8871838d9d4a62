"""Tables compared exactly: what `pandas.testing` lets pass, such as the type of a cell, is a difference here."""

import struct
from datetime import datetime, time, tzinfo
from decimal import Decimal
from io import BytesIO
from typing import Any

import numpy as np
import pandas as pd

from algomancy_api.serialization.frames import read_frame, write_frame


def written(frame: pd.DataFrame) -> bytes:
    sink = BytesIO()
    write_frame(frame, sink)
    return sink.getvalue()


def kept(frame: pd.DataFrame) -> pd.DataFrame:
    """The table after it was written and read."""
    return read_frame(BytesIO(written(frame)))


def assert_kept(frame: pd.DataFrame) -> None:
    assert_same_frame(kept(frame), frame)


def assert_same_frame(one: pd.DataFrame, other: pd.DataFrame) -> None:
    assert type(one) is type(other)
    assert one.shape == other.shape
    assert_same_index(one.columns, other.columns)
    assert_same_index(one.index, other.index)
    for position in range(other.shape[1]):
        assert_same_array(one.iloc[:, position].array, other.iloc[:, position].array)
    assert_same_cell(one.attrs, other.attrs)
    assert one.flags.allows_duplicate_labels == other.flags.allows_duplicate_labels


def assert_same_index(one: Any, other: Any) -> None:
    assert type(one) is type(other)
    assert_same_cell(list(one.names), list(other.names))
    if isinstance(other, pd.RangeIndex):
        assert (one.start, one.stop, one.step) == (other.start, other.stop, other.step)
    elif isinstance(other, pd.MultiIndex):
        assert one.sortorder == other.sortorder  # type: ignore[attr-defined]
        assert one.nlevels == other.nlevels
        for level, other_level in zip(one.levels, other.levels, strict=True):
            assert_same_index(level, other_level)
        for codes, other_codes in zip(one.codes, other.codes, strict=True):
            assert_same_array(codes, other_codes)
    else:
        assert_same_array(one.array, other.array)
        freq, other_freq = getattr(one, "freq", None), getattr(other, "freq", None)
        assert type(freq) is type(other_freq)
        assert freq == other_freq


def assert_same_array(one: Any, other: Any) -> None:
    assert type(one) is type(other)
    assert type(one.dtype) is type(other.dtype)
    assert one.dtype == other.dtype
    assert len(one) == len(other)
    if isinstance(other, pd.Categorical):
        assert_same_array(one.codes, other.codes)
        assert_same_index(one.categories, other.categories)
        assert one.ordered is other.ordered
    elif isinstance(other, pd.arrays.IntervalArray):
        assert_same_array(one.left.array, other.left.array)
        assert_same_array(one.right.array, other.right.array)
    elif isinstance(other, pd.arrays.SparseArray):
        assert type(one.sp_index) is type(other.sp_index)
        assert_same_array(one.sp_index.indices, other.sp_index.indices)
        assert_same_array(one.sp_values, other.sp_values)
        assert_same_cell(one.fill_value, other.fill_value)
    elif hasattr(other, "_mask"):
        assert_same_array(one._mask, other._mask)
        assert_same_array(one._data[~one._mask], other._data[~other._mask])
    elif isinstance(other.dtype, pd.ArrowDtype):
        assert one._pa_array.type.equals(other._pa_array.type, check_metadata=True)
        if not one._pa_array.equals(other._pa_array):
            # It has a NaN, or other dictionaries for the same values.
            assert_same_cell(one._pa_array.to_pylist(), other._pa_array.to_pylist())
    elif isinstance(other.dtype, pd.PeriodDtype):
        assert_same_array(one.view("i8"), other.view("i8"))
    elif isinstance(other.dtype, pd.DatetimeTZDtype):
        assert_same_zone(one.dtype.tz, other.dtype.tz)
        assert_same_array(one.view("i8"), other.view("i8"))
    elif isinstance(other.dtype, np.dtype) or isinstance(other, pd.arrays.NumpyExtensionArray):
        assert_same_numpy(np.asarray(one), np.asarray(other))
    else:
        assert_same_numpy(one.to_numpy(object), other.to_numpy(object))


def assert_same_numpy(one: np.ndarray, other: np.ndarray) -> None:
    assert type(one) is type(other)
    assert one.shape == other.shape
    assert (one.dtype.char, one.dtype) == (other.dtype.char, other.dtype)
    if other.dtype == object:
        for cell, other_cell in zip(one.flat, other.flat, strict=True):
            assert_same_cell(cell, other_cell)
    else:
        assert one.tobytes() == other.tobytes()


def assert_same_zone(one: tzinfo | None, other: tzinfo | None) -> None:
    assert type(one) is type(other)
    assert one == other
    assert repr(one) == repr(other)


def assert_same_cell(one: Any, other: Any) -> None:  # noqa: C901
    assert type(one) is type(other)
    if isinstance(other, float) and type(other) is float:
        assert struct.pack("d", one) == struct.pack("d", other)
    elif isinstance(other, complex) and type(other) is complex:
        assert_same_cell([one.real, one.imag], [other.real, other.imag])
    elif isinstance(other, list | tuple):
        assert len(one) == len(other)
        for cell, other_cell in zip(one, other, strict=True):
            assert_same_cell(cell, other_cell)
    elif isinstance(other, dict):
        assert_same_cell(list(one.items()), list(other.items()))
    elif isinstance(other, set | frozenset):
        assert_same_cell(sorted(one, key=repr), sorted(other, key=repr))
    elif isinstance(other, slice):
        assert_same_cell([one.start, one.stop, one.step], [other.start, other.stop, other.step])
    elif isinstance(other, np.ndarray):
        assert one.flags.fnc == other.flags.fnc
        assert_same_numpy(one, other)
    elif isinstance(other, np.generic):
        assert one.dtype.char == other.dtype.char
        assert one.tobytes() == other.tobytes()
        assert one.dtype == other.dtype
    elif other is not pd.NA and other is not pd.NaT:
        # A NaN of decimals equals nothing, or cannot even be compared.
        assert isinstance(other, Decimal) or one == other
        assert str(one) == str(other)
        assert getattr(one, "unit", None) == getattr(other, "unit", None)
        if isinstance(other, datetime | time):
            assert one.fold == other.fold
            assert_same_zone(one.tzinfo, other.tzinfo)
