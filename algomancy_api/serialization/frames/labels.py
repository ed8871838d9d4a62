"""Indexes: of rows, of columns, and of the categories of a categorical."""

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pyarrow as pa
from pandas.tseries import offsets

from .errors import Refused, type_name
from .forms import Codec, Encoded

type Arrays = Iterator[pa.ChunkedArray]

#: Indexes of one array, whose dtype decides which of them it is.
_OF_AN_ARRAY = frozenset(
    {pd.Index, pd.CategoricalIndex, pd.DatetimeIndex, pd.IntervalIndex, pd.PeriodIndex, pd.TimedeltaIndex}
)


def encode_index(index: Any, codec: Codec) -> Encoded:  # noqa: ANN401
    """An index as arrays of Arrow, for `decode_index`.

    Raises:
        Refused: It cannot be kept exactly.
    """
    if type(index) is pd.RangeIndex:
        steps = [index.start, index.stop, index.step]
        return Encoded({"index": "range", "steps": steps, "name": index.name}, [])
    if type(index) is pd.MultiIndex:
        return _encode_levels(index, codec)
    if type(index) not in _OF_AN_ARRAY:
        raise Refused(f"an index of type {type_name(index)}")
    values = codec.encode(index.array)
    freq = _offset_parts(index.freq) if type(index) in {pd.DatetimeIndex, pd.TimedeltaIndex} else None
    return Encoded({"index": "array", "values": values.description, "freq": freq, "name": index.name}, values.arrays)


def decode_index(description: dict[str, Any], arrays: Arrays, codec: Codec) -> Any:  # noqa: ANN401
    """The index of `encode_index`."""
    kind = description["index"]
    if kind == "range":
        start, stop, step = description["steps"]
        return pd.RangeIndex(start, stop, step, name=description["name"])
    if kind == "levels":
        return _decode_levels(description, arrays, codec)
    values = codec.decode(description["values"], arrays)
    # Typed as any: the stubs know only some dtypes.
    make: Any = pd.Index
    index = make(values, dtype=values.dtype, name=description["name"], copy=False, tupleize_cols=False)
    return _with_freq(index, _offset(description["freq"]))


def _encode_levels(index: Any, codec: Codec) -> Encoded:  # noqa: ANN401
    try:
        levels = [codec.pack_index(level) for level in index.levels]
    except Refused as refused:
        raise Refused(f"value {refused.position} of a level: {refused.reason}") from refused
    codes = [codec.encode(code) for code in index.codes]
    description = {
        "levels": levels,
        "codes": [code.description for code in codes],
        "names": list(index.names),
        "sortorder": index.sortorder,
    }
    return Encoded({"index": "levels", **description}, [array for code in codes for array in code.arrays])


def _decode_levels(description: dict[str, Any], arrays: Arrays, codec: Codec) -> pd.MultiIndex:
    levels = [codec.unpack_index(level) for level in description["levels"]]
    codes = [codec.decode(code, arrays) for code in description["codes"]]
    # What pandas itself would verify is more, and would give a NaN within a level another code.
    for level, code in zip(levels, codes, strict=True):
        if len(code) and not -1 <= code.min() <= code.max() < len(level):
            raise ValueError("a code of no value of its level")
    make: Any = pd.MultiIndex
    names, sortorder = description["names"], description["sortorder"]
    index: pd.MultiIndex = make(levels, codes, sortorder=sortorder, names=names, verify_integrity=False)
    return index


def _with_freq(index: Any, freq: Any) -> Any:  # noqa: ANN401
    """The index with a frequency. Its setter would make all the times anew, one by one, to compare them."""
    if freq is None:
        return index
    if hasattr(type(index), "_freq"):
        index._freq = freq
    else:
        index._data._freq = freq
    return index


def _offset_parts(freq: Any) -> list[Any] | None:  # noqa: ANN401
    """An offset as plain values, for `_offset`.

    Raises:
        Refused: It is of a type of the user's own, or has a calendar that its holidays do not make.
    """
    if freq is None:
        return None
    # A calendar is made anew from the holidays and the days of the week.
    keywords = {name: value for name, value in freq.kwds.items() if name != "calendar"}
    parts = [type(freq).__name__, freq.n, freq.normalize, keywords]
    try:
        restored = _offset(parts)
    except Exception as error:
        raise Refused(f"frequency {freq!r} of type {type_name(freq)}") from error
    if type(restored) is not type(freq) or restored != freq:
        raise Refused(f"frequency {freq!r} of type {type_name(freq)}")
    return parts


def _offset(parts: list[Any] | None) -> Any:  # noqa: ANN401
    """The offset of `_offset_parts`."""
    if parts is None:
        return None
    name, count, normalize, keywords = parts
    kind = getattr(offsets, name)
    # The offsets of a fixed length, as Hour, know no times to begin with.
    return kind(count, normalize=normalize, **keywords) if normalize or keywords else kind(count)
