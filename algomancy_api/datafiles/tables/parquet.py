"""Parquet files, read some rows at a time within a budget."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import UnreadableFile
from .budget import Budget
from .nested import dictionary_bytes, parts
from .pages import Pages, groups_of, pages_of

#: Rows: read at once, if no text of them can be long.
_ROWS = 65_536

#: Bytes: what the rows that are read at once may take.
_BYTES_AT_ONCE = 32 * 1024 * 1024

#: Levels: lists and structures within each other.
_MOST_LEVELS = 32


class ParquetTable:
    """A Parquet file whose columns are read one by one.

    Args:
        path: The file.
        budget: What it may take.

    Attributes:
        schema: The columns, and the metadata of the file.
        rows: The number of rows.

    Raises:
        FileTooLarge: It takes more.
        UnreadableFile: It is malformed.
        pyarrow.ArrowException: The same.
    """

    def __init__(self, path: Path, budget: Budget) -> None:
        groups = groups_of(path)
        budget.check_columns(len(groups[0].chunks) if groups else 0)
        plain = pq.ParquetFile(path, pre_buffer=False, schema_depth_limit=_MOST_LEVELS)
        self.schema: pa.Schema = plain.schema_arrow
        self.rows = sum(group.rows for group in groups)
        self._pages = pages_of(path, groups, budget) or [Pages() for _ in plain.schema]
        self._leaves = list(_leaves(self.schema))
        if sum(map(len, self._leaves)) != len(self._pages) or len(plain.schema) != len(self._pages):
            raise UnreadableFile("its columns are not those of its schema")
        long = [plain.schema.column(n).path for n, pages in enumerate(self._pages) if _is_long(plain, n, pages)]
        self._file = pq.ParquetFile(path, pre_buffer=False, read_dictionary=long, schema_depth_limit=_MOST_LEVELS)
        self._widths = [_width(plain, number, pages) for number, pages in enumerate(self._pages)]
        self._budget = budget

    def column(self, number: int) -> pa.ChunkedArray:
        """A column, complete."""
        kind = self.schema.field(number).type
        leaves = list(self._leaves[number])
        width = sum(self._widths[leaf] for leaf in leaves)
        rows = max(1, min(_ROWS, _BYTES_AT_ONCE // max(1, width)))
        groups = list(range(self._file.num_row_groups))
        batches = self._file.reader.iter_batches(rows, groups, column_indices=leaves, use_threads=False)
        column = pa.chunked_array([self._plain(batch.column(0), kind) for batch in batches], kind)
        if len(column) != self.rows:
            raise UnreadableFile(f"column {self.schema.field(number).name!r} has {len(column)} of {self.rows} rows")
        return column

    def _plain(self, array: pa.Array, kind: pa.DataType) -> pa.Array:
        """An array without the dictionaries that the file has, but its type has not."""
        self._budget.take_bytes(array.nbytes)
        if array.type == kind:
            return array
        dictionaries = [part for part in parts(array) if pa.types.is_dictionary(part.type)]
        self._budget.take_bytes(sum(map(dictionary_bytes, dictionaries)))
        return array.cast(kind)


def _is_long(file: pq.ParquetFile, number: int, pages: Pages) -> bool:
    """Whether texts of a column are read as a dictionary first, as they may be much longer than their pages."""
    is_text = file.schema.column(number).physical_type == "BYTE_ARRAY"
    return is_text and pages.refers and pages.values * pages.largest > _BYTES_AT_ONCE


def _width(file: pq.ParquetFile, number: int, pages: Pages) -> int:
    """The bytes of a value of a column at most, where they are not in a dictionary or in a page of their own."""
    if pages.repeats:
        return pages.largest
    column = file.schema.column(number)
    return max(8, column.length) if column.physical_type == "FIXED_LEN_BYTE_ARRAY" else 8


def _leaves(schema: pa.Schema) -> Iterator[range]:
    """The columns of the file by column of the table: one, or several of lists and structures."""
    start = 0
    for field in schema:
        count = _leaf_count(field.type)
        yield range(start, start + count)
        start += count


def _leaf_count(kind: Any) -> int:  # noqa: ANN401 - a type of Arrow
    if isinstance(kind, pa.ExtensionType | pa.BaseExtensionType):
        return _leaf_count(kind.storage_type)
    if pa.types.is_dictionary(kind):
        return _leaf_count(kind.value_type)
    if not pa.types.is_nested(kind):
        return 1
    return sum(_leaf_count(kind.field(number).type) for number in range(kind.num_fields))
