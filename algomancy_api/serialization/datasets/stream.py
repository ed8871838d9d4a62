"""The stream of a dataset in JSON or MessagePack, or the text of its own `to_json`."""

import json
from collections.abc import Buffer, Generator, Iterable, Iterator
from typing import TypeGuard

import msgspec
from algomancy_data.datasource import BaseDataSource, DataSource

from ..hooks import key_text, type_name
from ..json_encoder import UnencodableValue, encode
from .table import TableStream
from .writers import JSON, MESSAGEPACK, Form

__all__ = ["JSON", "MESSAGEPACK", "UnencodableDataset", "dataset_pieces", "is_streamed", "joined", "own_document"]


class UnencodableDataset(UnencodableValue):
    """A dataset whose own `to_json` returned invalid JSON; the message names its type."""


def is_streamed(source: BaseDataSource) -> TypeGuard[DataSource]:
    """Whether a dataset is streamed from its tables; otherwise it has its own `to_json`: see `own_document`."""
    return isinstance(source, DataSource) and type(source).to_json is DataSource.to_json


def dataset_pieces(source: DataSource, form: Form = JSON) -> Generator[bytes]:
    """The document of the framework's `to_json` for a dataset, with null for NaN and infinities, in pieces.

    It has the tables as they are now; the memory that it needs does not grow with them. Each piece, of some 200 KiB,
    takes about a millisecond, so make it on a worker thread. Errors are raised before the first piece.

    Raises:
        UnencodableValue: A cell, a label or a name has no natural form.
    """
    return joined(_table_pieces(source, form))


def own_document(source: BaseDataSource) -> bytes:
    """The text of a dataset's own `to_json` as strict JSON, with null for NaN and infinities.

    Raises:
        UnencodableDataset: The text is not JSON.
        Exception: Whatever the dataset's own `to_json` raises.
    """
    return _checked(source.to_json(), source)


def _table_pieces(source: DataSource, form: Form) -> Iterator[Buffer]:
    metadata = {
        "id": source.id,
        "name": source.name,
        "type": str(source._ds_type),  # there is no public attribute
        "creation_datetime": str(source.creation_datetime),
        "tables": source.list_tables(),
    }
    tables = {key_text(name): TableStream(table, form) for name, table in dict(source.tables).items()}
    yield form.begin_map(2) + form.member("metadata", form.value(metadata)) + form.comma
    yield form.member("tables") + form.begin_map(len(tables))
    for number, (name, table) in enumerate(tables.items()):
        yield (form.comma if number else b"") + form.member(name)
        yield from table.pieces()
    yield form.end_map + form.end_map


def joined(pieces: Iterable[Buffer], least: int = 128 * 1024) -> Generator[bytes]:
    """The same bytes in pieces that are worth a switch of threads, of at least ``least`` bytes."""
    joined: list[Buffer] = []
    size = 0
    for piece in pieces:
        joined.append(piece)
        size += memoryview(piece).nbytes
        piece = b""  # frees the memory before the next piece is made
        if size >= least:
            size = 0
            yield _taken(joined)
    if joined:
        yield _taken(joined)


def _taken(pieces: list[Buffer]) -> bytes:
    """Join the pieces and clear the list."""
    whole = b"".join(pieces)
    pieces.clear()
    return whole


def _checked(text: object, source: BaseDataSource) -> bytes:
    """A text as strict JSON; Python's `json.dumps` may write NaN or lone surrogates."""
    if not isinstance(text, str | bytes | bytearray):
        raise UnencodableDataset(f"{type_name(source)}.to_json() returned {type_name(text)} instead of a text")
    try:
        document = text.encode() if isinstance(text, str) else bytes(text)
        msgspec.json.decode(document, type=msgspec.Raw)  # validates, and builds nothing
    except msgspec.DecodeError, ValueError, RecursionError:
        return _strict(text, source)
    return document


def _strict(text: str | bytes | bytearray, source: BaseDataSource) -> bytes:
    """Strict JSON from a text that only Python's parser accepts, with a NaN or a lone surrogate."""
    try:
        return encode(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise UnencodableDataset(f"{type_name(source)}.to_json() returned invalid JSON: {error}") from error
