"""Arrays of any Python objects.

If all cells have one simple type, or are None, they become an array of Arrow of that type. Otherwise each of them is
packed with its type.
"""

from collections.abc import Iterator
from datetime import date, datetime
from types import NoneType
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from .cells import pack, unpack
from .errors import Refused
from .forms import Encoded, one_chunk, slices

type Arrays = Iterator[pa.ChunkedArray]

_TYPES: dict[type, pa.DataType] = {
    NoneType: pa.null(),
    bool: pa.bool_(),
    int: pa.int64(),
    float: pa.float64(),
    str: pa.large_string(),
    bytes: pa.large_binary(),
    date: pa.date32(),
    datetime: pa.timestamp("us"),
}


class ObjectForm:
    """An array of objects."""

    def encode(self, array: np.ndarray) -> Encoded:
        arrow = _of_one_type(array)
        tagged = arrow is None
        return Encoded({"form": "object", "tagged": tagged}, [_tagged(array) if arrow is None else arrow])

    def decode(self, description: dict[str, Any], arrays: Arrays) -> np.ndarray:
        arrow = next(arrays)
        values = np.empty(len(arrow), object)
        start = 0
        for chunk in arrow.chunks:
            for some in slices(len(chunk)):
                cells: Any = chunk[some].to_pylist()
                if description["tagged"]:
                    cells = map(unpack, cells)
                # Lists would be taken for rows of an array, if they were assigned as a list.
                count = len(chunk[some])
                values[start : start + count] = np.fromiter(cells, object, count)
                start += count
        return values


class StringForm:
    """Texts of the dtypes `str` and `string`, whichever package holds them."""

    def encode(self, array: Any) -> Encoded:  # noqa: ANN401
        dtype = array.dtype
        # The dtype need not say which package holds the texts: that of a `StringArray` may be "pyarrow".
        held = isinstance(array, pd.arrays.ArrowStringArray)
        missing = "NA" if dtype.na_value is pd.NA else "nan"
        description = {"form": "string", "storage": dtype.storage, "missing": missing, "objects": not held}
        if held:
            return Encoded(description, [array.__arrow_array__()])
        # A copy: the cells of the array itself stay as they are.
        cells: Any = np.where(array.isna(), None, array.to_numpy(object))
        inner = ObjectForm().encode(cells)
        return Encoded({**description, "tagged": inner.description["tagged"]}, inner.arrays)

    def decode(self, description: dict[str, Any], arrays: Arrays) -> Any:  # noqa: ANN401
        missing = pd.NA if description["missing"] == "NA" else np.nan
        dtype: Any = pd.StringDtype(description["storage"], na_value=missing)
        if not description["objects"]:
            return dtype.__from_arrow__(one_chunk(next(arrays)))
        cells = ObjectForm().decode(description, arrays)
        cells[np.equal(cells, None)] = missing  # type: ignore[call-overload]
        make: Any = dtype.construct_array_type() if dtype.storage == "python" else pd.arrays.StringArray
        return make(cells, dtype=dtype)


def _of_one_type(array: np.ndarray) -> pa.ChunkedArray | None:
    """The array as one of a simple type, or None if its cells are not of one such type."""
    kinds: set[type] = set()
    for some in slices(len(array)):
        kinds.update(map(type, array[some].tolist()))
        if len(kinds - {NoneType}) > 1:
            return None
    kind = next(iter(kinds - {NoneType}), NoneType)
    if kind not in _TYPES:
        return None
    chunks = []
    try:
        for some in slices(len(array)):
            cells = array[some].tolist()
            if kind is datetime and any(cell and (cell.tzinfo or cell.fold) for cell in cells):
                return None
            chunks.append(pa.array(cells, _TYPES[kind], from_pandas=False))
    except ValueError, OverflowError:
        # An int of more than 64 bits, a text with half of a surrogate pair.
        return None
    return pa.chunked_array(chunks, _TYPES[kind])


def _tagged(array: np.ndarray) -> pa.ChunkedArray:
    chunks = []
    for some in slices(len(array)):
        cells = array[some].tolist()
        try:
            chunks.append(pa.array([pack(cell) for cell in cells], pa.large_binary()))
        except Refused as refused:
            raise _located(cells, some.start, refused) from refused
    return pa.chunked_array(chunks, pa.large_binary())


def _located(cells: list[Any], start: int, refused: Refused) -> Refused:
    """The refusal with the position of the first cell that cannot be packed."""
    for position, cell in enumerate(cells, start):
        try:
            pack(cell)
        except Refused as first:
            return Refused(first.reason, position)
    return refused
