"""The two formats of a dataset's stream, JSON and MessagePack. Code for both uses `Form`."""

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
    """The syntax of a format.

    Args:
        value: Encodes any value.
        reader: The reader of a column, in slices for `items`.
        items: Encodes the items of an array, without its delimiters.
        begin_array, begin_map: The start of an array or map with a number of items or members.
        comma, colon: The delimiter of items or members, and that of a name and its value.
        end_array, end_map: The end of an array or map.
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
        """A member of a map; without a value, the caller writes the value next."""
        return self.value(name) + self.colon + value


def _json(cells: list[Any]) -> bytes:
    try:
        return _encoder.encode(cells)
    except ArithmeticError, ValueError:  # a lone surrogate, or a number with very many digits
        return encode(cells)


def _plain_reader(column: Column) -> Reader:
    """The reader of a column's cells as JSON types: numbers, strings, booleans and None."""
    read, dtype = cell_reader(column), column.dtype
    if isinstance(dtype, pd.StringDtype):
        return lambda start, stop: [cell if type(cell) is str else None for cell in read(start, stop)]
    if isinstance(dtype, np.dtype) and dtype.kind in "biuMm":  # msgspec encodes datetimes and timedeltas as strings
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
