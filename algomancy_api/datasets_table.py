"""A table as a JSON object, in pieces."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import pandas as pd

from .datasets_cells import cell_reader
from .values import encode
from .values_columns import Reader
from .values_forms import key_text, natural_form

# What bounds a piece, so that other threads get the interpreter and memory stays flat: its cells, some milliseconds of
# work, and its bytes, as far as they are known from the piece before, which is why the first is a small one.
_CELLS = 20_000
_BYTES = 512 * 1024
_FIRST = 100
_GROWTH = 4

_ENCODER = msgspec.json.Encoder(enc_hook=natural_form)


class TableJson:
    """A table, ready to be streamed: all that could fail has been done.

    The object has the members of the framework's own `DataSource.to_json`: `data`, a list of rows by column label;
    `columns`, the labels; `dtypes` by label; `index`. Of two columns of one label the last one counts.

    Raises:
        UnencodableValue: A cell or a label has no natural form.
    """

    def __init__(self, table: pd.DataFrame) -> None:
        # As long as this shallow copy is kept, pandas copies what someone writes to: these rows stay as they are.
        self._table = table = table.copy(deep=False)
        labels = [_label_text(label) for label in table.columns]
        positions = {label: position for position, label in enumerate(labels)}
        self._row = _row_maker(list(positions))
        self._columns = [cell_reader(table.iloc[:, position]) for position in positions.values()]
        self._index = cell_reader(table.index)
        self._labels = encode(table.columns)
        self._dtypes = encode(dict(zip(labels, map(str, table.dtypes), strict=True)))

    def pieces(self) -> Iterator[bytes]:
        """The JSON object, in pieces of some 512 KiB at most, many of which are much smaller."""
        yield b'{"data":['
        yield from _items(self._rows, len(self._table), max(1, _CELLS // max(1, len(self._columns))))
        yield b'],"columns":%b,"dtypes":%b,"index":[' % (self._labels, self._dtypes)
        yield from _items(self._index, len(self._table), _CELLS)
        yield b"]}"

    def _rows(self, start: int, stop: int) -> list[Any]:
        if not self._columns:
            return [{}] * (stop - start)
        return list(map(self._row, *[read(start, stop) for read in self._columns], strict=True))


def _items(read: Reader, length: int, most: int) -> Iterator[bytes]:
    """The items of a JSON array of that length, without its brackets, so many of them at most in a piece."""
    start, count = 0, min(_FIRST, most)
    while start < length:
        stop = min(start + count, length)
        piece = _encode(read(start, stop))
        yield (b"," if start else b"") + piece[1:-1]
        count = max(1, min(most, count * _GROWTH, (stop - start) * _BYTES // len(piece)))
        start = stop


def _encode(items: list[Any]) -> bytes:
    try:
        return _ENCODER.encode(items)
    except ArithmeticError, ValueError:  # a lone surrogate, or a number of very many digits
        return encode(items)


def _label_text(label: object) -> str:
    """A column's label as a key. The framework leaves that to json.dumps, where that knows how."""
    try:
        (text,) = json.loads(json.dumps({label: None}))
    except TypeError, ValueError:
        return key_text(label)
    return str(text)


def _row_maker(labels: Sequence[str]) -> Callable[..., Any]:
    """What makes a row of one cell from each column. A Struct is made and encoded several times faster than a dict."""
    names = [f"c{position}" for position in range(len(labels))]
    try:
        return msgspec.defstruct(
            "Row", [(name, Any) for name in names], rename=dict(zip(names, labels, strict=True)), gc=False
        )
    except ValueError:  # msgspec refuses names that would have to be escaped
        return lambda *cells: dict(zip(labels, cells, strict=True))
