"""A CSV file as a table: read in pieces from the disk, with each cell as it stands in the file.

pandas guesses the type of a column and only then looks at the schema: `007` is 7 by then. So the columns of a schema
are read as texts, by Arrow, which needs no lock of the interpreter; numbers are converted piece by piece. A file that
Arrow does not read, such as one with rows of different lengths, is read by pandas, and so are columns without a schema.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from algomancy_data import DataType
from pyarrow import csv

from .. import free_memory
from .conversions import NULLS, converted, nulled
from .issues import Issue
from .numbers import THOUSANDS_POINT, float_column, integer_column

#: Bytes: parsed at a time; a row must be shorter, or pandas reads the file. Arrow reads some of these ahead.
_BLOCK = 512 * 1024

#: Bytes: must be free for the next block of a large file, or nothing more is read: the server needs some, too.
_SPARE = 256 * 1024 * 1024

#: Bytes: a column whose pieces are given back to the system before the next one is made.
_LARGE = 4 * 1024 * 1024

#: The cells of a row that is added at the end of a file, to see whether the file ends within quotes.
_LAST = "EndOfFile9e71c5"

#: What pandas takes as missing where no schema says what a column is.
_NULLS_OF_PANDAS = [null for null in NULLS if null != " "]

_NUMBERS = {DataType.INTEGER: pa.int64(), DataType.FLOAT: pa.float64()}


def read_csv(path: Path, separator: str, types: Mapping[str, DataType], table: str) -> tuple[pd.DataFrame, list[Issue]]:
    """The table of a CSV file, with its columns in the types of its schema, and the issues.

    A column of texts has every cell as it stands in the file. Columns without a type are as `pandas.read_csv` has them.

    Raises:
        ValueError: The file is no CSV with this separator.
        MemoryError: There is too little memory for it.
    """
    header = list(pd.read_csv(path, sep=separator, nrows=0).columns)
    if len(header) == 1:  # pandas passes over lines of white space
        return _read_by_pandas(path, separator, header, types, table)
    try:
        columns = _columns(path, separator, header, types, table)
    except pa.ArrowInvalid:
        return _read_by_pandas(path, separator, header, types, table)
    issues = [issue for name in header for issue in columns[name][1]]
    return pd.DataFrame({name: columns[name][0] for name in header}, copy=False), issues


type _Columns = dict[str, tuple[pd.Series, list[Issue]]]


def _columns(path: Path, separator: str, header: Sequence[str], types: Mapping[str, DataType], table: str) -> _Columns:
    columns: _Columns = {}
    listed = {position: types[name] for position, name in enumerate(header) if name in types}
    found = {position: _Pieces(target) for position, target in listed.items()}
    _fill(found, path, separator, len(header))
    again = {position: _Pieces(DataType.STRING) for position, pieces in found.items() if pieces.is_irregular}
    _fill(again, path, separator, len(header))
    found |= again
    for position, target in listed.items():
        name = header[position]
        columns[name] = converted(found.pop(position).column(), target, table, name)
        if columns[name][0].nbytes > _LARGE:
            pa.default_memory_pool().release_unused()
    if len(listed) < len(header):
        rest = [position for position in range(len(header)) if position not in listed]
        frame = pd.read_csv(path, sep=separator, usecols=rest, low_memory=False)
        if columns and len(frame) != len(next(iter(columns.values()))[0]):
            raise pa.ArrowInvalid("pandas reads another number of rows")
        columns |= {header[position]: (frame[header[position]], []) for position in rest}
    return columns


class _Pieces:
    """The pieces of a column that is being read.

    Args:
        target: The type of the schema.

    Attributes:
        is_irregular: Whether it has cells that are no plain numbers, so that it must be read again, as texts.
    """

    def __init__(self, target: DataType) -> None:
        self._target = target
        self._pieces: list[pa.Array] = []
        self._may_have_other_points = target == DataType.FLOAT
        self.is_irregular = False

    def add(self, texts: pa.Array) -> None:
        """Add the next cells."""
        if self._target not in _NUMBERS:
            self._pieces.append(texts)
        elif not self.is_irregular:
            self._add_numbers(nulled(texts))

    def column(self) -> pd.Series:
        """The column, numbers as such and all else as texts. The pieces are gone then."""
        pieces, self._pieces = self._pieces, []
        cells = pa.chunked_array(pieces, _NUMBERS.get(self._target, pa.large_string()))
        pieces.clear()
        free_memory.require(cells.nbytes)
        if self._target == DataType.INTEGER:
            return integer_column(cells)
        if self._target == DataType.FLOAT:
            return float_column(cells)
        whole = pa.chunked_array([cells.combine_chunks()], pa.large_string())
        column: pd.Series = whole.to_pandas(types_mapper=lambda _: pd.StringDtype("pyarrow"))
        return column

    def _add_numbers(self, texts: pa.Array) -> None:
        try:
            self._pieces.append(pc.cast(texts, _NUMBERS[self._target]))
            self._may_have_other_points = self._may_have_other_points and THOUSANDS_POINT.fits(texts)
        except pa.ArrowInvalid:
            self._give_up()

    def _give_up(self) -> None:
        self.is_irregular = True
        self._pieces.clear()

    def end(self) -> None:
        """End the column: numbers that all may have points between thousands are read again, as texts."""
        if self._may_have_other_points and not self.is_irregular:
            self._give_up()


def _fill(columns: Mapping[int, _Pieces], path: Path, separator: str, width: int) -> None:
    taken = 0
    for batch in _batches(path, separator, width, list(columns)) if columns else ():
        taken += sum(cells.nbytes for cells in batch)
        free_memory.require(min(taken, _SPARE))
        for pieces, cells in zip(columns.values(), batch, strict=True):
            pieces.add(cells)
    for pieces in columns.values():
        pieces.end()


def _batches(path: Path, separator: str, width: int, positions: Sequence[int]) -> Iterator[list[pa.Array]]:
    """The cells of some columns as texts, some rows at a time, without the header.

    Raises:
        ArrowInvalid: Arrow cannot read the file, or it ends within quotes, which Arrow does not mind.
    """
    names = [f"f{position}" for position in positions]
    with (
        path.open("rb") as file,
        csv.open_csv(
            pa.PythonFile(_WithLastRow(file, separator.join([_LAST] * width)), "r"),
            csv.ReadOptions(use_threads=False, block_size=_BLOCK, autogenerate_column_names=True),
            csv.ParseOptions(delimiter=separator, newlines_in_values=True),
            csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()), include_columns=names, strings_can_be_null=False
            ),
        ) as reader,
    ):
        last: list[pa.Array] = []
        header = 1
        for batch in filter(len, reader):
            if last:
                yield last
            last, header = [column[header:] for column in batch.columns], 0
    if any(not len(column) or column[-1].as_py() != _LAST for column in last):
        raise pa.ArrowInvalid("the file ends within quotes")
    yield [column[:-1] for column in last]


class _WithLastRow(io.RawIOBase):
    """A file with one more row at its end.

    Args:
        file: The file.
        row: The row.
    """

    def __init__(self, file: BinaryIO, row: str) -> None:
        super().__init__()
        self._parts = [file, io.BytesIO(f"\n{row}\n".encode())]

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        while self._parts:
            if block := self._parts[0].read(size):
                return block
            del self._parts[0]
        return b""


def _has_surplus(path: Path, separator: str) -> bool:
    """Whether the first row has more cells than the header: pandas takes the first cells of each row as an index then.

    The index of a table does not show it: of consecutive numbers, it is one that pandas makes itself.
    """
    try:
        pd.read_csv(path, sep=separator, header=None, nrows=2)
    except pd.errors.ParserError:
        return True
    return False


def _check_surplus(frame: pd.DataFrame, width: int) -> None:
    """Check that what rows have more than the header is empty, as where each row ends with a separator.

    Args:
        frame: The table as pandas has it, with the first cells of each row as its index.
        width: The number of cells of the header.
    """
    surplus = frame.index.nlevels
    for position in range(max(width - surplus, 0), width):
        cells = frame.iloc[:, position]
        if not (cells.isna() | (cells == "")).all():
            raise ValueError(
                f"its rows have {width + surplus} cells, where the header has {width}; "
                "is it the separator, or a cell that needs quotes?"
            )


def _read_by_pandas(
    path: Path, separator: str, header: Sequence[str], types: Mapping[str, DataType], table: str
) -> tuple[pd.DataFrame, list[Issue]]:
    listed = [name for name in header if name in types]
    nulls = {name: _NULLS_OF_PANDAS for name in header if name not in types}
    keywords: dict[str, Any] = {"dtype": dict.fromkeys(listed, "str"), "na_values": nulls, "keep_default_na": False}
    frame = pd.read_csv(path, sep=separator, low_memory=False, **keywords)
    if _has_surplus(path, separator):
        _check_surplus(frame, len(header))
        frame = pd.read_csv(path, sep=separator, low_memory=False, usecols=range(len(header)), **keywords)
    issues: list[Issue] = []
    for name in listed:
        frame[name], found = converted(frame[name], types[name], table, name)
        issues += found
    return frame, issues
