"""JSON documents as MessagePack, and the other way.

Both have the same values but for a few. What JSON has and MessagePack has not: an integer beyond 64 bits becomes a
float, or nil beyond a float's range; half of a surrogate pair becomes U+FFFD. What MessagePack has and JSON has not
takes the form that `json_encoder.encode` gives it: NaN and infinities null, bytes base64, timestamps ISO 8601, keys
text.
"""

import json
import math
from collections.abc import Buffer, Iterator
from typing import Any, NoReturn

import msgspec
from msgspec import Raw

from .json_encoder import UnencodableValue, encode

#: How much JSON is turned into MessagePack at a time: one call holds the interpreter until it is done.
_PIECE = 512 * 1024

_packer = msgspec.msgpack.Encoder()


class MalformedMessagePack(ValueError):
    """A body that is not MessagePack, or holds what JSON has no form for, and why."""


def packed(document: bytes | Raw) -> bytes:
    """A JSON document as MessagePack.

    Raises:
        ValueError: It is not JSON.
        RecursionError: It nests too deeply.
    """
    return b"".join(packed_pieces(document))


def packed_pieces(document: bytes | Raw) -> Iterator[Buffer]:
    """The same in pieces, of which each is some milliseconds of work."""
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
    """A value of JSON's own types and Structs as MessagePack."""
    try:
        return _packer.encode(value)
    except ArithmeticError, ValueError:
        return _packer.encode(_storable(msgspec.to_builtins(value)))


def pack_items(values: list[Any]) -> memoryview:
    """The items of an array, without its header; not copied for that."""
    return memoryview(pack(values))[len(array_header(len(values))) :]


def plain(document: bytes | Raw) -> Any:  # noqa: ANN401 - any JSON value
    """The value of a JSON document, for `pack`.

    Raises:
        ValueError: It is not JSON.
        RecursionError: It nests too deeply.
    """
    try:
        return msgspec.json.decode(document)
    except ValueError:  # Python's own parser knows numbers and surrogates that msgspec does not
        return _storable(json.loads(bytes(document), parse_int=_integer))


def array_header(length: int) -> bytes:
    """What stands before the items of an array."""
    return _header(length, 0x90, 0xDC)


def map_header(length: int) -> bytes:
    """What stands before the names and values of a map."""
    return _header(length, 0x80, 0xDE)


def unpacked(data: bytes) -> bytes:
    """MessagePack as a JSON document.

    Raises:
        MalformedMessagePack: It is none, or an extension type, or nests too deeply.
    """
    try:
        return encode(msgspec.msgpack.decode(data, ext_hook=_refuse_extension))
    except (ValueError, RecursionError, UnencodableValue) as error:
        raise MalformedMessagePack(f"The body is not valid MessagePack: {error}") from error


def _parts(document: bytes | Raw) -> list[Raw] | dict[str, Raw] | None:
    """The items or members of a document, not parsed; None if it has none, or msgspec cannot read it."""
    try:
        return msgspec.json.decode(document, type=list[Raw] | dict[str, Raw])
    except ValueError:
        return None


def _batches(items: list[Raw]) -> Iterator[list[Raw]]:
    """Items together that are small together."""
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


def _header(length: int, short: int, long: int) -> bytes:
    if length < 2**4:
        return bytes([short | length])
    if length < 2**16:
        return bytes([long]) + length.to_bytes(2)
    return bytes([long + 1]) + length.to_bytes(4)


def _storable(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """A JSON value with what MessagePack can hold in place of what it cannot."""
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
    """An integer, exact as far as MessagePack can hold it. Python refuses to read very many digits as an exact one."""
    return int(digits) if len(digits) < 30 else float(digits)


def _float(number: int) -> float | None:
    try:
        return float(number)
    except OverflowError:
        return None


def _refuse_extension(code: int, _data: memoryview) -> NoReturn:
    raise ValueError(f"JSON has no form for a value of the extension type {code}")
