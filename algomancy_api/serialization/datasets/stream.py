"""A dataset as a stream, of JSON or of MessagePack, or as the text that it writes itself."""

import json
from collections.abc import Buffer, Generator, Iterable, Iterator
from typing import TypeGuard

import msgspec
from algomancy_data.datasource import BaseDataSource, DataSource

from ..hooks import key_text, type_name
from ..json_encoder import UnencodableValue, encode
from .table import TableStream
from .writers import JSON, MESSAGEPACK, Form

__all__ = ["JSON", "MESSAGEPACK", "UnencodableDataset", "dataset_pieces", "is_streamed", "own_document"]


class UnencodableDataset(UnencodableValue):
    """A dataset whose own `to_json` gave something that is not JSON. The message names its type."""


def is_streamed(source: BaseDataSource) -> TypeGuard[DataSource]:
    """Whether a dataset is streamed from its tables; any other one writes itself: see `own_document`."""
    return isinstance(source, DataSource) and type(source).to_json is DataSource.to_json


def dataset_pieces(source: DataSource, form: Form = JSON) -> Generator[bytes]:
    """The document that the framework's `to_json` makes of a dataset, with null for NaN and infinities, in pieces.

    It is made from the tables as they are now, at a cost of memory that does not grow with them. Each piece, of some
    200 KiB, is about a millisecond of work, so pull it on a worker thread.

    What is wrong raises before the first piece:

    Raises:
        UnencodableValue: A cell, a label or a name has no natural form.
    """
    return _joined(_table_pieces(source, form))


def own_document(source: BaseDataSource) -> bytes:
    """The text that a dataset writes itself, as JSON that any parser takes, with null for NaN and infinities.

    Raises:
        UnencodableDataset: It is not JSON.
        Exception: Whatever the dataset's own `to_json` raises.
    """
    return _checked(source.to_json(), source)


def _table_pieces(source: DataSource, form: Form) -> Iterator[Buffer]:
    metadata = {
        "id": source.id,
        "name": source.name,
        "type": str(source._ds_type),  # nothing public tells it
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


def _joined(pieces: Iterable[Buffer], least: int = 128 * 1024) -> Generator[bytes]:
    """The same bytes in pieces that are worth a switch of threads."""
    joined: list[Buffer] = []
    size = 0
    for piece in pieces:
        joined.append(piece)
        size += memoryview(piece).nbytes
        piece = b""  # or it would be held until the next one is made
        if size >= least:
            size = 0
            yield _taken(joined)
    if joined:
        yield _taken(joined)


def _taken(pieces: list[Buffer]) -> bytes:
    """All that a list has in one piece; it has nothing then."""
    whole = b"".join(pieces)
    pieces.clear()
    return whole


def _checked(text: object, source: BaseDataSource) -> bytes:
    """A text as JSON that any parser takes, which Python's own writer does not always give."""
    if not isinstance(text, str | bytes | bytearray):
        raise UnencodableDataset(f"{type_name(source)}.to_json() gave no text but a {type_name(text)}")
    try:
        document = text.encode() if isinstance(text, str) else bytes(text)
        msgspec.json.decode(document, type=msgspec.Raw)  # validates, and builds nothing
    except msgspec.DecodeError, ValueError, RecursionError:
        return _mended(text, source)
    return document


def _mended(text: str | bytes | bytearray, source: BaseDataSource) -> bytes:
    """Such a text from one that Python takes for JSON: with a bare NaN or a lone surrogate in it."""
    try:
        return encode(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise UnencodableDataset(f"{type_name(source)}.to_json() gave no JSON: {error}") from error
