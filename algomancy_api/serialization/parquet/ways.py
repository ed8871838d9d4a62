"""How an array of Arrow becomes one that Parquet keeps, and back.

Other programs shall read numbers, texts and times as they are. What Parquet would change becomes bytes, which only this
package reads.
"""

from collections.abc import Iterator
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from ..untrusted import check_stream

_types = pa.types

#: Types that come back from Parquet as they were, bit for bit.
_KEPT = (
    _types.is_integer, _types.is_floating, _types.is_boolean, _types.is_string, _types.is_large_string,
    _types.is_binary, _types.is_large_binary, _types.is_date32, _types.is_decimal128, _types.is_null,
)  # fmt: skip

#: The number that is NaT in pandas.
_NAT = -(2**63)


class Way(Protocol):
    """One way to keep an array."""

    @property
    def stored(self) -> pa.DataType:
        """The type in the file."""

    @property
    def description(self) -> list[Any]:
        """What the reader needs to undo it: the name of the way, and plain values."""

    def kept(self, array: pa.Array) -> pa.Array:
        """A piece of the array as it is in the file, of the same length."""

    def restored(self, stored: pa.ChunkedArray) -> pa.ChunkedArray:
        """The whole array, from what is in the file."""


class AsItIs:
    """The array itself."""

    def __init__(self, kind: pa.DataType) -> None:
        self.stored = kind
        self.description: list[Any] = ["as it is"]

    def kept(self, array: pa.Array) -> pa.Array:
        return array

    def restored(self, stored: pa.ChunkedArray) -> pa.ChunkedArray:
        return stored


class Times:
    """Times and durations of numpy, whose NaT is null in the file.

    Args:
        unit: The unit of the times.
        zone: The time zone that other programs read; None for times without one.
        is_duration: Whether they are durations.
    """

    def __init__(self, unit: str, zone: str | None = None, is_duration: bool = False) -> None:
        self._kind = pa.duration(unit) if is_duration else pa.timestamp(unit)
        # Parquet has no seconds.
        self.stored = self._kind if is_duration else pa.timestamp("ms" if unit == "s" else unit, zone)
        self.description: list[Any] = ["times", unit, zone, is_duration]

    def kept(self, array: pa.Array) -> pa.Array:
        numbers = array.view(pa.int64())
        missing = pc.equal(numbers, pa.scalar(_NAT, pa.int64()))
        if pc.any(missing).as_py():
            numbers = pc.if_else(missing, pa.scalar(None, pa.int64()), numbers)
        if self._is_in_thousandths:
            numbers = pc.multiply_checked(numbers, 1000)
        return numbers.view(self.stored)

    def restored(self, stored: pa.ChunkedArray) -> pa.ChunkedArray:
        if stored.type != self.stored:
            raise ValueError(f"a column of the type {stored.type} for times")
        chunks = []
        for chunk in stored.chunks:
            numbers = chunk.view(pa.int64())
            if self._is_in_thousandths:
                numbers = pc.divide(numbers, 1000)
            chunks.append(numbers.fill_null(_NAT).view(self._kind))
        return pa.chunked_array(chunks, self._kind)

    @property
    def _is_in_thousandths(self) -> bool:
        return bool(_types.is_timestamp(self._kind) and self._kind.unit == "s")


class Packed:
    """Pieces of the array as streams of Arrow, each in the cell of its first row.

    Args:
        schema: A schema of one field, which has the type of the array.
    """

    stored = pa.large_binary()

    def __init__(self, schema: bytes) -> None:
        self._kind = pa.ipc.read_schema(pa.py_buffer(schema)).field(0).type
        self.description: list[Any] = ["packed", schema]

    @classmethod
    def of(cls, kind: pa.DataType) -> Packed:
        """The way for arrays of a type."""
        return cls(pa.schema([("", kind)]).serialize().to_pybytes())

    def kept(self, array: pa.Array) -> pa.Array:
        if not len(array):
            return pa.array([], self.stored)
        sink = pa.BufferOutputStream()
        batch = pa.record_batch([array], names=[""])
        with pa.ipc.new_stream(sink, batch.schema) as stream:
            stream.write_batch(batch)
        first = pa.array([sink.getvalue().to_pybytes()], self.stored)
        return pa.concat_arrays([first, pa.nulls(len(array) - 1, self.stored)])

    def restored(self, stored: pa.ChunkedArray) -> pa.ChunkedArray:
        chunks: list[pa.Array] = []
        for cell in stored.drop_null():
            chunks += _unpacked(cell.as_buffer())
        array = pa.chunked_array(chunks, self._kind)
        if len(array) != len(stored):
            raise ValueError(f"{len(array)} values in {len(stored)} rows")
        return array


def _unpacked(data: pa.Buffer) -> Iterator[pa.Array]:
    check_stream(data)
    with pa.ipc.open_stream(data) as stream:
        for batch in stream:
            batch.validate(full=True)
            yield batch.column(0)


def way_of(kind: pa.DataType) -> Way:
    """The way to keep an array of a type."""
    if any(is_kept(kind) for is_kept in _KEPT) or (_types.is_timestamp(kind) and kind.unit != "s"):
        return AsItIs(kind)
    return AsItIs(kind) if _types.is_fixed_size_binary(kind) and kind.byte_width else Packed.of(kind)


def times_way(array: pa.ChunkedArray, zone: str | None) -> Way:
    """The way to keep times or durations of numpy."""
    kind = array.type
    if _types.is_duration(kind):
        return Times(kind.unit, is_duration=True)
    if not _types.is_timestamp(kind):
        return way_of(kind)
    way = Times(kind.unit, zone)
    # Seconds beyond those that milliseconds can count stay as they are, in bytes.
    ends = pc.min_max(array.cast(pa.int64()).filter(pc.not_equal(array.cast(pa.int64()), _NAT))).as_py()
    fits = kind.unit != "s" or ends["min"] is None or (abs(ends["min"]) < 2**53 and abs(ends["max"]) < 2**53)
    return way if fits else Packed.of(kind)
