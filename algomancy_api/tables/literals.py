"""Values of a condition, as the type of the column that they stand beside."""

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec
import pyarrow as pa

from .columns import Column, Sort
from .grammar import Literal
from .tokens import Kind, refuse, shown

#: Nanoseconds by unit of Arrow.
_UNITS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}

_DAY = 86_400 * 10**9

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - of times without a zone

#: The digits of a text after the microseconds, which Python leaves out.
_BEYOND = re.compile(r"[.,]\d{6}(\d{1,3})")

#: Digits: of a number, and its exponent. A fraction of it has as many.
_MOST_DIGITS = 60
_MOST_EXPONENT = 400

_EXPECTED = {
    Sort.NUMBER: "a number",
    Sort.BOOLEAN: "true or false",
    Sort.TEXT: "a text in quotes",
    Sort.TIME: 'a time in quotes, such as "2026-01-02T03:04:05"',
    Sort.DATE: 'a date in quotes, such as "2026-01-02"',
    Sort.CLOCK: 'a time of day in quotes, such as "03:04:05"',
    Sort.DURATION: 'a duration in quotes, such as "PT90S"',
}

_KINDS = {Sort.NUMBER: Kind.NUMBER, Sort.BOOLEAN: Kind.NAME}


def value_of(literal: Literal, column: Column) -> Any:  # noqa: ANN401 - by the column
    """A value as a bool, a text, or a number: for a column of times, of its unit since 1970, for others of itself.

    Raises:
        Malformed: It is of another type than the column.
    """
    if column.sort is Sort.OTHER:
        refuse("where", f"column {shown(column.name)} has {column.sort}, only null tests;", literal.position)
    if literal.kind is not _KINDS.get(column.sort, Kind.TEXT):
        _refuse(literal, column)
    try:
        return _READERS[column.sort](literal, column)
    except (ValueError, OverflowError, msgspec.ValidationError) as error:
        _refuse(literal, column, cause=error)


def _refuse(literal: Literal, column: Column, cause: Exception | None = None) -> Any:  # noqa: ANN401
    expected = _EXPECTED[column.sort]
    reason = f"column {shown(column.name)} has {column.sort}: expected {expected}, found {shown(literal.text)}"
    try:
        refuse("where", reason, literal.position)
    except Exception as error:
        raise error from cause


def _number(literal: Literal, _column: Column) -> Fraction:
    text = literal.text.lower()
    digits, _, exponent = text.partition("e")
    if len(digits) > _MOST_DIGITS or abs(int(exponent or 0)) > _MOST_EXPONENT:
        refuse("where", "a number with too many digits", literal.position)
    return Fraction(Decimal(text))


def _moment(literal: Literal, column: Column) -> Fraction:
    moment = datetime.fromisoformat(literal.text)
    is_zoned = getattr(column.compared_type, "tz", None) is not None
    if is_zoned and moment.tzinfo is None:
        refuse("where", f"the times of column {shown(column.name)} need a UTC offset, as Z;", literal.position)
    if not is_zoned and moment.tzinfo is not None:
        refuse("where", f"the times of column {shown(column.name)} have no UTC offset;", literal.position)
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return Fraction(_nanoseconds(moment - _EPOCH) + _beyond(literal.text), _unit(column.compared_type))


def _day(literal: Literal, _column: Column) -> Fraction:
    return Fraction(_nanoseconds(datetime.fromisoformat(literal.text).replace(tzinfo=None) - _EPOCH), _DAY)


def _clock(literal: Literal, column: Column) -> Fraction:
    clock = time.fromisoformat(literal.text).replace(tzinfo=None)
    since = datetime.combine(date(1970, 1, 1), clock) - _EPOCH
    return Fraction(_nanoseconds(since) + _beyond(literal.text), _unit(column.compared_type))


def _duration(literal: Literal, column: Column) -> Fraction:
    duration = msgspec.convert(literal.text, timedelta)
    return Fraction(_nanoseconds(duration), _unit(column.compared_type))


def _nanoseconds(duration: timedelta) -> int:
    return duration // timedelta(microseconds=1) * 1_000


def _beyond(text: str) -> int:
    """The nanoseconds of a time that its microseconds do not have."""
    found = _BEYOND.search(text)
    return 0 if found is None else int(found[1].ljust(3, "0"))


def _unit(kind: Any) -> int:  # noqa: ANN401 - a type of Arrow with a unit
    return _UNITS[kind.unit]


_READERS: dict[Sort, Any] = {
    Sort.NUMBER: _number,
    Sort.BOOLEAN: lambda literal, _: literal.text == "true",
    Sort.TEXT: lambda literal, _: literal.text,
    Sort.TIME: _moment,
    Sort.DATE: _day,
    Sort.CLOCK: _clock,
    Sort.DURATION: _duration,
}


def integers_of(array: pa.Array) -> pa.Array:
    """The integers that an array of integers, dates, times or durations consists of, without a copy."""
    kind = array.type
    if pa.types.is_integer(kind):
        return array
    return array.view(pa.int32() if kind.bit_width == 32 else pa.int64())
