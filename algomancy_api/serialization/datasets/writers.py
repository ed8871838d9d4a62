"""The two forms that a dataset is streamed in. What is common to both is written once, against `Form`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import pandas as pd

from ..columns import Column, Reader
from ..datetimes import Array
from ..hooks import natural_form
from ..json_encoder import encode
from ..messagepack import array_header, map_header, pack_items, packed, plain
from .cells import cell_reader

_encoder = msgspec.json.Encoder(enc_hook=natural_form)


@dataclass(frozen=True)
class Form:
    """How a form writes the parts of a document.

    Args:
        value: Any value, whole.
        reader: How to read a column, in slices that `items` takes.
        items: The items of an array without what surrounds them.
        begin_array, begin_map: What stands before so many items or members.
        comma, colon: What stands between two items or members, and behind a name.
        end_array, end_map: What stands behind the last item or member.
    """

    value: Callable[[object], bytes]
    reader: Callable[[Column], Reader]
    items: Callable[[list[Any]], memoryview]
    begin_array: Callable[[int], bytes]
    begin_map: Callable[[int], bytes]
    comma: bytes
    colon: bytes
    end_array: bytes
    end_map: bytes

    def member(self, name: str, value: bytes = b"") -> bytes:
        """A member of a map; without a value, that is to follow."""
        return self.value(name) + self.colon + value


def _json(cells: list[Any]) -> bytes:
    try:
        return _encoder.encode(cells)
    except ArithmeticError, ValueError:  # a lone surrogate, or a number of very many digits
        return encode(cells)


def _plain_reader(column: Column) -> Reader:
    """How to read a column's cells as its JSON has them: numbers, texts, true, false and null."""
    read, dtype = cell_reader(column), column.dtype
    if isinstance(dtype, pd.StringDtype):
        return lambda start, stop: [cell if type(cell) is str else None for cell in read(start, stop)]
    if isinstance(dtype, np.dtype) and dtype.kind in "biuMm":  # msgspec writes those of time as texts
        return read
    if isinstance(dtype, np.dtype) and dtype == np.float64:
        array = column.to_numpy()
        return lambda start, stop: _finite(array[start:stop])
    return lambda start, stop: plain(_json(read(start, stop)))


def _finite(array: Array) -> list[Any]:
    cells: list[Any] = array.tolist()
    for position in np.flatnonzero(~np.isfinite(array)):
        cells[position] = None
    return cells


JSON = Form(
    value=encode,
    reader=cell_reader,
    items=lambda cells: memoryview(_json(cells))[1:-1],
    begin_array=lambda _: b"[",
    begin_map=lambda _: b"{",
    comma=b",",
    colon=b":",
    end_array=b"]",
    end_map=b"}",
)

MESSAGEPACK = Form(
    value=lambda value: packed(encode(value)),
    reader=_plain_reader,
    items=pack_items,
    begin_array=array_header,
    begin_map=map_header,
    comma=b"",
    colon=b"",
    end_array=b"",
    end_map=b"",
)
