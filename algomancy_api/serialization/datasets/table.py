"""A table as an object, in pieces."""

import json
from collections.abc import Buffer, Callable, Iterator, Sequence
from typing import Any

import msgspec
import pandas as pd

from ..columns import Reader
from ..hooks import key_text
from .writers import Form

# What bounds a piece, so that other threads get the interpreter and memory stays flat: its cells, some milliseconds of
# work, and its bytes, as far as they are known from the piece before, which is why the first is a small one.
_CELLS = 20_000
_BYTES = 192 * 1024
_FIRST = 100
_GROWTH = 4


class TableStream:
    """A table, ready to be streamed: all that could fail has been done.

    The object has the members of the framework's own `DataSource.to_json`: `data`, a list of rows by column label;
    `columns`, the labels; `dtypes` by label; `index`. Of two columns of one label the last one counts.

    Raises:
        UnencodableValue: A cell or a label has no natural form.
    """

    def __init__(self, table: pd.DataFrame, form: Form) -> None:
        # As long as this shallow copy is kept, pandas copies what someone writes to: these rows stay as they are.
        self._table = table = table.copy(deep=False)
        labels = [_label_text(label) for label in table.columns]
        positions = {label: position for position, label in enumerate(labels)}
        self._row = _row_maker(list(positions))
        self._form = form
        columns = [column for _, column in table.items()]  # by position, and in a third of the time of `iloc`
        self._columns = [form.reader(columns[position]) for position in positions.values()]
        self._index = form.reader(table.index)
        self._labels = form.value(table.columns)
        self._dtypes = form.value(dict(zip(labels, map(str, table.dtypes), strict=True)))

    def pieces(self) -> Iterator[Buffer]:
        """The object, in pieces of some 192 KiB, many of which are much smaller."""
        form, length = self._form, len(self._table)
        yield form.begin_map(4) + form.member("data") + form.begin_array(length)
        yield from self._items(self._rows, max(1, _CELLS // max(1, len(self._columns))))
        yield form.end_array + form.comma + form.member("columns", self._labels) + form.comma
        yield form.member("dtypes", self._dtypes) + form.comma + form.member("index") + form.begin_array(length)
        yield from self._items(self._index, _CELLS)
        yield form.end_array + form.end_map

    def _rows(self, start: int, stop: int) -> list[Any]:
        if not self._columns:
            return [{}] * (stop - start)
        return list(map(self._row, *[read(start, stop) for read in self._columns], strict=True))

    def _items(self, read: Reader, most: int) -> Iterator[Buffer]:
        """An item for each row, so many of them at most in a piece."""
        start, count, length = 0, min(_FIRST, most), len(self._table)
        while start < length:
            stop = min(start + count, length)
            made = [self._form.items(read(start, stop))]
            count = max(1, min(most, count * _GROWTH, (stop - start) * _BYTES // len(made[0])))
            if start:
                yield self._form.comma
            start = stop
            yield made.pop()  # nothing here holds it any longer


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
