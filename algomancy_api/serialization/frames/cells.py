"""Any Python value as tagged MessagePack, exactly. Nothing of it is code, as it would be with pickle.

Only exact types have a form: what comes back of a subclass would be something else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network
from pathlib import Path, PurePosixPath, PureWindowsPath
from types import NoneType
from typing import Any
from uuid import UUID, SafeUUID

import msgpack

from .errors import Refused, type_name
from .timezones import zone_from_parts, zone_parts

#: Levels: how deeply lists and the like may lie within each other.
MOST_LEVELS = 100

#: Types that MessagePack has, and that come back as they are.
_NATIVE = frozenset({NoneType, bool, float, str, bytes})
_INT_RANGE = range(-(2**63), 2**64)


@dataclass(frozen=True, slots=True)
class Tag:
    """A type with a form: a number, the value's parts, and the value of these parts. The number is for good."""

    code: int
    kind: type
    parts: Callable[[Any], Any]
    value: Callable[[Any], Any]


_BY_KIND: dict[type, Tag] = {}
_BY_CODE: dict[int, Tag] = {}


def register(*tags: Tag) -> None:
    """Give types a form.

    Raises:
        ValueError: The number or the type is taken.
    """
    for tag in tags:
        if tag.code in _BY_CODE or tag.kind in _BY_KIND:
            raise ValueError(f"{tag} is taken")
        _BY_CODE[tag.code] = _BY_KIND[tag.kind] = tag


def pack(value: object) -> bytes:
    """A value as bytes, for `unpack`.

    Raises:
        Refused: It is, or has within, a value of a type without a form, or it is nested too deeply.
    """
    return _packed(_tree(value, 0))


def unpack(data: bytes | memoryview) -> Any:  # noqa: ANN401
    """The value of `pack`.

    Raises:
        ValueError: These are not the bytes of a value.
    """
    return msgpack.unpackb(data, ext_hook=_value, unicode_errors="surrogatepass", strict_map_key=False)


def _packed(tree: object) -> bytes:
    packed: bytes = msgpack.packb(tree, unicode_errors="surrogatepass", use_bin_type=True)
    return packed


def _tree(value: object, level: int) -> Any:  # noqa: ANN401
    """A value as what msgpack packs as it is."""
    kind = type(value)
    if kind in _NATIVE:
        return value
    if level > MOST_LEVELS:
        raise Refused(f"a value nested more than {MOST_LEVELS} levels deep, or in itself")
    if kind is int and value in _INT_RANGE:
        return value
    if kind is list:
        return [_tree(item, level + 1) for item in value]  # type: ignore[attr-defined]
    tag = _BY_KIND.get(kind)
    if tag is None:
        raise Refused(f"a value of type {type_name(value)}")
    return msgpack.ExtType(tag.code, _packed(_tree(tag.parts(value), level)))


def _value(code: int, data: bytes) -> Any:  # noqa: ANN401
    tag = _BY_CODE.get(code)
    if tag is None:
        raise ValueError(f"a value of an unknown type, {code}")
    return tag.value(unpack(data))


def _int(data: bytes) -> int:
    return int.from_bytes(data, "little", signed=True)


def _int_bytes(value: int) -> bytes:
    return value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)


def _dict_parts(value: dict[Any, Any]) -> list[Any]:
    return [item for pair in value.items() for item in pair]


def _dict(parts: list[Any]) -> dict[Any, Any]:
    return dict(zip(parts[::2], parts[1::2], strict=True))


def _datetime_parts(value: datetime) -> list[Any]:
    return [
        *(value.year, value.month, value.day, value.hour, value.minute, value.second, value.microsecond, value.fold),
        None if value.tzinfo is None else zone_parts(value.tzinfo),
    ]


def _datetime(parts: list[Any]) -> datetime:
    year, month, day, *clock, fold, zone = parts
    return datetime.combine(date(year, month, day), _time([*clock, fold, zone]))


def _time_parts(value: time) -> list[Any]:
    zone = None if value.tzinfo is None else zone_parts(value.tzinfo)
    return [value.hour, value.minute, value.second, value.microsecond, value.fold, zone]


def _time(parts: list[Any]) -> time:
    hour, minute, second, microsecond, fold, zone = parts
    return time(hour, minute, second, microsecond, tzinfo=None if zone is None else zone_from_parts(zone), fold=fold)


def _uuid(parts: list[Any]) -> UUID:
    return UUID(bytes=parts[0], is_safe=SafeUUID(parts[1]))


def _spread(make: Callable[..., Any]) -> Callable[[Any], Any]:
    return lambda parts: make(*parts)


register(
    Tag(1, int, _int_bytes, _int),
    Tag(2, complex, lambda value: [value.real, value.imag], _spread(complex)),
    Tag(3, bytearray, bytes, bytearray),
    Tag(4, tuple, list, tuple),
    Tag(5, dict, _dict_parts, _dict),
    Tag(6, set, list, set),
    Tag(7, frozenset, list, frozenset),
    Tag(8, range, lambda value: [value.start, value.stop, value.step], _spread(range)),
    Tag(9, slice, lambda value: [value.start, value.stop, value.step], _spread(slice)),
    Tag(10, date, date.toordinal, date.fromordinal),
    Tag(11, time, _time_parts, _time),
    Tag(12, datetime, _datetime_parts, _datetime),
    Tag(13, timedelta, lambda value: [value.days, value.seconds, value.microseconds], _spread(timedelta)),
    Tag(14, Decimal, str, Decimal),
    Tag(15, Fraction, lambda value: [value.numerator, value.denominator], _spread(Fraction)),
    Tag(16, UUID, lambda value: [value.bytes, value.is_safe.value], _uuid),
    Tag(17, PurePosixPath, str, PurePosixPath),
    Tag(18, PureWindowsPath, str, PureWindowsPath),
    Tag(19, type(Path()), str, Path),
    *(
        Tag(20 + number, kind, str, kind)
        for number, kind in enumerate(
            (IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network)
        )
    ),
)
