"""Tables as the columns of Arrow's IPC format, in BLOBs.

The first part of a value describes it; each further part is a table. So one table can be read without the others.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import batched
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import BinaryIO, Self, cast

import msgspec
import pandas as pd
import sqlalchemy as sa

from ....serialization.frames import Unkeepable, read_frame, write_frame
from ...errors import NotStorable
from ...names import check_name
from . import blobs
from .blobs import PIECE, Piece

#: The version of the format. A newer one is refused.
_VERSION = 1

#: Bytes: in memory. The rest of a value that is encoded is in a temporary file.
_IN_MEMORY = 32 * 1024 * 1024

#: Owners: asked for at once.
_OWNERS = 500

type Tables = dict[str, pd.DataFrame]


class UnreadableTables(RuntimeError):
    """Stored tables that cannot be read; the message has the reason."""


class Description(msgspec.Struct, frozen=True, omit_defaults=True):
    """The first part of a value.

    Attributes:
        tables: The names of the tables, in their order.
        attributes: What else belongs to the dataset or result.
        version: The version of the format.
    """

    tables: list[str]
    attributes: dict[str, str | None]
    version: int = _VERSION


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Description)


class EncodedTables:
    """Encoded tables that are not written yet. Encoding takes longer than writing, during which others wait.

    Use it as a context manager.

    Args:
        tables: The tables.

    Raises:
        NotStorable: A table has a value that cannot be kept, or a name that the database cannot store.
    """

    def __init__(self, tables: Mapping[str, pd.DataFrame]) -> None:
        for name, frame in tables.items():
            _check_names(name, frame)
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed by __exit__
        self._names = list(tables)
        self._ends: list[int] = []
        try:
            for name, frame in tables.items():
                self._add(name, frame)
        except BaseException:
            self._file.close()
            raise

    def pieces(self, attributes: Mapping[str, str | None]) -> Iterator[Piece]:
        """The BLOBs to write.

        Args:
            attributes: What else belongs to the tables.
        """
        description = _encoder.encode(Description(self._names, dict(attributes)))
        for number, offset in enumerate(range(0, len(description), PIECE)):
            yield Piece(0, number, description[offset : offset + PIECE])
        self._file.seek(0)
        start = 0
        for part, end in enumerate(self._ends, 1):
            for number, offset in enumerate(range(start, end, PIECE)):
                yield Piece(part, number, self._file.read(min(PIECE, end - offset)))
            start = end

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def _add(self, name: str, frame: pd.DataFrame) -> None:
        try:
            write_frame(frame, cast("BinaryIO", self._file))
        except Unkeepable as error:
            raise NotStorable(f"table {name!r}: {error}") from error
        self._ends.append(self._file.tell())


def read_descriptions(engine: sa.Engine, owners: Sequence[str]) -> dict[str, Description]:
    """The descriptions of values by owner, without those that cannot be read."""
    found: dict[str, Description] = {}
    with engine.connect() as connection:
        for some in batched(owners, _OWNERS, strict=False):
            for owner, document in blobs.first_parts(connection, some):
                with suppress(ValueError):  # of a newer version, say
                    found[owner] = _description(document)
    return found


def read_tables(engine: sa.Engine, owner: str) -> tuple[Tables, Mapping[str, str | None]]:
    """The tables of a value, and what else belongs to them.

    Raises:
        UnreadableTables: The value does not exist, is incomplete, or has the format of a newer version.
    """
    try:
        return _read_tables(engine, owner)
    except ValueError as error:  # which is a client's mistake elsewhere
        raise UnreadableTables(f"The stored columns {owner} cannot be read: {error}") from error


def _read_tables(engine: sa.Engine, owner: str) -> tuple[Tables, Mapping[str, str | None]]:
    with engine.connect() as connection:
        parts = blobs.read(connection, owner)
        if (first := next(parts, None)) is None:
            raise ValueError("its columns are missing")
        description = _description(first.read())
        tables = {name: read_frame(part) for name, part in zip(description.tables, parts, strict=True)}
    return tables, description.attributes


def _description(document: bytes) -> Description:
    description = _decoder.decode(document)
    if description.version > _VERSION:
        raise ValueError(f"it was stored by a newer version of algomancy-api, as version {description.version}")
    return description


def _check_names(table: str, frame: pd.DataFrame) -> None:
    """Refuse names with lone surrogates: a dataset with one could not be downloaded."""
    check_name("table name", table, may_have_nul=True)
    for label in frame.columns:
        if isinstance(label, str):
            check_name("column name", label, may_have_nul=True)
