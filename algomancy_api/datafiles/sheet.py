"""The counts of a sheet of a workbook, from a streaming parse."""

from array import array
from collections.abc import Callable

from openpyxl.utils import column_index_from_string

from ..limits import Limits
from .errors import FileTooLarge, UnreadableFile
from .xml_part import MAIN, XmlPart

#: Rows: the most in a sheet of Excel.
_LAST_ROW = 1_048_576

#: Missing rows that cost the reader as much time as one cell.
_ROWS_A_CELL = 16

_ROW, _VALUE, _INLINE, _FORMULA = (f"{MAIN}{name}" for name in ("row", "v", "is", "f"))

#: Cell types whose text is read as a number.
_NUMBERS = ("n", "b")


class Sheet(XmlPart):
    """The counts of a sheet: the cells that its reader makes, and their characters.

    pandas pads each row to the widest row with values. openpyxl pads each row to its own last cell, and makes an empty
    row for each missing row number.

    Args:
        limits: The limits of the counts.
        lengths: Lengths of the shared strings.

    Attributes:
        rows: The number of the last row.
        columns: The number of the last column.
        errors: The number of cells that are errors, which are read as null.
        unsaved: The number of formulas without a value, which are read as null.
    """

    def __init__(self, limits: Limits, lengths: array[int]) -> None:
        super().__init__(limits)
        self.rows = self.columns = 0
        self.errors = self.unsaved = 0
        self._lengths = lengths
        self._longest = max(lengths, default=0)
        self._column_numbers: dict[str, int] = {}
        self._made = 0
        self._last_value_row = self._last_value_column = 0
        self._row = self._column = self._width = self._values = 0
        self._kind, self._is_shared = "", False
        self._has_formula = False
        self._reference: list[str] = []

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name != _ROW:
            self._keep(attributes)
            return
        number = attributes.get("r")
        self._row = self._row + 1 if number is None else _row_number(number)
        if self._row > _LAST_ROW:
            raise FileTooLarge(f"has a row after row {_LAST_ROW}, the last that a sheet may have")
        self.rows = max(self.rows, self._row)
        self._column = self._width = 0
        self._begin(self._start_in_row, self._end_in_row)

    def _start_in_row(self, name: str, attributes: dict[str, str]) -> None:
        if name == _ROW:
            raise UnreadableFile("a row contains another row")
        self._depth += 1
        self.kept += 1
        if self._depth == 1:
            self._start_cell(attributes)
        elif self._depth == 2:
            if name == _VALUE:
                self._start_value()
            elif name == _INLINE:
                self._note_value()
            elif name == _FORMULA:
                self._has_formula = True
        elif self._is_shared:
            self._values += 1  # a nested element splits the text: the reference could be to any string

    def _start_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        if not reference:
            self._column += 1
        else:
            letters = reference.rstrip("0123456789")
            self._column = self._column_numbers.get(letters) or self._column_number(letters)
        if self._column > self._width:
            self._width = self._column
        kind = attributes.get("t", "n")
        if kind != self._kind:
            self._kind, self._is_shared = kind, kind == "s"
            self._parser.CharacterDataHandler = self._handler_of_text()
        self._values = 0

    def _start_value(self) -> None:
        self._note_value()
        self._values += 1
        self._has_formula = False
        self.errors += self._kind == "e"
        self._reference.clear()

    def _handler_of_text(self) -> Callable[[str], None] | None:
        """The handler for the text of a cell; None for numbers, whose length is bounded."""
        if self._kind in _NUMBERS:
            return None
        return self._reference_characters if self._is_shared else self._characters

    def _reference_characters(self, text: str) -> None:
        self.text += len(text)
        self._reference.append(text)

    def _note_value(self) -> None:
        # Runs for each cell: `max` would take a tenth of the whole time.
        if self._row > self._last_value_row:
            self._last_value_row = self._row
        if self._column > self._last_value_column:
            self._last_value_column = self._column

    def _end_in_row(self, name: str) -> None:
        if self._depth == 0:
            self._end_row()
            return
        if self._is_shared and self._depth == 2 and name == _VALUE:
            self.text += self._length()
        elif self._has_formula and self._depth == 1:
            self.unsaved += 1
            self._has_formula = False
        self._depth -= 1

    def _end_row(self) -> None:
        self._made += self._width + 1  # the row itself costs as much time as a cell
        self.columns = max(self.columns, self._width)
        self.cells = self._cell_count()
        self._kind, self._parser.CharacterDataHandler = "", self._characters
        self._end()

    def _cell_count(self) -> int:
        padded = self._last_value_row * self._last_value_column
        return max(self._made, padded) + self.rows // _ROWS_A_CELL

    def _length(self) -> int:
        """The length of the shared string that a cell refers to: openpyxl uses the first value."""
        try:
            if self._values == 1:
                return self._lengths[int("".join(self._reference))]
        except ValueError, IndexError:
            pass  # openpyxl reports it when it reads the cell
        return self._longest

    def _column_number(self, letters: str) -> int:
        try:
            number = self._column_numbers[letters] = int(column_index_from_string(letters))
        except ValueError as error:
            raise UnreadableFile(f"a cell has the column {letters[:20]!r}") from error
        return number


def _row_number(text: str) -> int:
    """The number of a row, parsed as openpyxl does."""
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return int(float(text))
    except (ValueError, OverflowError) as error:
        raise UnreadableFile(f"a row has the number {text[:20]!r}") from error
