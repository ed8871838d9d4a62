"""The bytes of a stream: arrays of Arrow in batches of bounded size, compressed, after a description."""

from collections.abc import Iterator
from typing import Any, BinaryIO

import pyarrow as pa

KEY = b"algomancy-api"

#: Rows: how many a batch has at most.
MOST_ROWS = 8192
#: Bytes: how large a batch of more than one row is at most, before it is compressed.
MOST_BYTES = 2 * 2**20


class Truncated(ValueError):
    """The source ended before the stream did."""


class _Sink:
    """What pyarrow writes to. It would close the sink itself."""

    closed = False

    def __init__(self, sink: BinaryIO) -> None:
        self._sink = sink

    def write(self, data: bytes) -> int:
        rest = memoryview(data)
        while rest:
            # A raw file may take less than it is given.
            written = self._sink.write(rest)
            rest = rest[len(rest) if written is None else written :]
        return len(data)

    def flush(self) -> None:
        """Left to the sink's owner."""

    def close(self) -> None:
        """Left to the sink's owner."""


class _Source:
    """What pyarrow reads from: no byte more than the stream has, though the source may give fewer than it is asked."""

    closed = False

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self.failed = False

    def read(self, count: int) -> bytes:
        pieces: list[bytes] = []
        missing = count
        while missing:
            try:
                piece = self._source.read(missing)
            except BaseException:
                self.failed = True
                raise
            if not piece:
                raise Truncated("the stream of a table ends too early")
            pieces.append(piece)
            missing -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def close(self) -> None:
        """Left to the source's owner."""


def write_stream(sink: BinaryIO, description: bytes, arrays: list[pa.ChunkedArray]) -> None:
    """Write arrays of one length. The description is the value of one key of the schema's metadata."""
    table = pa.table(arrays, names=[f"c{number}" for number in range(len(arrays))])
    schema = table.schema.with_metadata({KEY: description})
    options = pa.ipc.IpcWriteOptions(compression=pa.Codec("zstd", compression_level=1))
    with (
        pa.PythonFile(_Sink(sink), mode="w") as file,
        pa.ipc.new_stream(file, schema, options=options) as writer,
    ):
        for batch in _batches(table) if arrays else ():
            writer.write_batch(batch)


def _batches(table: pa.Table) -> Iterator[pa.RecordBatch]:
    start, rows = 0, MOST_ROWS
    while start < table.num_rows:
        some = table.slice(start, rows)
        while some.nbytes > MOST_BYTES and rows > 1:
            rows //= 2
            some = some.slice(0, rows)
        yield from some.to_batches()
        start += some.num_rows
        rows = min(rows * 2, MOST_ROWS)


def read_stream(source: BinaryIO) -> tuple[bytes, pa.Table]:
    """The description and the arrays of `write_stream`, in the pieces in which they were written.

    Raises:
        ValueError: These are not the bytes of a stream, or not all of them.
    """
    file = _Source(source)
    try:
        with pa.ipc.open_stream(pa.PythonFile(file, mode="r")) as reader:
            batches = list(_checked(reader))
            metadata = reader.schema.metadata or {}
            if KEY not in metadata:
                raise ValueError("it has no description")
            return metadata[KEY], pa.Table.from_batches(batches, reader.schema)
    except MemoryError, Truncated:
        raise
    except Exception as error:
        if file.failed:
            raise
        raise ValueError(f"not the stream of a table: {error}") from error


def _checked(reader: Any) -> Iterator[pa.RecordBatch]:  # noqa: ANN401
    """The batches of a reader. Corrupt offsets would have pyarrow read memory that is not its own."""
    for batch in reader:
        batch.validate(full=True)
        yield batch
