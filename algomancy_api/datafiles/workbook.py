"""Reading a workbook; each part of the archive is counted before openpyxl parses it.

Some kilobytes can expand to gigabytes: by compression, by a cell far from the rest, by many cells that refer to one
shared string, by many sheets that refer to one part. The reader itself triggers the counts, so no part is read
uncounted.
"""

import json
from array import array
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import msgspec
import pandas as pd
from openpyxl.reader.excel import ExcelReader
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from ..limits import Limits
from .checks import check_cells, check_text
from .errors import FileTooLarge, UnreadableFile
from .sheet import Sheet
from .xml_part import SharedStrings, XmlPart, check_kept

#: Factor: the largest unpacked size, in multiples of `Limits.workbook`.
_MOST_UNPACKED = 20

#: Sheets: the most in a workbook. The time to find them grows with the square of their number.
_MOST_SHEETS = 1000

#: Parts: the most in an archive.
_MOST_PARTS = 10_000

#: Characters: the longest column name that does not count as text. Each row of the JSON repeats the names.
_SHORT_NAME = 32

#: Characters: the column names in the rows of one piece of JSON, some milliseconds of work.
_NAMES_AT_ONCE = 200_000

_MOST_ROWS_AT_ONCE = 5_000


@dataclass(frozen=True)
class WorkbookContent:
    """The content of a workbook.

    Args:
        text: The sheets in the framework's own JSON form.
        names: The names of the sheets.
        warnings: What is null there, and is something in the workbook.
    """

    text: str
    names: list[str]
    warnings: list[str]


def read_workbook(path: Path, limits: Limits) -> WorkbookContent:
    """The content of a workbook.

    Args:
        path: The workbook.
        limits: The limits of its content.

    Raises:
        FileTooLarge: It has more than the limits allow.
        Exception: openpyxl or pandas cannot read it.
    """
    _check_archive(path, limits)
    with path.open("rb") as file, closing(_Archive(file, limits)) as archive:
        reader = _Reader(file, archive, limits)
        reader.read()
        with pd.ExcelFile(reader.wb, engine="openpyxl") as workbook:
            names = [str(name) for name in workbook.sheet_names]
            text = "".join(_pieces(workbook, names, reader.text, limits))
            return WorkbookContent(text, names, reader.warnings)


def _check_archive(path: Path, limits: Limits) -> None:
    """Check the sizes in the archive's directory; `zipfile` unpacks no more than these."""
    largest = limits.workbook
    if path.stat().st_size > largest:
        raise FileTooLarge(f"is larger than {largest} bytes, the most for an XLSX file")
    with ZipFile(path) as archive:
        parts = archive.infolist()
    if sum(part.file_size for part in parts) > _MOST_UNPACKED * largest:
        raise FileTooLarge(f"unpacks to more than {_MOST_UNPACKED} times {largest} bytes")
    if len(parts) > _MOST_PARTS:
        raise FileTooLarge(f"has more than {_MOST_PARTS} parts")
    if any(part.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for part in parts):
        raise UnreadableFile("it uses a compression method that workbooks do not use")


class _Archive(ZipFile):
    """A ZIP archive that counts each part when it is first opened.

    Args:
        file: The archive.
        limits: The limits of the parts.

    Attributes:
        new_part: The factory of the counter for parts that are opened from now on.
        counted: The counts by name of the part.
    """

    def __init__(self, file: IO[bytes], limits: Limits) -> None:
        super().__init__(file)
        self.filename = "the workbook"  # for error messages of openpyxl
        self.new_part: Callable[[], XmlPart] = lambda: XmlPart(limits)
        self.counted: dict[str, XmlPart] = {}

    def open(self, name: str | ZipInfo, *arguments: Any, **keywords: Any) -> Any:  # noqa: ANN401 - as in ZipFile
        self.count(name.filename if isinstance(name, ZipInfo) else name)
        return super().open(name, *arguments, **keywords)

    def count(self, name: str) -> XmlPart:
        """The counts of a part.

        Raises:
            FileTooLarge: They exceed the limits.
            UnreadableFile: The part was already counted as another kind of part.
        """
        part = self.new_part()
        if name not in self.counted:
            with super().open(name) as source:
                part.count(source)
            self.counted[name] = part
        elif type(self.counted[name]) is not type(part):
            raise UnreadableFile(f"its part {name!r} is used as two kinds of part")
        return self.counted[name]


class _Reader(ExcelReader):  # type: ignore[misc]  # openpyxl has no annotations
    """Reads the parts that make a dataset: strings, formats and sheets; no charts, pictures, notes or themes.

    Args:
        file: The file, which openpyxl requires.
        archive: The archive that replaces the one of openpyxl.
        limits: The limits of all parts together.

    Attributes:
        text: The characters of all parts together.
        warnings: What a reader of the sheets should know.
    """

    def __init__(self, file: IO[bytes], archive: _Archive, limits: Limits) -> None:
        super().__init__(file, read_only=True, data_only=True, keep_links=False)
        self.archive.close()
        self.archive: _Archive = archive
        self.text = 0
        self.warnings: list[str] = []
        self._limits = limits
        self._lengths = array("Q")

    def read_strings(self) -> None:
        new_part = self.archive.new_part
        self.archive.new_part = lambda: SharedStrings(self._limits)
        super().read_strings()
        self.archive.new_part = new_part
        self._lengths = next(
            (part.lengths for part in self.archive.counted.values() if isinstance(part, SharedStrings)), self._lengths
        )

    def read_worksheets(self) -> None:
        """Open the counted sheets, each as often as the workbook names it."""
        sheets = [
            (sheet, relation.target)
            for sheet, relation in self.parser.find_sheets()
            if relation.target in self.valid_files and "chartsheet" not in relation.Type
        ]
        if len(sheets) > _MOST_SHEETS:
            raise FileTooLarge(f"has more than {_MOST_SHEETS} sheets; split it")
        self.archive.new_part = lambda: Sheet(self._limits, self._lengths)
        counts = [self.archive.count(target) for _, target in sheets]
        self._check_together(counts)
        for (sheet, _), count in zip(sheets, counts, strict=True):
            self.warnings += _warnings_of(sheet.name, count)
        for sheet, target in sheets:
            worksheet = ReadOnlyWorksheet(self.wb, sheet.name, target, self.shared_strings)
            worksheet.sheet_state = sheet.state
            self.wb._sheets.append(worksheet)

    def _check_together(self, sheets: list[XmlPart]) -> None:
        check_cells(sum(sheet.cells for sheet in sheets), self._limits)
        parts = [*(part for part in self.archive.counted.values() if not isinstance(part, Sheet)), *sheets]
        check_kept(sum(part.kept for part in parts))
        self.text = sum(part.text for part in parts)
        check_text(self.text, self._limits)

    def _read_nothing(self) -> None:
        """Skip a part that no dataset needs."""

    read_theme = read_properties = read_custom = _read_nothing


def _warnings_of(name: str, sheet: XmlPart) -> Iterator[str]:
    if isinstance(sheet, Sheet) and sheet.unsaved:
        many = f"has formulas without a value, which are null ({sheet.unsaved} in all)"
        yield f"Sheet {name!r} {many}; open the file in a spreadsheet program, and save it"
    if isinstance(sheet, Sheet) and sheet.errors:
        yield f"Sheet {name!r} has cells with an error, which are null ({sheet.errors} in all)"


def _pieces(workbook: pd.ExcelFile, names: list[str], text: int, limits: Limits) -> Iterator[str]:
    """The JSON text that the framework makes of a workbook, some rows at a time: its own call would hold the GIL."""
    yield '{"metadata": '
    yield json.dumps({"sheet_count": len(names), "sheet_names": names, "index_to_sheet_name": dict(enumerate(names))})
    yield ', "sheets": {'
    for number, name in enumerate(names):
        # Objects: pandas would make floats of integers beside empty cells. Only these are null, and no text is.
        frame = pd.read_excel(workbook, sheet_name=name, dtype=object, keep_default_na=False, na_values=[""])
        lengths = [len(str(column)) for column in frame.columns]
        text += sum(length for length in lengths if length > _SHORT_NAME) * len(frame)
        check_text(text, limits)
        yield f"{', ' if number else ''}{json.dumps(name)}: ["
        yield from _rows(frame, max(1, min(_MOST_ROWS_AT_ONCE, _NAMES_AT_ONCE // (sum(lengths) + 1))))
        yield "]"
    yield "}}"


def _rows(frame: pd.DataFrame, at_once: int) -> Iterator[str]:
    """The rows as JSON objects, some at a time: numbers in full, times and durations in ISO 8601."""
    labels = [str(label) for label in frame.columns]
    for start in range(0, len(frame), at_once):
        piece = frame.iloc[start : start + at_once]
        columns = [piece.iloc[:, number].tolist() for number in range(len(labels))]
        rows = [dict(zip(labels, map(_cell, cells), strict=True)) for cells in zip(*columns, strict=True)]
        yield f"{',' if start else ''}{_ENCODER.encode(rows)[1:-1].decode()}"


def _cell(value: Any) -> Any:  # noqa: ANN401 - a cell of any type
    """A cell as JSON has it. An integer beyond 64 bits, which a workbook stores as a float, is that float."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**63:
        return float(value)
    if isinstance(value, timedelta):
        return pd.Timedelta(value).isoformat()
    return value.isoformat() if isinstance(value, pd.Timestamp) else value


_ENCODER = msgspec.json.Encoder()
