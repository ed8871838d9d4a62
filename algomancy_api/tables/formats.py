"""The formats of a selection, and the bytes of each in pieces."""

from collections.abc import Buffer, Callable, Generator, Iterable, Iterator
from contextlib import closing
from typing import NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from ..serialization.datasets.stream import joined
from ..serialization.datasets.writers import JSON, MESSAGEPACK, Form
from .batches import Batches, sized
from .columns import Column, Rows, Sort, check_encodable, json_texts
from .documents import columns_pieces, rows_pieces
from .query import Query, Selection, select

#: Bytes: a part up to this size is made at once.
_MOST_WHOLE = 256 * 1024

#: Rows and bytes: of a row group of Parquet, at most.
_ROWS_OF_A_GROUP = 65_536
_BYTES_OF_A_GROUP = 4 * 1024 * 1024

#: What the cells of a column may be whose CSV Arrow writes as JSON does.
_AS_IN_JSON = frozenset({Sort.NUMBER, Sort.BOOLEAN, Sort.TEXT})


class Options(NamedTuple):
    """What a client may choose of a format.

    Attributes:
        by_columns: Whether JSON and MessagePack have a list for each column, not an object for each row.
        delimiter: The character between the fields of CSV.
        compression: The compression of the batches of Arrow, ``"zstd"`` or ``"lz4"``; None for none.
    """

    by_columns: bool = False
    delimiter: str = ","
    compression: str | None = None


class Wanted(NamedTuple):
    """What a client asks of a table, and the media type and options of the format."""

    query: Query
    media_type: str
    options: Options


class Part(NamedTuple):
    """A part of a table in a format.

    Attributes:
        total: How many rows there are without offset and limit.
        body: The whole of it, if it is small.
        pieces: Else its pieces, of which some are made already. Make the others on a worker thread.
    """

    total: int
    body: bytes | None
    pieces: Generator[bytes]


type Format = Callable[[Selection, Options], Iterator[Buffer]]


def part_of(frame: pd.DataFrame, wanted: Wanted) -> Part:
    """A part of a table in a format, which has no more errors.

    Raises:
        Malformed: The query does not fit the columns.
        UnencodableValue: A cell has no natural form in JSON.
    """
    selection = select(frame, wanted.query)
    pieces = pieces_of(selection, wanted.media_type, wanted.options)
    first: list[bytes] = []
    while sum(map(len, first)) <= _MOST_WHOLE:
        if (piece := next(pieces, None)) is None:
            return Part(selection.total, b"".join(first), pieces)
        first.append(piece)
    return Part(selection.total, None, _continued(first, pieces))


def _continued(first: list[bytes], rest: Generator[bytes]) -> Generator[bytes]:
    """Pieces that are made already, and those after them."""
    with closing(rest):
        while first:
            yield first.pop(0)
        yield from rest


def pieces_of(selection: Selection, media_type: str, options: Options) -> Generator[bytes]:
    """A selection in a format, in pieces that each take some milliseconds. Errors are raised before the first one.

    Raises:
        UnencodableValue: A cell has no natural form in JSON.
    """
    return joined(FORMATS[media_type](selection, options))


def _document(form: Form) -> Format:
    def pieces(selection: Selection, options: Options) -> Iterator[Buffer]:
        return (columns_pieces if options.by_columns else rows_pieces)(selection, form)

    return pieces


def _arrow_stream(selection: Selection, options: Options) -> Iterator[Buffer]:
    batches, sink = Batches(selection), _Sink()
    settings = pa.ipc.IpcWriteOptions(compression=options.compression)
    with pa.PythonFile(sink, mode="w") as file:
        with pa.ipc.new_stream(file, batches.schema, options=settings) as writer:
            yield from _written(writer.write_batch, batches, sink)
        yield sink.take()


def _parquet(selection: Selection, _options: Options) -> Iterator[Buffer]:
    batches, sink = Batches(selection), _Sink()
    with pa.PythonFile(sink, mode="w") as file:
        with pyarrow.parquet.ParquetWriter(file, batches.schema, compression="zstd") as writer:
            yield from _written(writer.write_table, _groups(batches), sink)
        yield sink.take()


def _groups(batches: Batches) -> Iterator[pa.Table]:
    """The batches as tables that each become a row group."""
    group: list[pa.RecordBatch] = []
    for batch in batches:
        group.append(batch)
        if (
            sum(len(each) for each in group) >= _ROWS_OF_A_GROUP
            or sum(each.nbytes for each in group) >= _BYTES_OF_A_GROUP
        ):
            yield pa.Table.from_batches(group)
            group.clear()
    if group:
        yield pa.Table.from_batches(group)


def _csv(selection: Selection, options: Options) -> Iterator[Buffer]:
    sink, columns = _Sink(), selection.columns
    check_encodable(columns, selection.rows)
    names = [column.name for column in columns]
    kinds = [column.compared_type if column.sort in _AS_IN_JSON else pa.large_string() for column in columns]
    schema = pa.schema(list(zip(names, kinds, strict=True)))

    def batch(rows: Rows) -> pa.RecordBatch:
        return pa.RecordBatch.from_arrays([_csv_cells(column, rows) for column in columns], schema=schema)

    settings = pyarrow.csv.WriteOptions(delimiter=options.delimiter)
    with pa.PythonFile(sink, mode="w") as file:
        with pyarrow.csv.CSVWriter(file, schema, write_options=settings) as writer:
            yield from _written(writer.write_batch, sized(selection.rows, batch) if columns else (), sink)
        yield sink.take()


def _csv_cells(column: Column, rows: Rows) -> pa.Array:
    return column.compared(rows) if column.sort in _AS_IN_JSON else json_texts(column.cells(rows))


def _written[P](write: Callable[[P], object], parts: Iterable[P], sink: _Sink) -> Iterator[Buffer]:
    """Write one part after the other, and give the bytes of each."""
    for part in parts:
        write(part)
        del part  # frees its memory before the next one is made
        yield sink.take()


class _Sink:
    """A file that a writer of Arrow writes to, whose bytes are taken from time to time."""

    closed = False

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        self._size += len(data)
        return len(data)

    def tell(self) -> int:
        return self._size

    def flush(self) -> None:
        """There is nothing behind it."""

    def close(self) -> None:
        """The bytes can be taken after it."""

    def take(self) -> bytes:
        """The bytes since the last call."""
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


#: The formats by media type; the first one is for clients that accept any.
FORMATS: dict[str, Format] = {
    "application/json": _document(JSON),
    "application/msgpack": _document(MESSAGEPACK),
    "application/x-msgpack": _document(MESSAGEPACK),
    "application/vnd.msgpack": _document(MESSAGEPACK),
    "text/csv": _csv,
    "application/vnd.apache.arrow.stream": _arrow_stream,
    "application/vnd.apache.parquet": _parquet,
}
