"""Hypothesis strategies for values, each with its expected JSON, and for tables."""

import json
import math
from base64 import b64encode
from collections import OrderedDict, UserDict, UserList, defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pandas as pd
from hypothesis import reject
from hypothesis import strategies as st

#: Strings of any characters, lone surrogates too.
TEXTS = st.text(st.characters(exclude_categories=()), max_size=8)
FLOATS = st.floats() | st.sampled_from([0.0, -0.0, 1e16, 1e-7, math.nan, math.inf, -math.inf])
INTEGERS = st.integers(-10, 10) | st.integers(-(2**70), 2**70)
#: Time zones of whole minutes: RFC 3339 has no seconds in offsets.
ZONES: st.SearchStrategy[tzinfo] = st.integers(-23 * 60, 23 * 60).map(
    lambda minutes: timezone(timedelta(minutes=minutes))
)
#: A range within 64 bits of microseconds.
LONG = timedelta(-100_000_000), timedelta(100_000_000)
#: A range within 64 bits of nanoseconds, as in numpy and pandas.
NEAR = datetime.fromisoformat("1700-01-01"), datetime.fromisoformat("2250-01-01")


class Sample(NamedTuple):
    """A value and its expected JSON value."""

    value: Any
    plain: Any


@dataclass
class Point:
    x: Any
    y: Any = None


class Row(msgspec.Struct):
    cell: Any


class Model:
    """An object with a `to_dict` of its own."""

    def __init__(self, content: Any) -> None:
        self.content = content

    def to_dict(self) -> dict[str, Any]:
        return {"content": self.content}


class Pair(NamedTuple):
    first: Any
    second: Any


class Colour(Enum):
    RED = "red"
    NUMBER = 3
    WAVES = (620, 750)
    NOTHING = math.nan


class Odd(Enum):
    ARRAY = np.int64(5)
    STAMP = pd.Timestamp(2020, 1, 1)
    DECIMAL = Decimal("Infinity")


class Status(StrEnum):
    DONE = "done"


class Level(IntEnum):
    HIGH = 3


def of(values: st.SearchStrategy[Any], plain: Callable[[Any], Any]) -> st.SearchStrategy[Sample]:
    """Samples of values, with a function that gives their JSON."""
    return values.map(lambda value: Sample(value, plain(value)))


def merged(text: str) -> str:
    """A text after JSON: the two halves of a surrogate pair become one character."""
    return str(json.loads(json.dumps(text)))


def finite(number: float) -> float | None:
    return float(number) if math.isfinite(number) else None


def moment(value: datetime | time) -> str:
    return value.isoformat().replace("+00:00", "Z")


def duration(value: timedelta) -> str:
    return str(msgspec.to_builtins(value))


def base64(data: bytes) -> str:
    return b64encode(data).decode()


def _identity(value: Any) -> Any:
    return value


SCALARS: st.SearchStrategy[Sample] = st.one_of(
    of(st.none() | st.booleans() | INTEGERS, _identity),
    of(FLOATS, finite),
    of(TEXTS, merged),
    of(st.datetimes(), moment),
    of(st.datetimes(timezones=ZONES), moment),
    of(st.times() | st.times(timezones=ZONES), moment),
    of(st.dates(), date.isoformat),
    of(st.timedeltas(), duration),
    of(st.decimals(), lambda number: str(number) if number.is_finite() else None),
    of(st.uuids() | st.fractions(), str),
    of(st.sampled_from(["a", "b/c", "/", "ü/\x00"]).map(PurePosixPath), str),
    of(st.binary(max_size=4), base64),
    of(st.binary(max_size=4).map(bytearray), base64),
    of(st.binary(max_size=4).map(lambda data: memoryview(data)[::2]), lambda memory: base64(bytes(memory))),
    st.sampled_from(
        [
            Sample(Colour.RED, "red"),
            Sample(Colour.NUMBER, 3),
            Sample(Colour.WAVES, [620, 750]),
            Sample(Colour.NOTHING, None),
            Sample(Status.DONE, "done"),
            Sample(Level.HIGH, 3),
            Sample(range(3), [0, 1, 2]),
            Sample(pd.NaT, None),
            Sample(pd.NA, None),
            Sample(pd.Period("2020-02", "M"), "2020-02"),
            Sample(pd.Interval(0, 1), "(0, 1]"),
            Sample(np.datetime64("NaT", "s"), None),
        ]
    ),
)

NUMPY_SCALARS: st.SearchStrategy[Sample] = st.one_of(
    of(st.floats().map(np.float64), finite),
    of(st.floats(width=32).map(np.float32), finite),
    of(st.floats(width=16).map(np.float16), finite),
    of(st.floats().map(np.longdouble), finite),
    of(st.integers(-(2**63), 2**63 - 1).map(np.int64), int),
    of(st.integers(0, 255).map(np.uint8), int),
    of(st.booleans().map(np.bool_), bool),
    st.text(max_size=3).map(lambda text: Sample(np.str_(text), text)),
    of(st.datetimes(), moment).map(lambda sample: Sample(np.datetime64(sample.value, "us"), sample.plain)),
    of(st.datetimes(*NEAR), moment).map(lambda sample: Sample(np.datetime64(sample.value, "ns"), sample.plain)),
    of(st.dates(), lambda day: f"{day}T00:00:00").map(lambda sample: Sample(np.datetime64(sample.value), sample.plain)),
    of(st.timedeltas(*LONG), duration).map(lambda sample: Sample(np.timedelta64(sample.value, "us"), sample.plain)),
    of(st.datetimes(*NEAR).map(pd.Timestamp), pd.Timestamp.isoformat),
    of(st.datetimes(*NEAR, timezones=ZONES).map(pd.Timestamp), pd.Timestamp.isoformat),
    of(st.timedeltas(timedelta(-100), timedelta(100)), duration).map(
        lambda sample: Sample(pd.Timedelta(sample.value), sample.plain)
    ),
)


def _float_key(number: float) -> str:
    if math.isnan(number):
        return "NaN"
    return msgspec.json.encode(float(number)).decode() if math.isfinite(number) else repr(float(number))


KEYS: st.SearchStrategy[Sample] = st.one_of(
    of(TEXTS, merged),
    of(INTEGERS, str),
    of(FLOATS, _float_key),
    of(FLOATS.map(np.float64), _float_key),
    of(st.integers(0, 255).map(np.uint8), str),
    of(st.uuids(), str),
    of(st.dates(), date.isoformat),
    of(st.datetimes(timezones=ZONES), moment),
    of(st.datetimes(*NEAR).map(pd.Timestamp), pd.Timestamp.isoformat),
    of(st.timedeltas(), duration),
    of(st.decimals(allow_nan=False), str),
    of(st.binary(max_size=4), base64),
    of(st.fractions(), str),
    of(st.tuples(st.integers(), st.booleans()), lambda pair: f"{pair[0]},{str(pair[1]).lower()}"),
    st.sampled_from(
        [
            Sample(None, "null"),
            Sample(True, "true"),
            Sample(False, "false"),
            Sample(np.True_, "true"),
            Sample(pd.NaT, "null"),
            Sample(Colour.RED, "red"),
            Sample(Colour.WAVES, "620,750"),
            Sample(Colour.NOTHING, "NaN"),
            Sample(Status.DONE, "done"),
            Sample(Level.HIGH, "3"),
            Sample((), ""),
            Sample(("a", ("b", None)), "a,b,null"),
            Sample(frozenset({1}), "1"),
            Sample(range(2), "0,1"),
            Sample(Decimal("NaN"), "NaN"),
        ]
    ),
)


def _listed(build: Callable[[list[Any]], Any]) -> Callable[[list[Sample]], Sample]:
    return lambda samples: Sample(build([sample.value for sample in samples]), [sample.plain for sample in samples])


def _mapped(build: Callable[[dict[Any, Any]], Any]) -> Callable[[list[tuple[Sample, Sample]]], Sample]:
    def sample(members: list[tuple[Sample, Sample]]) -> Sample:
        value: dict[Any, Any] = {}
        plain: dict[Any, tuple[str, Any]] = {}
        for key, member in members:  # equal keys, such as 1 and True, become one: the first key with the last value
            try:
                value[key.value] = member.value
            except TypeError:  # pandas cannot compare two keys with the same hash, so there is no such dict
                reject()
            plain[key.value] = plain.get(key.value, (key.plain, None))[0], member.plain
        return Sample(build(value), dict(plain.values()))

    return sample


def _object_array(values: list[Any]) -> Any:
    return np.fromiter(values, dtype=object, count=len(values))


def _object_series(values: list[Any]) -> Any:
    return pd.Series(_object_array(values), dtype=object)


LISTS: list[Callable[[list[Any]], Any]] = [
    list, tuple, deque, UserList, _object_array, _object_series,
    lambda values: dict(enumerate(values)).values(),
]  # fmt: skip
MAPPINGS: list[Callable[[dict[Any, Any]], Any]] = [
    dict, OrderedDict, UserDict, MappingProxyType,
    lambda members: defaultdict(list, members),
]  # fmt: skip


def _containers(parts: st.SearchStrategy[Sample]) -> st.SearchStrategy[Sample]:
    lists = st.lists(parts, max_size=4)
    members = st.lists(st.tuples(KEYS, parts), max_size=4)
    return st.one_of(
        *[lists.map(_listed(build)) for build in LISTS],
        *[members.map(_mapped(build)) for build in MAPPINGS],
        parts.map(lambda part: Sample(Point(part.value), {"x": part.plain, "y": None})),
        parts.map(lambda part: Sample(Row(part.value), {"cell": part.plain})),
        parts.map(lambda part: Sample(Model(part.value), {"content": part.plain})),
        st.tuples(parts, parts).map(
            lambda pair: Sample(Pair(pair[0].value, pair[1].value), [pair[0].plain, pair[1].plain])
        ),
    )


#: Nested values of every type that has a natural JSON form.
VALUES: st.SearchStrategy[Sample] = st.recursive(SCALARS | NUMPY_SCALARS, _containers, max_leaves=12)


def strictly_parsed(document: bytes) -> Any:
    """A JSON document parsed strictly: as UTF-8, without the NaN and Infinity that Python's parser accepts."""

    def refuse(constant: str) -> Any:
        raise AssertionError(constant)

    # A Decimal, because int() refuses more than 4,300 digits.
    return json.loads(document.decode(), parse_constant=refuse, parse_int=lambda digits: int(Decimal(digits)))


def held(value: Any) -> Any:
    """A JSON value after MessagePack, which has no lone surrogates and no larger integers than 64 bits."""
    if isinstance(value, dict):
        return {held(name): held(member) for name, member in value.items()}
    if isinstance(value, list):
        return [held(item) for item in value]
    if isinstance(value, str):
        return "".join("\ufffd" if "\ud800" <= character <= "\udfff" else character for character in value)
    if type(value) is int and not -(2**63) <= value < 2**64:
        return float(value) if abs(value) < 2**1024 else None
    return None if isinstance(value, float) and not math.isfinite(value) else value


def same(left: Any, right: Any) -> bool:
    """Whether two JSON values are equal, types included: 1 is neither 1.0 nor True."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(value, right[key]) for key, value in left.items())
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right, strict=True))
    return bool(left == right)


# Tables --------------------------------------------------------------------------------------------------------------

type Columns = Callable[[int], st.SearchStrategy[Any]]


def _cells(dtype: Any, cells: st.SearchStrategy[Any]) -> Columns:
    """Columns of a dtype, by length."""
    return lambda length: st.lists(cells, min_size=length, max_size=length).map(
        lambda values: pd.Series(_object_array(values), dtype=object).astype(dtype)
    )


def _moments(unit: str, zone: Any = None) -> Columns:
    """Datetime columns, by length; those in seconds go beyond the years of Python's datetime."""
    spread = {"s": 4 * 10**11, "ms": 2 * 10**14, "us": 2 * 10**17, "ns": 9 * 10**18}[unit]
    near = {"s": 10**9, "ms": 10**12, "us": 10**15, "ns": 10**18}[unit]
    counts = st.one_of(st.integers(0, near), st.integers(-spread, spread), st.just(np.iinfo("i8").min))

    def column(values: list[int]) -> Any:
        return pd.Series(np.array(values, "i8").astype(f"M8[{unit}]")).dt.tz_localize("UTC").dt.tz_convert(zone)

    return lambda length: st.lists(counts, min_size=length, max_size=length).map(column)


def _categories(cells: st.SearchStrategy[Any]) -> Columns:
    return lambda length: st.lists(st.none() | cells, min_size=length, max_size=length).map(
        lambda values: pd.Series(pd.Categorical(values))
    )


def _is_json(value: Any) -> bool:
    """Whether the framework can write a value nested in a cell: it cannot write numpy scalars."""
    return not isinstance(value, np.generic)


_MIXED = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), FLOATS, TEXTS,
        st.integers(0, 9).map(np.int16), st.floats(width=32).map(np.float32), st.floats().map(np.float64),
        st.datetimes(*NEAR).map(pd.Timestamp), st.datetimes(*NEAR, timezones=ZONES).map(pd.Timestamp),
        st.sampled_from([pd.NaT, pd.NA, Decimal("NaN"), np.datetime64("2020-01-01"), Status.DONE, Level.HIGH]),
    ),
    lambda parts: st.lists(parts.filter(_is_json), max_size=2)
    | st.dictionaries(st.none() | st.booleans() | TEXTS, parts.filter(_is_json), max_size=2),
    max_leaves=3,
)  # fmt: skip


#: Columns that the framework's `to_json` can write.
COLUMNS: dict[str, Columns] = {
    "text": _cells("str", st.none() | st.text(max_size=5)),
    "string": _cells("string", st.none() | st.text(max_size=5)),
    "string of Python": _cells(pd.StringDtype("python"), st.none() | TEXTS),
    "object text": _cells(object, st.none() | TEXTS),
    "mixed": _cells(object, _MIXED),
    "int64": _cells("int64", st.integers(-(2**63), 2**63 - 1)),
    "uint64": _cells("uint64", st.integers(0, 2**64 - 1)),
    "int8": _cells("int8", st.integers(-128, 127)),
    "float64": _cells("float64", FLOATS),
    "float32": _cells("float32", st.floats(width=32)),
    "float16": _cells("float16", st.floats(width=16)),
    "bool": _cells("bool", st.booleans()),
    "Int64": _cells("Int64", st.sampled_from([pd.NA, 0, 2**63 - 1])),
    "UInt8": _cells("UInt8", st.sampled_from([pd.NA, 0, 255])),
    "Float64": _cells("Float64", st.sampled_from([pd.NA, 0.5, -0.0])),
    "boolean": _cells("boolean", st.sampled_from([pd.NA, True, False])),
    "seconds": _moments("s"),
    "milliseconds": _moments("ms"),
    "microseconds": _moments("us"),
    "nanoseconds": _moments("ns"),
    "zoned": _moments("us", "UTC"),
    "zoned seconds": _moments("s", timezone(timedelta(hours=-3, minutes=-30))),
    "zoned nanoseconds": _moments("ns", "Europe/Amsterdam"),
    "no time": lambda length: st.just(pd.Series(np.full(length, "NaT", "m8[ns]"))),
    "category": _categories(st.sampled_from(["a", "b"])),
    "category of numbers": _categories(st.sampled_from([0.5, 2.0])),
    "category of moments": _categories(st.sampled_from([pd.Timestamp(0), pd.Timestamp(1)])),
    "sparse": lambda length: st.just(pd.Series(pd.arrays.SparseArray(np.arange(length) % 2))),
}

#: Column labels that `json.dumps` can write.
LABELS = st.one_of(TEXTS, st.integers(-9, 9), st.floats(allow_nan=False), st.sampled_from([True, None, 1e16, 1e-7]))


def _indexes(length: int) -> st.SearchStrategy[Any]:
    kinds: Iterable[str] = ["text", "object text", "int64", "float64", "Int64", "seconds", "zoned", "category"]
    return st.one_of(
        st.integers(-3, 3).map(lambda start: pd.RangeIndex(start, start + 2 * length, 2)),
        *[COLUMNS[kind](length).map(pd.Index) for kind in kinds],
        st.tuples(COLUMNS["text"](length), COLUMNS["microseconds"](length)).map(
            lambda levels: pd.MultiIndex.from_arrays([pd.Index(level) for level in levels])
        ),
    )


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """A table of a few columns of any kind and at most four rows."""
    length = draw(st.integers(0, 4))
    labels = draw(st.lists(LABELS, max_size=5, unique_by=lambda label: (pd.isna(label), label)))
    columns = [draw(draw(st.sampled_from(list(COLUMNS.values())))(length)) for _ in labels]
    table = pd.DataFrame(dict(enumerate(columns)), index=pd.RangeIndex(length))
    table.columns = pd.Index(labels, dtype=object)
    table.index = draw(_indexes(length))
    return table
