"""Parquet files: of a table of pandas in pieces, and of a file of this package the same table.

All that Parquet has no place for stands in the file's metadata, under the key `algomancy-api.parquet`: a version, the
way in which each column of the file is kept, and the description of the table.
"""

import io
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgpack
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ..frames import EncodedFrame, decode_frame, encode_frame
from .choices import choices_of, choices_way
from .names import distinct, label_name, level_name, pandas_description
from .ways import AsItIs, Packed, Times, Way, times_way, way_of

KEY = b"algomancy-api.parquet"

#: The version of the metadata. One with a higher number is refused.
VERSION = 1

#: Rows and bytes: of a group of rows, which is in memory at once while it is written.
_MOST_ROWS = 65_536
_MOST_BYTES = 8 * 1024 * 1024


class _Column(NamedTuple):
    """A column of the file: its name, the way in which it is kept, and the whole array."""

    name: str
    way: Way
    array: pa.ChunkedArray


def parquet_pieces(frame: pd.DataFrame) -> Iterator[bytes]:
    """A table as a Parquet file, in pieces of some hundred kilobytes.

    Raises:
        Unkeepable: It would not come back exactly. Raised before the first piece.
    """
    encoded = encode_frame(frame)
    columns = _columns(frame, encoded)
    return _pieces(columns, _schema(frame, columns, encoded))


def own_parquet(schema: pa.Schema) -> bool:
    """Whether the schema of a file says that this package has written it."""
    return KEY in (schema.metadata or {})


def exact_table(schema: pa.Schema, columns: Iterable[pa.ChunkedArray]) -> pd.DataFrame:
    """The table of a file of `parquet_pieces`, equal in every respect.

    Args:
        schema: The schema of the file.
        columns: Its columns, complete, which are taken one after the other.

    Raises:
        ValueError: The metadata is corrupt, does not fit the columns, or is of a newer version of this package.
    """
    version, *rest = msgpack.unpackb(schema.metadata[KEY])
    if version > VERSION:
        raise ValueError(f"it is of version {version}, written by a newer algomancy-api; this one reads {VERSION}")
    ways, description = rest
    restored = (_way(way, array.type).restored(array) for way, array in zip(ways, columns, strict=True))
    return decode_frame(description, restored)


def _columns(frame: pd.DataFrame, encoded: EncodedFrame) -> list[_Column]:
    """The columns of the file: those of the table, then those of its index."""
    found: list[tuple[str, Way, pa.ChunkedArray]] = []
    for position, packed in enumerate(encoded.columns):
        values = frame.iloc[:, position].array
        name = label_name(frame.columns[position])
        found += [(name, _way_of_values(values, array), array) for array in packed.arrays]
    index: Any = frame.index
    for level, array in enumerate(encoded.rows.arrays):
        if isinstance(index, pd.MultiIndex):
            way = choices_way(array, index.levels[level], None) or way_of(array.type)
        else:
            way = _way_of_values(index.array, array)
        label = index.names[level] if level < index.nlevels else None
        found.append((level_name(label, level), way, array))
    names = distinct(name for name, _, _ in found)
    return [_Column(name, way, array) for name, (_, way, array) in zip(names, found, strict=True)]


def _way_of_values(values: Any, array: pa.ChunkedArray) -> Way:  # noqa: ANN401 - an array of pandas
    if isinstance(values, pd.Categorical):
        return choices_way(array, values.categories, values.ordered) or way_of(array.type)
    dtype: Any = values.dtype
    if isinstance(dtype, pd.DatetimeTZDtype):
        return times_way(array, _zone_name(dtype.tz))
    if isinstance(dtype, np.dtype) and dtype.kind in "Mm":
        return times_way(array, None)
    return way_of(array.type)


def _zone_name(zone: Any) -> str:  # noqa: ANN401
    """The name of a zone for other programs; the zone itself is in the description."""
    try:
        name: str = pa.lib.tzinfo_to_string(zone)
        pa.lib.string_to_tzinfo(name)
    except Exception:  # of some zone of a package that Arrow does not know
        return "UTC"
    return name


def _schema(frame: pd.DataFrame, columns: list[_Column], encoded: EncodedFrame) -> pa.Schema:
    ways = [column.way.description for column in columns]
    metadata = {KEY: msgpack.packb([VERSION, ways, encoded.description])}
    names = [column.name for column in columns]
    levels = len(encoded.rows.arrays)
    of_table, of_index = names[: len(names) - levels], names[len(names) - levels :]
    if (described := pandas_description(frame, of_table, of_index)) is not None:
        metadata[b"pandas"] = described
    return pa.schema([pa.field(column.name, column.way.stored) for column in columns], metadata)


def _pieces(columns: list[_Column], schema: pa.Schema) -> Iterator[bytes]:
    texts = [field.name for field in schema if not _is_number(field.type)]
    sink = _Pieces()
    with pq.ParquetWriter(
        pa.PythonFile(sink, mode="w"), schema, compression="zstd", compression_level=1, use_dictionary=texts or False
    ) as writer:
        for rows in _groups(columns):
            arrays = [
                pa.chunked_array([column.way.kept(chunk) for chunk in column.array[rows].chunks], field.type)
                for column, field in zip(columns, schema, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema), _MOST_ROWS)
            yield sink.taken()
    yield sink.taken()


def _groups(columns: list[_Column]) -> Iterator[slice]:
    table = pa.Table.from_arrays([column.array for column in columns], [column.name for column in columns])
    start, rows = 0, _MOST_ROWS
    while start < table.num_rows:
        while rows > 1 and table.slice(start, rows).nbytes > _MOST_BYTES:
            rows //= 2
        yield slice(start, start + rows)
        start += rows
        rows = min(rows * 2, _MOST_ROWS)


def _is_number(kind: pa.DataType) -> bool:
    """Whether a dictionary of the values of a type does not pay, or has equal ones that are not the same."""
    return bool(pa.types.is_primitive(kind))


class _Pieces(io.RawIOBase):
    """What pyarrow writes to: it keeps the bytes until they are taken."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:  # noqa: ANN401 - bytes of some kind
        self._pieces.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        """What has been written since the last call."""
        whole = b"".join(self._pieces)
        self._pieces.clear()
        return whole


_WAYS: dict[str, Any] = {"times": Times, "packed": Packed, "choices": choices_of}


def _way(description: list[Any], kind: pa.DataType) -> Way:
    name, *values = description
    way: Way = AsItIs(kind) if name == "as it is" else _WAYS[name](*values)
    return way
