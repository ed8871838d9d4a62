"""Tables of pandas as named columns of Arrow, converted in slices.

A column of numbers, texts or times is in Arrow's form already, or becomes it without a copy. A column of objects gets
Arrow's type for the type of its cells, if they have one. All other columns become texts: those of their cells in JSON.
"""

from collections.abc import Iterator, Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ..errors import Malformed
from ..serialization.datasets.cells import cell_reader
from ..serialization.datasets.table import label_text
from ..serialization.datasets.writers import JSON
from ..serialization.hooks import key_text
from .tokens import shown

#: Rows: converted and tested at a time.
SLICE = 65_536

#: Columns: named in an error.
_NAMED = 12

#: The rows of a selection: some in a row, or the numbers of any.
type Rows = range | np.ndarray[tuple[int], np.dtype[np.int64]]

type Values = pd.Series[Any] | pd.Index[Any]


class Sort(StrEnum):
    """What the cells of a column are, for comparisons."""

    NUMBER = "numbers"
    BOOLEAN = "booleans"
    TEXT = "texts"
    TIME = "times"
    DATE = "dates"
    CLOCK = "times of day"
    DURATION = "durations"
    OTHER = "values that cannot be compared"


#: The types of Arrow for cells of one type of Python. Cells of several types become texts.
_OF_OBJECTS: dict[type, pa.DataType | None] = {
    str: pa.large_string(),
    bool: pa.bool_(),
    int: pa.int64(),
    float: pa.float64(),
    bytes: pa.large_binary(),
    date: pa.date32(),
    time: pa.time64("us"),
    timedelta: pa.duration("us"),
    Decimal: None,  # its precision is that of the cells
}

#: Dtypes whose cells all have a form in JSON.
_PLAIN = (pd.StringDtype, pd.DatetimeTZDtype, pd.PeriodDtype, pd.IntervalDtype)

_NO_CELLS = (type(None), type(pd.NA), type(pd.NaT))

_SORTS: Sequence[tuple[Any, Sort]] = (
    (pa.types.is_boolean, Sort.BOOLEAN),
    (pa.types.is_integer, Sort.NUMBER),
    (pa.types.is_floating, Sort.NUMBER),
    (pa.types.is_decimal, Sort.NUMBER),
    (pa.types.is_string, Sort.TEXT),
    (pa.types.is_large_string, Sort.TEXT),
    (pa.types.is_timestamp, Sort.TIME),
    (pa.types.is_date, Sort.DATE),
    (pa.types.is_time, Sort.CLOCK),
    (pa.types.is_duration, Sort.DURATION),
)


class Column:
    """A column of a table, or a level of its index.

    Args:
        name: The text of its label.
        values: Its cells.
        position: Its position in the table; None for a level of the index.
        level: The number of the level, if the values are an index of several.
    """

    def __init__(self, name: str, values: Values, position: int | None = None, level: int | None = None) -> None:
        self.name = name
        self.position = position
        self._values = values
        self._level = level
        cells = self.cells(range(min(len(values), 1)))
        self.dtype = cells.dtype
        #: The type of its arrays; None for texts of JSON.
        self._type = self._found_type(cells)
        self.type: pa.DataType = pa.large_string() if self._type is None else self._type
        self.is_json = self._type is None
        #: Whether its cells may be any values, and so may have no form in JSON.
        self.is_any = _has_objects(cells)
        compared = _compared_type(self.type)
        self.sort = next((sort for test, sort in _SORTS if test(compared)), Sort.OTHER)
        self.compared_type = compared

    def __len__(self) -> int:
        return len(self._values)

    def cells(self, rows: Rows) -> Values:
        """Some cells, as pandas has them."""
        some: Any = slice(rows.start, rows.stop) if isinstance(rows, range) else rows
        if isinstance(self._values, pd.Series):
            of_series: pd.Series[Any] = self._values.iloc[some]
            return of_series
        taken: pd.Index[Any] = self._values[some]
        return taken if self._level is None else taken.get_level_values(self._level)

    def array(self, rows: Rows) -> pa.Array:
        """Some cells as an array of Arrow, of the column's type."""
        return self._converted(self.cells(rows), self._type)

    def compared(self, rows: Rows) -> pa.Array:
        """Some cells in the form in which they are compared: a category as its value, a NaN as null."""
        array = self.array(rows)
        if isinstance(array, pa.ExtensionArray):
            return json_texts(self.cells(rows))
        if pa.types.is_dictionary(array.type):
            array = array.dictionary_decode()
        if array.type != self.compared_type:
            array = array.cast(self.compared_type)
        if pa.types.is_floating(array.type):
            array = pc.if_else(pc.is_nan(array), None, array)
        return array

    def _found_type(self, cells: Values) -> pa.DataType | None:
        if cells.dtype == object:
            return self._type_of_objects()
        try:
            return self._converted(cells, None, is_probe=True).type
        except pa.ArrowException, TypeError, NotImplementedError:
            return None

    def _type_of_objects(self) -> pa.DataType | None:
        """The type of a column of objects, all of whose cells are looked at and converted once."""
        kinds: set[type] = set()
        for rows in slices(range(len(self))):
            kinds.update(map(type, self.cells(rows)))
        kinds.difference_update(_NO_CELLS)
        if not kinds:
            return pa.large_string()
        if len(kinds) > 1 or (kind := kinds.pop()) not in _OF_OBJECTS:
            return None
        try:
            wanted = _OF_OBJECTS[kind] or pa.array(self.cells(range(len(self))), from_pandas=True).type
            for rows in slices(range(len(self))):
                self._converted(self.cells(rows), wanted)
        except pa.ArrowException, ValueError, OverflowError:
            return None
        return wanted

    def _converted(self, cells: Values, wanted: pa.DataType | None, *, is_probe: bool = False) -> pa.Array:
        if wanted is None and not is_probe:
            return json_texts(cells)
        if isinstance(cells.dtype, pd.SparseDtype):
            cells = pd.Series(np.asarray(cells.array))
        # Other arrays of pandas have one type of Arrow, and some do not take it as an argument.
        array = one_array(pa.array(cells, type=wanted if cells.dtype == object else None, from_pandas=True))
        return array if wanted is None or array.type == wanted else array.cast(wanted)


class Table:
    """A table whose columns are found by name.

    The named levels of its index are columns, too, and come first. Of two columns of one name, the last one counts.

    Args:
        frame: The table, which is not changed.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        # Copy-on-write: while this shallow copy exists, a write to the table does not change these cells.
        self.frame = frame.copy(deep=False)
        self._values: dict[str, tuple[Values, int | None, int | None]] = {}
        for level, name in enumerate(frame.index.names):
            if name is not None:
                self._values[key_text(name)] = self._level(level)
        for position, (label, values) in enumerate(self.frame.items()):
            self._values[label_text(label)] = values, position, None
        self._columns: dict[str, Column] = {}

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def names(self) -> list[str]:
        """The names of all columns."""
        return list(self._values)

    def find(self, name: str) -> Column | None:
        """A column by name; None if there is none."""
        if name not in self._columns and name in self._values:
            self._columns[name] = Column(name, *self._values[name])
        return self._columns.get(name)

    def _level(self, level: int) -> tuple[Values, None, int | None]:
        return self.frame.index, None, level if isinstance(self.frame.index, pd.MultiIndex) else None

    def index_columns(self) -> list[Column]:
        """The levels of the index, those without a name, too."""
        return [Column(str(name), *self._level(level)) for level, name in enumerate(self.frame.index.names)]

    def column(self, parameter: str, name: str, position: int) -> Column:
        """The column that a parameter of the query names.

        Raises:
            Malformed: There is none.
        """
        if (column := self.find(name)) is None:
            named = ", ".join(map(shown, self.names[:_NAMED])) or "none"
            more = f" and {len(self.names) - _NAMED} more" if len(self.names) > _NAMED else ""
            raise Malformed(f"{parameter}: no column {shown(name)} at position {position}; there are {named}{more}")
        return column


def check_encodable(columns: Sequence[Column], rows: Rows) -> None:
    """Raise for a cell that has no form in JSON, before any cell is sent. Only columns of any values can have one.

    Raises:
        UnencodableValue: There is one.
    """
    for column in columns:
        if column.is_any:
            cell_reader(column.cells(rows))


def slices(rows: Rows, length: int = SLICE) -> Iterator[Rows]:
    """The rows in slices."""
    return (rows[start : start + length] for start in range(0, len(rows), length))


def one_array(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    """An array in one piece."""
    if not isinstance(array, pa.ChunkedArray):
        return array
    if array.num_chunks == 1:
        return array.chunk(0)
    return array.combine_chunks() if array.num_chunks else pa.array([], array.type)


def _has_objects(cells: Values) -> bool:
    dtype = cells.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return dtype.categories.dtype == object
    if isinstance(dtype, np.dtype):
        return dtype.kind in "OcSUV"
    return not isinstance(dtype, _PLAIN)


def _compared_type(kind: pa.DataType) -> pa.DataType:
    if isinstance(kind, pa.BaseExtensionType):
        return pa.large_string()
    if pa.types.is_dictionary(kind):
        return _compared_type(kind.value_type)
    if pa.types.is_float16(kind):
        return pa.float32()
    if pa.types.is_date64(kind):
        return pa.date32()
    if pa.types.is_null(kind) or pa.types.is_string_view(kind):
        return pa.large_string()
    return kind


def json_texts(cells: Values) -> pa.Array:
    """Cells as texts: of a cell that is a text in JSON that text, of any other its JSON."""
    read = cell_reader(cells)
    return pa.array(map(_json_text, read(0, len(cells))), pa.large_string(), size=len(cells))


def _json_text(cell: object) -> str | None:
    text = bytes(JSON.items([cell])).decode()
    if text == "null":
        return None
    if not text.startswith('"'):
        return text
    try:
        return msgspec.json.decode(text, type=str)
    except ValueError:  # half a character, which stays an escape
        return text[1:-1]
