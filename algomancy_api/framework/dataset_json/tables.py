"""A table from its parts."""

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

import msgspec
import pandas as pd
import pyarrow as pa

from ...serialization.datasets.table import label_text
from ...serialization.json_depth import nests_deeper
from .cells import Cells
from .columns import as_read, column_of, is_untyped
from .exact import is_missing
from .rows import RowDecoder
from .scanner import Run, Scanner

#: Levels: the document, its tables and the table, around a table's members.
_AROUND_MEMBERS = 3

#: Seconds: a pause between pieces. Calls into Arrow release the GIL so briefly that no other thread takes it, and each
#: release restarts the interval after which Python would force a switch: the event loop would wait for half a second.
_PAUSE = 1e-6

#: Bytes: of a large column.
_LARGE = 4 * 1024 * 1024

_LISTED = ("data", "index")


class TableParts:
    """The parts of a table, in a document that stays where it is.

    Args:
        scanner: Just before the table; it is moved behind it.
        document: What the scanner scans.
        nesting: How deep lists and objects may be nested in the document.

    Raises:
        ValueError: The text is not JSON, or nested too deeply.
    """

    def __init__(self, scanner: Scanner, document: bytes, nesting: float) -> None:
        self._document = document
        self._depth = nesting - _AROUND_MEMBERS
        self._runs: dict[str, list[Run]] = {}
        self._values: dict[str, Any] = {}
        for name in scanner.members():
            if name in _LISTED and (name in self._runs or name in self._values):
                raise ValueError("a member is there twice")
            if name in _LISTED and scanner.is_array():
                self._runs[name] = scanner.items()
            else:
                self._values[name] = parsed(scanner.value(), self._depth)

    def table(self) -> pd.DataFrame:
        """The table.

        Raises:
            Exception: Any error for parts that do not make a table.
        """
        types = {label_text(name): dtype for name, dtype in self._values.get("dtypes", {}).items()}
        labels = self._values["columns"]
        if isinstance(labels, list) and self._runs.keys() == set(_LISTED):
            keys = list(map(_key, labels))
            try:
                count, columns = self._columns(keys, types)
            except TypeError:  # rows that are no objects
                return self._irregular(types)
            index = self._index()
            if not count:  # pandas makes missing cells of no rows
                count = len(index)
                for cells in columns.values():
                    cells.add([None] * count)
            if len(index) == count:
                # A column takes its cells with it, unless they are there twice: both of all of them would be much.
                take = columns.pop if len(columns) == len(keys) else columns.__getitem__
                return _frame(map(take, keys), [types.get(key) for key in keys], _labels(labels), index)
        return self._irregular(types)

    def _columns(self, keys: Sequence[str], types: Mapping[str, Any]) -> tuple[int, dict[str, Cells]]:
        """The number of rows, and the cells by column."""
        columns = {key: Cells(untyped=is_untyped(types.get(key))) for key in keys}
        decoder, total = RowDecoder(list(columns), self._depth), 0
        for start, end in self._runs["data"]:
            count, lists = decoder.columns(self._document[start:end])
            total += count
            time.sleep(_PAUSE)
            for cells, piece in zip(columns.values(), lists, strict=True):
                cells.add(piece)
        return total, columns

    def _index(self) -> pd.Index[Any]:
        cells = Cells()
        for items in self._lists("index"):
            cells.add(items)
        if all(isinstance(label, list) for label in chain.from_iterable(cells.lists())):
            return _labels(cells.objects().tolist())
        return _index_of(as_read(cells))

    def _lists(self, name: str) -> Iterable[list[Any]]:
        for start, end in self._runs[name]:
            yield parsed(b"[%b]" % self._document[start:end], self._depth)

    def _irregular(self, types: Mapping[str, Any]) -> pd.DataFrame:
        """A table from rows that are lists, columns that are lists, or whatever else pandas accepts."""
        values = self._values | {name: list(chain.from_iterable(self._lists(name))) for name in self._runs}
        frame = pd.DataFrame(values["data"], columns=values["columns"], index=values["index"], dtype=object)
        keys = list(map(label_text, frame.columns))
        dtypes = [types.get(key) for key in keys]
        cells = [Cells(untyped=is_untyped(dtype)) for dtype in dtypes]
        for position, column in enumerate(cells):
            column.add([None if is_missing(cell) else cell for cell in frame.iloc[:, position]])
        return _frame(cells, dtypes, frame.columns, frame.index)


def parsed(text: bytes, depth: float) -> Any:  # noqa: ANN401 - JSON
    """A value, parsed as the framework does.

    Raises:
        ValueError: The text is not JSON, or nested more than ``depth`` levels deep.
    """
    if nests_deeper(text, depth):
        raise ValueError("nested too deeply")
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:  # Python accepts more: NaN, or a number beyond a float's range
        return json.loads(text.decode())


def _frame(columns: Iterable[Cells], types: Sequence[Any], labels: pd.Index[Any], index: pd.Index[Any]) -> pd.DataFrame:
    arrays = {}
    for position, pair in enumerate(zip(columns, types, strict=True)):
        arrays[position] = _series(column_of(*pair), index)
        if arrays[position].nbytes > _LARGE:  # the pieces of its cells are given back before the next one is made
            pa.default_memory_pool().release_unused()
    frame = pd.DataFrame(arrays, index=index)
    frame.columns = labels
    return frame


def _series(column: Any, index: pd.Index[Any]) -> pd.Series[Any]:  # noqa: ANN401 - an array
    """A column; objects stay objects, of which pandas would make texts if they all are texts."""
    series: pd.Series[Any] = pd.Series(column, index, dtype=column.dtype, copy=False)
    return series


def _labels(labels: Sequence[Any]) -> pd.Index[Any]:
    """An index of labels, of which lists are tuples."""
    if labels and all(isinstance(label, list) for label in labels):
        return pd.MultiIndex.from_tuples(list(map(tuple, labels)))
    return _index_of(labels)


def _index_of(labels: Any) -> pd.Index[Any]:  # noqa: ANN401 - a list or an array
    """An index of the type that pandas infers, or of objects for texts with a lone surrogate."""
    try:
        index: pd.Index[Any] = pd.Index(labels)
    except UnicodeEncodeError:
        index = pd.Index(labels, dtype=object)
    return index


def _key(label: object) -> str:
    """The name of a column's member in a row."""
    return label_text(tuple(label) if isinstance(label, list) else label)
