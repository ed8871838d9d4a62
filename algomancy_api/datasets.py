"""A dataset as a stream, of JSON or of MessagePack."""

import json
from collections.abc import Iterable, Iterator

import msgspec
from algomancy_data.datasource import BaseDataSource, DataSource

from .datasets_forms import JSON, MESSAGEPACK, Form
from .datasets_table import TableStream
from .values import UnencodableValue, encode
from .values_forms import key_text, type_name

__all__ = ["JSON", "MESSAGEPACK", "UnencodableDataset", "dataset_pieces"]


class UnencodableDataset(UnencodableValue):
    """A dataset whose own `to_json` gave something that is not JSON. The message names its type."""


def dataset_pieces(source: BaseDataSource, form: Form = JSON) -> Iterator[bytes]:
    """The document that `source.to_json()` is, with null for NaN and infinities, in pieces of 64 KiB to some 512.

    A dataset with the framework's own `to_json` is streamed from its tables as they are now, at a cost of memory that
    does not grow with them. Any other's own text is made at once, checked, and cut in pieces. Each piece is some
    milliseconds of work, so pull it on a worker thread.

    What is wrong raises before the first piece:

    Raises:
        UnencodableValue: A cell, a label or a name has no natural form.
        UnencodableDataset: The dataset's own text is not JSON.
        Exception: Whatever the dataset's own `to_json` raises.
    """
    if isinstance(source, DataSource) and type(source).to_json is DataSource.to_json:
        return _joined(_table_pieces(source, form))
    return _joined(_own_pieces(source, form))


def _table_pieces(source: DataSource, form: Form) -> Iterator[bytes]:
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


def _joined(pieces: Iterable[bytes], least: int = 64 * 1024) -> Iterator[bytes]:
    """The same bytes in pieces that are worth a switch of threads."""
    joined = bytearray()
    for piece in pieces:
        joined += piece
        if len(joined) >= least:
            yield bytes(joined)
            joined.clear()
    if joined:
        yield bytes(joined)


def _own_pieces(source: BaseDataSource, form: Form) -> Iterator[bytes]:
    yield from form.text(_checked(source.to_json(), source))


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
