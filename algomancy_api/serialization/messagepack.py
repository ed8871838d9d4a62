"""Conversion of JSON documents to MessagePack and back.

Most values exist in both. Values of JSON that MessagePack lacks: an integer beyond 64 bits becomes a float, or nil
beyond the range of floats; a lone surrogate becomes U+FFFD. Values of MessagePack that JSON lacks are encoded by
`json_encoder.encode`: NaN and infinities as null, bytes as base64, timestamps as ISO 8601, keys as strings.
"""

import json
import math
from collections.abc import Buffer, Iterator
from typing import Any, NoReturn

import msgspec
from msgpack import Packer
from msgspec import Raw

from .json_encoder import UnencodableValue, encode

#: Bytes: JSON converted in one call, which holds the GIL until it returns.
_PIECE = 512 * 1024

#: Bytes: buffer of a packer for one header. msgspec writes values, but no header without its items.
_HEADER = 16

_packer = msgspec.msgpack.Encoder()


class MalformedMessagePack(ValueError):
    """A body that is not MessagePack, or has a value without a JSON form; the message has the reason."""


def packed(document: bytes | Raw) -> bytes:
    """A JSON document as MessagePack.

    Raises:
        ValueError: It is not JSON.
        RecursionError: It nests too deeply.
    """
    return b"".join(packed_pieces(document))


def packed_pieces(document: bytes | Raw) -> Iterator[Buffer]:
    """A JSON document as MessagePack, in pieces of some milliseconds of work each."""
    parts = _parts(document) if len(document) > _PIECE else None
    if isinstance(parts, list):
        yield array_header(len(parts))
        for batch in _batches(parts):
            if len(batch) == 1:
                yield from packed_pieces(batch[0])
            else:
                yield pack_items(plain(b"[%b]" % b",".join(batch)))
    elif isinstance(parts, dict):
        yield map_header(len(parts))
        for name, value in parts.items():
            yield pack(name)
            yield from packed_pieces(value)
    else:
        yield pack(plain(document))


def pack(value: object) -> bytes:
    """A value of JSON types and Structs as MessagePack."""
    try:
        return _packer.encode(value)
    except ArithmeticError, ValueError:
        return _packer.encode(_storable(msgspec.to_builtins(value)))


def pack_items(values: list[Any]) -> memoryview:
    """The items of an array without its header, and without a copy."""
    return memoryview(pack(values))[len(array_header(len(values))) :]


def plain(document: bytes | Raw) -> Any:  # noqa: ANN401 - any JSON value
    """The value of a JSON document, for `pack`.

    Raises:
        ValueError: It is not JSON.
        RecursionError: It nests too deeply.
    """
    try:
        return msgspec.json.decode(document)
    except ValueError:  # Python's parser accepts numbers and surrogates that msgspec does not
        return _storable(json.loads(bytes(document), parse_int=_integer))


def array_header(length: int) -> bytes:
    """The header of an array."""
    header: bytes = Packer(buf_size=_HEADER).pack_array_header(length)
    return header


def map_header(length: int) -> bytes:
    """The header of a map."""
    header: bytes = Packer(buf_size=_HEADER).pack_map_header(length)
    return header


def unpacked(data: bytes) -> bytes:
    """MessagePack as a JSON document.

    Raises:
        MalformedMessagePack: It is invalid, has an extension type, or nests too deeply.
    """
    try:
        return encode(msgspec.msgpack.decode(data, ext_hook=_refuse_extension))
    except (ValueError, RecursionError, UnencodableValue) as error:
        raise MalformedMessagePack(f"The body is not valid MessagePack: {error}") from error


def _parts(document: bytes | Raw) -> list[Raw] | dict[str, Raw] | None:
    """The items or members of a document as raw JSON; None for a scalar, or if msgspec cannot read it."""
    try:
        return msgspec.json.decode(document, type=list[Raw] | dict[str, Raw])
    except ValueError:
        return None


def _batches(items: list[Raw]) -> Iterator[list[Raw]]:
    """Batches of items, each up to the size of a piece."""
    batch: list[Raw] = []
    size = 0
    for item in items:
        if batch and size + len(item) > _PIECE:
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += len(item)
    if batch:
        yield batch


def _storable(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """A JSON value with replacements for values that MessagePack lacks."""
    if isinstance(value, dict):
        return {_storable(name): _storable(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return _float(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _integer(digits: str) -> int | float:
    """An integer, or a float beyond the range of MessagePack: `int` raises for very many digits."""
    return int(digits) if len(digits) < 30 else float(digits)


def _float(number: int) -> float | None:
    try:
        return float(number)
    except OverflowError:
        return None


def _refuse_extension(code: int, _data: memoryview) -> NoReturn:
    raise ValueError(f"JSON has no form for the extension type {code}")
