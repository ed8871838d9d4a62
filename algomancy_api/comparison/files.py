"""The comparison as a file: CSV, or a stream of Arrow."""

import csv
import io
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa

from ..schemas.comparison import Comparison
from .cells import Kind, valid
from .columns import columns_of

#: The types of Arrow.
_ARROW: Mapping[Kind, Any] = {
    bool: pa.bool_(),
    int: pa.int64(),
    float: pa.float64(),
    str: pa.string(),
    datetime: pa.timestamp("us", "UTC"),
}

#: The text of a cell in CSV, where that is not what `csv` writes.
_TEXTS: Mapping[Kind, Callable[[Any], str]] = {
    bool: lambda truth: "true" if truth else "false",
    datetime: lambda time: time.isoformat().replace("+00:00", "Z"),
}


def csv_of(comparison: Comparison) -> bytes:
    """A comparison as CSV (RFC 4180) in UTF-8: a header, and a row for each scenario. What is missing is empty."""
    columns = columns_of(comparison)
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(valid(column.name) for column in columns)
    texts = [_texts(column.kind, column.cells) for column in columns]
    writer.writerows(zip(*texts, strict=True))
    return file.getvalue().encode()


def arrow_of(comparison: Comparison) -> bytes:
    """A comparison as a stream of Arrow's IPC format, with a row for each scenario.

    The columns of a KPI have its name, unit, direction and threshold as metadata.
    """
    columns = columns_of(comparison)
    fields = [
        pa.field(
            valid(column.name), _ARROW[column.kind], metadata={key: valid(text) for key, text in column.about.items()}
        )
        for column in columns
    ]
    arrays = [pa.array(column.cells, _ARROW[column.kind]) for column in columns]
    table = pa.Table.from_arrays(arrays, schema=pa.schema(fields))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    stream: bytes = sink.getvalue().to_pybytes()
    return stream


def _texts(kind: Kind, cells: list[Any]) -> list[Any]:
    text = _TEXTS.get(kind)
    return cells if text is None else [None if cell is None else text(cell) for cell in cells]
