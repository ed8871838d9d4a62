"""The stream of a table: an object in pieces."""

import json
from collections.abc import Buffer, Callable, Iterator, Sequence
from typing import Any

import msgspec
import pandas as pd

from ..columns import Reader
from ..hooks import key_text
from .writers import Form

# Limits of a piece, so that other threads get the GIL and memory stays flat: cells, for some milliseconds of work, and
# bytes, estimated from the piece before; so the first piece is small (in rows).
_CELLS = 20_000
_BYTES = 192 * 1024
_FIRST = 100
_GROWTH = 4


class TableStream:
    """A table that is ready to be streamed: its constructor raises all errors.

    The object has the members of the framework's own `DataSource.to_json`: `data`, a list of rows by column label;
    `columns`, the labels; `dtypes` by label; `index`. Of two columns with the same label, the last one counts.

    Raises:
        UnencodableValue: A cell or a label has no natural form.
    """

    def __init__(self, table: pd.DataFrame, form: Form) -> None:
        # Copy-on-write: while this shallow copy exists, a write to the table does not change these rows.
        self._table = table = table.copy(deep=False)
        labels = [label_text(label) for label in table.columns]
        positions = {label: position for position, label in enumerate(labels)}
        self._row = row_maker(list(positions))
        self._form = form
        columns = [column for _, column in table.items()]  # by position, three times as fast as `iloc`
        self._columns = [form.reader(columns[position]) for position in positions.values()]
        self._index = form.reader(table.index)
        self._labels = form.value(table.columns)
        self._dtypes = form.value(dict(zip(labels, map(str, table.dtypes), strict=True)))

    def pieces(self) -> Iterator[Buffer]:
        """The object in pieces of up to about 192 KiB."""
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
        """An item for each row, in pieces of at most ``most`` items."""
        start, count, length = 0, min(_FIRST, most), len(self._table)
        while start < length:
            stop = min(start + count, length)
            made = [self._form.items(read(start, stop))]
            count = max(1, min(most, count * _GROWTH, (stop - start) * _BYTES // len(made[0])))
            if start:
                yield self._form.comma
            start = stop
            yield made.pop()  # keeps no reference to the piece


def label_text(label: object) -> str:
    """A column's label as a key: that of json.dumps, as in the framework, if it accepts the label."""
    try:
        (text,) = json.loads(json.dumps({label: None}))
    except TypeError, ValueError:
        return key_text(label)
    return str(text)


def row_maker(labels: Sequence[str]) -> Callable[..., Any]:
    """The constructor of a row: a Struct, which is created and encoded several times faster than a dict."""
    names = [f"c{position}" for position in range(len(labels))]
    try:
        return msgspec.defstruct(
            "Row", [(name, Any) for name in names], rename=dict(zip(names, labels, strict=True)), gc=False
        )
    except ValueError:  # msgspec does not accept names that need escapes
        return lambda *cells: dict(zip(labels, cells, strict=True))
