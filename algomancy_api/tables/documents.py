"""A selection as a document of JSON or MessagePack: a list of rows, or an object with a list for each column.

The cells are those of the download of the whole dataset.
"""

from collections.abc import Buffer, Callable, Iterator
from functools import partial
from typing import Any

from ..serialization.columns import Reader
from ..serialization.datasets.table import row_maker
from ..serialization.datasets.writers import Form
from .columns import Column, Rows, check_encodable, slices
from .query import Selection

#: Cells: of a piece, for some milliseconds of work.
_CELLS = 20_000


def rows_pieces(selection: Selection, form: Form) -> Iterator[Buffer]:
    """A list with an object for each row.

    Raises:
        UnencodableValue: A cell has no natural form. Nothing has been made.
    """
    columns, rows = selection.columns, selection.rows
    check_encodable(columns, rows)
    make = row_maker([column.name for column in columns])

    def some_rows(some: Rows) -> list[Any]:
        if not columns:
            return [{}] * len(some)
        return list(map(make, *[_cells(column, some, form) for column in columns], strict=True))

    yield form.begin_array(len(rows))
    yield from _items(rows, some_rows, max(1, _CELLS // max(1, len(columns))), form)
    yield form.end_array


def columns_pieces(selection: Selection, form: Form) -> Iterator[Buffer]:
    """An object with the list of the cells of each column.

    Raises:
        UnencodableValue: A cell has no natural form. Nothing has been made.
    """
    columns, rows = selection.columns, selection.rows
    check_encodable(columns, rows)
    yield form.begin_map(len(columns))
    for number, column in enumerate(columns):
        yield (form.comma if number else b"") + form.member(column.name) + form.begin_array(len(rows))
        yield from _items(rows, partial(_cells, column, form=form), _CELLS, form)
        yield form.end_array
    yield form.end_map


def _cells(column: Column, rows: Rows, form: Form) -> list[Any]:
    read: Reader = form.reader(column.cells(rows))
    return read(0, len(rows))


def _items(rows: Rows, read: Callable[[Rows], list[Any]], most: int, form: Form) -> Iterator[Buffer]:
    for number, some in enumerate(slices(rows, most)):
        if number:
            yield form.comma
        yield form.items(read(some))
