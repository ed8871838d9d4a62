"""A dataset as a ZIP archive: a Parquet file for each table, and the metadata as JSON."""

import re
import time
from collections.abc import Generator, Iterator, Mapping
from datetime import datetime
from typing import Any, Literal
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import msgspec
import pandas as pd
from algomancy_data import BaseDataSource

from ..frames import Unkeepable, encode_frame
from ..json_encoder import UnencodableValue
from ..parquet import parquet_pieces

#: The entry with the metadata.
METADATA = "metadata.json"

#: The version of the metadata. One with a higher number is refused.
VERSION = 1

#: Characters: the longest file name, apart from its extension.
_LONGEST = 100

#: What file names may have, on any system: letters, digits and marks of any script.
_UNSAFE = re.compile(r"[^\w\- .()]")


class ArchiveMetadata(msgspec.Struct, omit_defaults=True):
    """What an archive says of its dataset.

    Attributes:
        version: The version of this form.
        id: The id of the dataset.
        name: Its key.
        type: `master_data`, `derived_data` or `dummy_data`.
        creation_datetime: When it was made.
        created_as: Whether that is a time in the dataset, or a text, as it is after `from-json`.
        tables: The names of its tables, in their order.
        files: The files of these tables, in the same order.
    """

    id: str
    name: str
    type: str
    creation_datetime: str
    created_as: Literal["time", "text"]
    tables: list[str]
    files: list[str]
    version: int = VERSION


class UnencodableTable(UnencodableValue):
    """A table with a value that cannot be written exactly; the message names table and column."""


def tables_of(source: BaseDataSource) -> Mapping[str, pd.DataFrame] | None:
    """The tables of a dataset, as the database stores them; None if its class has none to show."""
    if not (hasattr(source, "to_sql_tables") and hasattr(source, "from_sql_tables")):
        return None
    tables: Mapping[str, pd.DataFrame] = source.to_sql_tables()
    return tables


def archive_pieces(source: BaseDataSource, tables: Mapping[str, pd.DataFrame]) -> Generator[bytes]:
    """The archive of a dataset in pieces, for a worker thread. The memory that it needs does not grow with the tables.

    Raises:
        UnencodableTable: A table cannot be written exactly. Raised before the first piece.
    """
    # Copy-on-write: a write to a table does not change what is sent.
    kept = {name: frame.copy(deep=False) for name, frame in tables.items()}
    for name, frame in kept.items():
        try:
            encode_frame(frame)
        except Unkeepable as error:
            raise UnencodableTable(f"Table {name!r}: {error}") from error
    return _pieces(_metadata(source, [*kept]), kept)


def _metadata(source: BaseDataSource, names: list[str]) -> ArchiveMetadata:
    created: Any = source.creation_datetime
    return ArchiveMetadata(
        id=source.id,
        name=source.name,
        type=str(source._ds_type),  # there is no public attribute
        creation_datetime=str(created),
        created_as="time" if isinstance(created, datetime) else "text",
        tables=names,
        files=[f"{stem}.parquet" for stem in _stems(names)],
    )


def _stems(names: list[str]) -> Iterator[str]:
    """File names for tables: safe on any system, and different even where case does not count."""
    known: set[str] = set()
    for name in names:
        stem = _UNSAFE.sub("_", name).strip(" .")[:_LONGEST] or "table"
        unique, number = stem, 1
        while unique.casefold() in known:
            number += 1
            unique = f"{stem} ({number})"
        known.add(unique.casefold())
        yield unique


def _pieces(metadata: ArchiveMetadata, tables: Mapping[str, pd.DataFrame]) -> Generator[bytes]:
    sink = _Sink()
    with ZipFile(sink, "w") as archive:  # type: ignore[call-overload]  # it needs no more than `write` and `flush`
        document = msgspec.json.format(msgspec.json.encode(metadata))
        archive.writestr(_entry(METADATA, ZIP_DEFLATED), document)
        for file, frame in zip(metadata.files, tables.values(), strict=True):
            # Stored: Parquet is compressed.
            with archive.open(_entry(file, ZIP_STORED), "w", force_zip64=True) as entry:
                for piece in parquet_pieces(frame):
                    entry.write(piece)
                    yield sink.taken()
    yield sink.taken()


def _entry(name: str, compression: int) -> ZipInfo:
    entry = ZipInfo(name, time.localtime()[:6])
    entry.compress_type = compression
    entry.external_attr = 0o644 << 16
    return entry


class _Sink:
    """What the archive is written to: it keeps the bytes until they are taken."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: Any) -> int:  # noqa: ANN401 - bytes of some kind
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Do nothing: what is written is there."""

    def taken(self) -> bytes:
        """What has been written since the last call."""
        whole = b"".join(self._pieces)
        self._pieces.clear()
        return whole
