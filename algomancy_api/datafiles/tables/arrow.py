"""Arrow IPC streams and files, read within a budget."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

from ..errors import UnreadableFile
from .budget import Budget
from .messages import check_file, check_stream, is_file


class ArrowTable:
    """An Arrow IPC stream, or a file around one (Feather, version 2), whose columns are taken one by one.

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
        with path.open("rb") as file:
            check, opened = (check_file, _opened_file) if is_file(file) else (check_stream, _opened_stream)
            check(file, budget)
            self.schema, found = opened(file)
            budget.check_columns(len(self.schema))
            batches = list(_checked(found, budget))
        table = pa.Table.from_batches(batches, self.schema)
        self.rows: int = table.num_rows
        self._columns: list[pa.ChunkedArray | None] = list(table.columns)

    def column(self, number: int) -> pa.ChunkedArray:
        """A column, complete, which can be taken once."""
        column, self._columns[number] = self._columns[number], None
        if column is None:
            raise UnreadableFile("a column is there twice")
        return column


def _opened_stream(file: BinaryIO) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    stream = pa.ipc.open_stream(file)
    return stream.schema, iter(stream)


def _opened_file(file: BinaryIO) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    opened = pa.ipc.open_file(file)
    return opened.schema, map(opened.get_batch, range(opened.num_record_batches))


def _checked(batches: Iterator[pa.RecordBatch], budget: Budget) -> Iterator[pa.RecordBatch]:
    """Batches that are valid: corrupt offsets would have pyarrow read memory that is not its own."""
    for batch in batches:
        batch.validate(full=True)
        budget.take_cells(batch.num_rows)
        yield batch


def check_inner_stream(data: Any, budget: Budget) -> None:  # noqa: ANN401 - bytes, or a buffer of Arrow
    """Check a stream within the content of a file.

    Raises:
        FileTooLarge: It unpacks to more than the budget.
        UnreadableFile: It is malformed.
    """
    check_stream(BytesIO(data), budget)
