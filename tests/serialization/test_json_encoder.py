"""Strict JSON for any value in a user's results."""

import array
import collections
import dataclasses
import enum
import json
import math
import pathlib
import re
import threading
import types
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from ipaddress import ip_address, ip_network
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from algomancy_api.serialization.json_encoder import UnencodableValue, encode, natural_form

from ..support import strategies
from ..support.strategies import Colour, Level, Model, Odd, Pair, Point, Row, Sample, Status, same, strictly_parsed

NAN, INF = math.nan, math.inf
SURROGATE = "\ud800"
ID = uuid.UUID(int=1)


def encoded(value: object) -> Any:
    """A value as it comes back to a client."""
    return strictly_parsed(encode(value))


# Arbitrary values ----------------------------------------------------------------------------------------------------


@settings(max_examples=500, deadline=None)
@given(strategies.VALUES)
def test_any_value_comes_back_as_its_plain_self(sample: Sample) -> None:
    assert same(encoded(sample.value), sample.plain)


@settings(max_examples=200, deadline=None)
@given(strategies.VALUES)
def test_the_slow_way_gives_what_the_fast_one_gives(sample: Sample) -> None:
    assert same(encoded([sample.value, SURROGATE]), [sample.plain, SURROGATE])


@settings(max_examples=150, deadline=None)
@given(
    arrays.arrays(
        st.sampled_from(["?", "i1", "u8", "f2", "f8", "g", "U3", "M8[s]", "M8[ns]", "m8[us]", "m8[ns]", "i4,f8"]),
        arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
    )
)
def test_an_array_is_the_nested_list_of_its_scalars(values: Any) -> None:
    def nested(part: Any) -> Any:
        return [nested(item) for item in part] if isinstance(part, np.ndarray) else encoded(part)

    assert same(encoded(values), nested(values if values.ndim else values[()]))


# Each type by name ---------------------------------------------------------------------------------------------------


class Real(float):
    pass


class Whole(int):
    def __int__(self) -> int:
        return 0


class Word(str):
    __slots__ = ()


class Moment(datetime):
    pass


class Day(date):
    pass


class Clock(time):
    pass


class Span(timedelta):
    pass


class Amount(Decimal):
    pass


class Key(uuid.UUID):
    pass


class Data(bytearray):
    pass


class Letters(collections.UserString):
    pass


class Named(Mapping[str, int]):
    def __getitem__(self, key: str) -> int:
        return 1

    def __iter__(self) -> Iterator[str]:
        return iter(["a"])

    def __len__(self) -> int:
        return 1


class Twice(Sequence[int]):
    def __getitem__(self, index: Any) -> Any:
        return [5, 6][index]

    def __len__(self) -> int:
        return 2


class Tagged(msgspec.Struct, tag="kind", rename="camel", omit_defaults=True):
    first_name: Any
    last_name: Any = None
    unset: Any = msgspec.UNSET


class Listed(msgspec.Struct, array_like=True):
    first: Any
    second: Any


@dataclasses.dataclass(slots=True)
class Slotted:
    value: Any


class Size(float, enum.Enum):
    SMALL = 0.5


NOT_NUMBERS = ["NaN", "Infinity", "-sNaN12", '"NaN"', '"nan":']
RECORDS = np.array([(1, 2.5), (2, NAN)], dtype=[("a", "i4"), ("b", "f8")])
DAYS = np.array(["2020-02-01", "NaT"], dtype="M8[D]")
ENDS = ["-290308-12-22T00:00:00", "294247-01-10T00:00:00"]
FAR = pd.Series(np.array([*ENDS, "2020-07-01T04"], "M8[us]")).dt.tz_localize("UTC").dt.tz_convert("America/New_York")
ZONED = pd.Series([pd.Timestamp("2020-07-01"), pd.NaT]).dt.tz_localize("Europe/Amsterdam")

TYPES: dict[str, tuple[object, Any]] = {
    "NaN": (NAN, None),
    "infinity": (-INF, None),
    "float subclass": (Real(1.5), 1.5),
    "float subclass NaN": (Real(NAN), None),
    "int subclass": (Whole(4), 4),
    "str subclass": (Word("word"), "word"),
    "dict subclass": (collections.OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
    "defaultdict": (collections.defaultdict(list, a=[1]), {"a": [1]}),
    "counter": (collections.Counter("aab"), {"a": 2, "b": 1}),
    "large int": (2**64, 2**64),
    "negative large int": (-(2**100), -(2**100)),
    "int of 5,000 digits": (10**4999 + 1, 10**4999 + 1),
    "np.float64": (np.float64(1.5), 1.5),
    "np.float64 NaN": (np.float64(NAN), None),
    "np.float32": (np.float32(0.1), 0.10000000149011612),
    "np.float16": (np.float16(INF), None),
    "np.longdouble": (np.longdouble(0.5), 0.5),
    "np.longdouble NaN": (np.longdouble(NAN), None),
    "np.int64": (np.int64(-3), -3),
    "np.uint64": (np.uint64(2**64 - 1), 2**64 - 1),
    "np.bool": (np.True_, True),
    "np.str_": (np.str_("x"), "x"),
    "np.bytes_": (np.bytes_(b"abc"), "YWJj"),
    "np.datetime64": (np.datetime64("2020-02-01T03:04:05.5"), "2020-02-01T03:04:05.500000"),
    "np.datetime64 date": (np.datetime64("2020-02-01"), "2020-02-01T00:00:00"),
    "np.datetime64 ns": (np.datetime64(1, "ns"), "1970-01-01T00:00:00.000000001"),
    "np.datetime64 ps": (np.datetime64(1, "ps"), "1970-01-01T00:00:00.000000000001"),
    "np.datetime64 far": (np.datetime64(10**15, "D"), "2737907008958-07-05"),
    "np.datetime64 NaT": (np.datetime64("NaT", "ns"), None),
    "np.timedelta64": (np.timedelta64(90, "m"), "PT5400S"),
    "np.timedelta64 week": (np.timedelta64(-1, "W"), "-P7D"),
    "np.timedelta64 steps": (np.array([2], dtype="m8[30s]")[0], "PT60S"),
    "np.timedelta64 ns": (np.timedelta64(-1, "ns"), "-PT0.000000001S"),
    "np.timedelta64 month": (np.timedelta64(-3, "M"), "-P3M"),
    "np.timedelta64 year": (np.timedelta64(2, "Y"), "P2Y"),
    "np.timedelta64 NaT": (np.timedelta64("NaT", "s"), None),
    "np.void": (np.void(b"abc"), "YWJj"),
    "record": (RECORDS[1], {"a": 2, "b": None}),
    "array": (np.array([[1.5, NAN], [INF, 0.0]]), [[1.5, None], [None, 0.0]]),
    "0-d array": (np.array(1), 1),
    "0-d datetime64 array": (np.array("2020-02-01T00:00", dtype="M8[ns]"), "2020-02-01T00:00:00"),
    "empty array": (np.empty((2, 0)), [[], []]),
    "object array": (np.array([1, "a", None, pd.NaT, np.int8(1)], dtype=object), [1, "a", None, None, 1]),
    "text array": (np.array(["a", "bc"]), ["a", "bc"]),
    "record array": (RECORDS, [{"a": 1, "b": 2.5}, {"a": 2, "b": None}]),
    "long double array": (np.array([0.5, NAN], dtype="g"), [0.5, None]),
    "datetime64 array": (DAYS, ["2020-02-01T00:00:00", None]),
    "far datetime64 array": (np.array([["12020-02-01"]], dtype="M8[s]"), [["12020-02-01T00:00:00"]]),
    "first year": (np.array(["0001-01-01"], dtype="M8[W]"), ["0000-12-28T00:00:00"]),
    "fine datetimes": (np.array([1, 1000], "M8[ns]"), ["1970-01-01T00:00:00.000000001", "1970-01-01T00:00:00.000001"]),
    "timedelta64 array": (np.array([1, "NaT"], dtype="m8[h]"), ["PT3600S", None]),
    "long timedelta64 array": (np.array([10**12], dtype="m8[D]"), ["P1000000000000D"]),
    "timedelta64 array of months": (np.array([1, "NaT"], dtype="m8[M]"), ["P1M", None]),
    "masked array": (np.ma.array([1, 2], mask=[False, True]), [1, None]),
    "masked moments": (np.ma.array(np.array([0, 1], "M8[ns]"), mask=[False, True]), ["1970-01-01T00:00:00", None]),
    "masked records": (np.ma.array(RECORDS[:1], mask=[(True, False)]), [{"a": None, "b": 2.5}]),
    "masked": (np.ma.masked, None),
    "Timestamp": (pd.Timestamp("2020-02-01 03:04:05.000006007"), "2020-02-01T03:04:05.000006007"),
    "Timestamp in a zone": (pd.Timestamp("2020-07-01", tz="Europe/Amsterdam"), "2020-07-01T00:00:00+02:00"),
    "NaT": (pd.NaT, None),
    "NA": (pd.NA, None),
    "Timedelta": (pd.Timedelta("-1 days 00:00:01"), "-PT86399S"),
    "Timedelta ns": (pd.Timedelta(1, "ns"), "PT0.000000001S"),
    "Period": (pd.Period("2020-02", "M"), "2020-02"),
    "Interval": (pd.Interval(0, 1.5, closed="left"), "[0, 1.5)"),
    "Series": (pd.Series([1.5, NAN, INF]), [1.5, None, None]),
    "object Series": (pd.Series([1, "a", None, NAN], dtype=object), [1, "a", None, None]),
    "text Series": (pd.Series(["a", None]), ["a", None]),
    "string Series": (pd.Series(["a", None], dtype="string"), ["a", None]),
    "nullable Series": (pd.Series([1, None], dtype="Int64"), [1, None]),
    "zoned Series": (ZONED, ["2020-07-01T00:00:00+02:00", None]),
    "zoned Series at the ends of time": (FAR, [*(f"{end}+00:00" for end in ENDS), "2020-07-01T00:00:00-04:00"]),
    "sparse Series": (pd.Series(pd.arrays.SparseArray([NAN, 1.0])), [None, 1.0]),
    "category Series": (pd.Series(pd.Categorical(["a", None, "a"])), ["a", None, "a"]),
    "cut Series": (pd.Series(pd.cut([1, 3], [0, 2])), ["(0, 2]", None]),
    "Index": (pd.Index([1, 2]), [1, 2]),
    "RangeIndex": (pd.RangeIndex(3), [0, 1, 2]),
    "MultiIndex": (pd.MultiIndex.from_tuples([("a", 1), ("b", 2)]), [["a", 1], ["b", 2]]),
    "PeriodIndex": (pd.PeriodIndex(["2020", None], freq="Y"), ["2020", None]),
    "TimedeltaIndex": (pd.to_timedelta(["1 day", None]), ["P1D", None]),
    "Categorical": (pd.Categorical([2, None]), [2, None]),
    "extension array": (pd.array([True, None]), [True, None]),
    "DataFrame": (pd.DataFrame({"a": [1, 2], 3: ["x", None]}), [{"a": 1, "3": "x"}, {"a": 2, "3": None}]),
    "DataFrame of one label": (pd.DataFrame([[1, 2]], columns=["a", "a"]), [{"a": 2}]),
    "DataFrame without columns": (pd.DataFrame(index=[7, 8]), [{}, {}]),
    "DataFrame without rows": (pd.DataFrame({"a": []}), []),
    "datetime": (datetime.fromisoformat("2020-02-01T03:04:05.000006"), "2020-02-01T03:04:05.000006"),
    "datetime in UTC": (datetime(2020, 2, 1, tzinfo=UTC), "2020-02-01T00:00:00Z"),
    "datetime in a zone": (datetime(2020, 2, 1, tzinfo=timezone(timedelta(hours=-2))), "2020-02-01T00:00:00-02:00"),
    "datetime subclass": (Moment(2020, 2, 1, tzinfo=UTC), "2020-02-01T00:00:00+00:00"),
    "date subclass": (Day(2020, 2, 1), "2020-02-01"),
    "time subclass": (Clock(1, 2), "01:02:00"),
    "timedelta subclass": (Span(days=-1, microseconds=1), "-PT86399.999999S"),
    "timedelta subclass of nothing": (Span(0), "P0D"),
    "Decimal subclass": (Amount("1.10"), "1.10"),
    "Decimal subclass NaN": (Amount("NaN"), None),
    "UUID subclass": (Key(int=1), str(ID)),
    "bytearray subclass": (Data(b"abc"), "YWJj"),
    "date": (date(2020, 2, 1), "2020-02-01"),
    "time": (time(1, 2), "01:02:00"),
    "timedelta": (timedelta(days=1, seconds=2.5), "P1DT2.5S"),
    "Decimal": (Decimal("1.10"), "1.10"),
    "Decimal NaN": (Decimal("-NaN12"), None),
    "Decimal sNaN": (Decimal("sNaN"), None),
    "Decimal infinity": (Decimal("-Infinity"), None),
    "Fraction": (Fraction(1, 3), "1/3"),
    "IPv4Address": (ip_address("127.0.0.1"), "127.0.0.1"),
    "IPv6Address": (ip_address("::1"), "::1"),
    "IPv4Network": (ip_network("10.0.0.0/8"), "10.0.0.0/8"),
    "IPv6Network": (ip_network("fe80::/10"), "fe80::/10"),
    "Pattern": (re.compile("a.b"), "a.b"),
    "UUID": (ID, str(ID)),
    "Path": (pathlib.Path("a/b"), "a/b"),
    "pure path": (pathlib.PureWindowsPath("a\\b"), "a\\b"),
    "Enum": (Colour.RED, "red"),
    "Enum of a tuple": (Colour.WAVES, [620, 750]),
    "Enum of NaN": (Colour.NOTHING, None),
    "StrEnum": (Status.DONE, "done"),
    "IntEnum": (Level.HIGH, 3),
    "float Enum": (Size.SMALL, 0.5),
    "Enum of numpy's": (Odd.ARRAY, 5),
    "Enum of pandas'": (Odd.STAMP, "2020-01-01T00:00:00"),
    "Enum of an infinite Decimal": (Odd.DECIMAL, None),
    "set": ({1}, [1]),
    "frozenset": (frozenset({"a"}), ["a"]),
    "tuple": ((1, "a"), [1, "a"]),
    "NamedTuple": (Pair(1, NAN), [1, None]),
    "deque": (collections.deque([1, 2]), [1, 2]),
    "range": (range(3), [0, 1, 2]),
    "keys": ({"a": 1}.keys(), ["a"]),
    "values": ({"a": 1}.values(), [1]),
    "items": (collections.OrderedDict(a=1).items(), [["a", 1]]),
    "array.array": (array.array("d", [0.5]), [0.5]),
    "bytes": (b"\xff\xfe", "//4="),
    "bytearray": (bytearray(b"abc"), "YWJj"),
    "memoryview": (memoryview(b"abc"), "YWJj"),
    "memoryview in strides": (memoryview(b"axbxcx")[::2], "YWJj"),
    "dataclass": (Point(1, Point(np.int64(2))), {"x": 1, "y": {"x": 2, "y": None}}),
    "dataclass with slots": (Slotted(NAN), {"value": None}),
    "Struct": (Row(np.float64(0.5)), {"cell": 0.5}),
    "Struct in another form": (Tagged("a"), {"type": "kind", "firstName": "a"}),
    "Struct as a list": (Listed(1, Decimal("NaN")), [1, None]),
    "UserDict": (collections.UserDict(a=1), {"a": 1}),
    "UserList": (collections.UserList([1]), [1]),
    "UserString": (Letters("ab"), "ab"),
    "ChainMap": (collections.ChainMap({"a": 1}, {"b": 2}), {"a": 1, "b": 2}),
    "mappingproxy": (types.MappingProxyType({"a": 1}), {"a": 1}),
    "Mapping": (Named(), {"a": 1}),
    "Sequence": (Twice(), [5, 6]),
    "to_dict": (Model(Model(pd.NaT)), {"content": {"content": None}}),
    "Raw": (msgspec.Raw(b'{"a": [1.5, null]}'), {"a": [1.5, None]}),
    "lone surrogate": ("a\udc00\ud800b", "a\udc00\ud800b"),
    "text of all sorts": ('"\\\n\x00\x7f\u2028é😀', '"\\\n\x00\x7f\u2028é😀'),
    "texts like no number": ([*NOT_NUMBERS, {"nan": "-NaN"}], [*NOT_NUMBERS, {"nan": "-NaN"}]),
}  # fmt: skip


@pytest.mark.parametrize(("value", "plain"), TYPES.values(), ids=TYPES)
def test_each_type_has_its_form(value: object, plain: Any) -> None:
    assert same(encoded(value), plain)
    assert same(encoded({"a": [value]}), {"a": [plain]})
    assert same(encoded((value, SURROGATE, Decimal("NaN"))), [plain, SURROGATE, None])


KEYS: dict[str, tuple[object, str]] = {
    "int": (1, "1"),
    "large int": (2**70, str(2**70)),
    "int of 5,000 digits": (10**4999, "1" + "0" * 4999),
    "float": (1.5, "1.5"),
    "NaN": (NAN, "NaN"),
    "infinity": (-INF, "-inf"),
    "float subclass": (Real(0.5), "0.5"),
    "True": (True, "true"),
    "False": (False, "false"),
    "None": (None, "null"),
    "surrogate": (SURROGATE, SURROGATE),
    "str subclass": (Word("word"), "word"),
    "tuple": (("a", 1, None, 0.5), "a,1,null,0.5"),
    "nested tuple": (("a", (1, Status.DONE)), "a,1,done"),
    "NamedTuple": (Pair("a", ID), f"a,{ID}"),
    "frozenset": (frozenset({"a"}), "a"),
    "frozenset in a tuple": (("a", frozenset({1})), "a,1"),
    "range": (range(2), "0,1"),
    "Enum": (Colour.RED, "red"),
    "Enum of a tuple": (Colour.WAVES, "620,750"),
    "Enum of NaN": (Colour.NOTHING, "NaN"),
    "StrEnum": (Status.DONE, "done"),
    "IntEnum": (Level.HIGH, "3"),
    "Enum of numpy's": (Odd.ARRAY, "5"),
    "Enums in a tuple": ((Odd.ARRAY, Odd.STAMP), "5,2020-01-01T00:00:00"),
    "UUID": (ID, str(ID)),
    "date": (date(2020, 2, 1), "2020-02-01"),
    "datetime": (datetime(2020, 2, 1, tzinfo=UTC), "2020-02-01T00:00:00Z"),
    "time": (time(1), "01:00:00"),
    "timedelta": (timedelta(1), "P1D"),
    "Decimal": (Decimal("1.0"), "1.0"),
    "Decimal NaN": (Decimal("NaN"), "NaN"),
    "Fraction": (Fraction(1, 2), "1/2"),
    "Path": (pathlib.PurePosixPath("a"), "a"),
    "bytes": (b"abc", "YWJj"),
    "memoryview": (memoryview(b"abc"), "YWJj"),
    "np.int64": (np.int64(1), "1"),
    "np.bool": (np.False_, "false"),
    "np.float64": (np.float64(0.5), "0.5"),
    "np.float64 NaN": (np.float64(NAN), "NaN"),
    "np.str_": (np.str_("a"), "a"),
    "np.datetime64": (np.datetime64("2020-02-01"), "2020-02-01T00:00:00"),
    "Timestamp": (pd.Timestamp("2020-02-01"), "2020-02-01T00:00:00"),
    "Period": (pd.Period("2020-02", "M"), "2020-02"),
    "Interval": (pd.Interval(0, 1), "(0, 1]"),
    "NaT": (pd.NaT, "null"),
    "NA": (pd.NA, "null"),
}


@pytest.mark.parametrize(("key", "text"), KEYS.values(), ids=KEYS)
def test_a_key_is_the_text_of_its_form(key: object, text: str) -> None:
    assert encoded({key: 1}) == {text: 1}
    assert encoded({"a": {"": 0, key: SURROGATE}}) == {"a": {"": 0, text: SURROGATE}}


def test_keys_of_mixed_types_stand_side_by_side() -> None:
    value = {1: "a", "b": 2, None: 3, (1, 2): 4, np.int64(5): 6, False: 7}
    assert encoded(value) == {"1": "a", "b": 2, "null": 3, "1,2": 4, "5": 6, "false": 7}


def test_a_surrogate_deep_inside_a_large_value_changes_nothing_else() -> None:
    value = {"rows": [{"id": number, "cost": number / 3, "name": f"é {number}"} for number in range(2_000)]}
    assert encoded(value | {"note": {SURROGATE: [SURROGATE]}}) == value | {"note": {SURROGATE: [SURROGATE]}}
    assert r"\ud800" in encode([SURROGATE]).decode()


def test_the_slow_way_heeds_what_a_struct_says_of_its_form() -> None:
    value = Tagged(SURROGATE, Listed(1, Tagged(2)))
    assert encoded(value) == {
        "type": "kind",
        "firstName": SURROGATE,
        "lastName": [1, {"type": "kind", "firstName": 2}],
    }


def test_documents_are_utf8_without_spaces() -> None:
    assert encode({"é": [1, "😀"]}) == '{"é":[1,"😀"]}'.encode()
    assert encode({"é": [1, "😀", Decimal("NaN")]}) == '{"é":[1,"😀",null]}'.encode()


def test_other_encoders_can_use_the_hook() -> None:
    assert msgspec.json.encode({np.int64(1): [pd.NaT, np.arange(2)]}, enc_hook=natural_form) == b'{"1":[null,[0,1]]}'


# What has no form ----------------------------------------------------------------------------------------------------


class Opaque:
    pass


class Failing:
    def to_dict(self) -> dict[str, Any]:
        raise KeyError("no such part")


class Itself:
    def to_dict(self) -> Any:
        return self


class Endless:
    def to_dict(self) -> Any:
        return {"next": Endless()}


class Demanding:
    def to_dict(self, how: str) -> Any:
        return how


class Broken(Named):
    def __getitem__(self, key: str) -> int:
        raise OSError("unplugged")


@dataclasses.dataclass(frozen=True)
class Frozen:
    value: int


def cyclic_list() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


def cyclic_dict() -> dict[str, Any]:
    value: dict[str, Any] = {}
    value["a"] = [value]
    return value


def cyclic_object() -> Model:
    value = Model(None)
    value.content = [value]
    return value


def unset_struct() -> Row:
    value = Row(1)
    del value.cell
    return value


REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "object": (Opaque, r"^tests\.serialization\.test_json_encoder\.Opaque has no natural JSON form$"),
    "complex": (lambda: 1j, r"builtins\.complex"),
    "np.complex128": (lambda: np.complex128(1), r"builtins\.complex"),
    "np.clongdouble": (lambda: np.clongdouble(1), r"builtins\.complex"),
    "complex array": (lambda: np.array([1j]), r"builtins\.complex"),
    "class": (lambda: Model, r"^builtins\.type has no natural JSON form"),
    "function": (lambda: len, r"builtin_function_or_method"),
    "generator": (lambda: (item for item in [1]), r"builtins\.generator"),
    "iterator": (lambda: iter([]), r"list_iterator"),
    "nested": (lambda: {"a": [0, {"b": (1, Opaque())}]}, r"Opaque.*, at \['a'\]\[1\]\['b'\]\[1\]$"),
    "in a dataclass": (lambda: Point(1, [Opaque()]), r", at \.y\[0\]$"),
    "in a Struct": (lambda: Row({1: Opaque()}), r", at \.cell\[1\]$"),
    "in an array": (lambda: [np.array([Opaque()], dtype=object)], r", at \[0\]\[0\]$"),
    "in a model": (lambda: Model(Opaque()), r", at \['content'\]$"),
    "beside a surrogate": (lambda: [SURROGATE, Opaque()], r"Opaque has no natural JSON form, at \[1\]$"),
    "key": (lambda: {Opaque(): 1}, r"Opaque"),
    "key inside a key": (lambda: {(1, Opaque()): 1}, r"Opaque"),
    "frozen dataclass as a key": (lambda: {Frozen(1): 1}, r"Frozen has no natural JSON form"),
    "frozen dataclass as a key, the slow way": (lambda: {SURROGATE: {Frozen(1): 1}}, r"'dict' as a dict key"),
    "model as a key": (lambda: {Model(1): 1}, r"builtins\.dict has no JSON form as a key"),
    "to_dict that fails": (lambda: [Failing()], r"Failing failed to become JSON: KeyError: 'no such part', at \[0\]$"),
    "to_dict that demands": (Demanding, r"Demanding failed to become JSON: TypeError"),
    "to_dict that gives itself": (Itself, r"Itself becomes itself"),
    "to_dict without end": (Endless, r"Endless contains itself or nests too deeply"),
    "mapping that fails": (Broken, r"Broken failed to become JSON: OSError: unplugged"),
    "Struct without a field": (unset_struct, r"Row has no natural JSON form"),
    "list in itself": (cyclic_list, r"builtins\.list contains itself"),
    "dict in itself": (cyclic_dict, r"builtins\.dict contains itself"),
    "model in itself": (cyclic_object, r"Model contains itself"),
    "list in itself, with a surrogate": (lambda: [SURROGATE, cyclic_list()], r"builtins\.list contains itself"),
}


@pytest.mark.parametrize(("value", "message"), REFUSED.values(), ids=REFUSED)
def test_what_has_no_form_is_named(value: Callable[[], object], message: str) -> None:
    with pytest.raises(UnencodableValue, match=message):
        encode(value())


def test_a_deep_nest_ends_in_json_or_in_an_error_and_never_in_a_crash() -> None:
    nest: list[Any] = []
    for _ in range(100_000):
        nest = [nest]
    outcomes: list[object] = []

    def attempt() -> None:
        for value in nest, [SURROGATE, nest]:
            try:
                outcomes.append(encode(value))
            except UnencodableValue as error:
                outcomes.append(str(error))

    attempt()
    size = threading.stack_size(512 * 1024)  # as small as some systems give a thread
    thread = threading.Thread(target=attempt)
    thread.start()
    thread.join()
    threading.stack_size(size)
    refused = "builtins.list contains itself or nests too deeply for JSON"
    assert outcomes[0] in (b"[" * 100_001 + b"]" * 100_001, refused)
    assert outcomes[1:] == [refused] * 3


def test_a_raw_that_is_no_json_is_found_out_on_the_slow_way() -> None:
    with pytest.raises(UnencodableValue, match=r"msgspec\.Raw failed to become JSON"):
        encode([SURROGATE, msgspec.Raw(b"{")])


def test_json_of_python_itself_agrees() -> None:
    value = {"a": [1, 2.5, None, True, "é\n"], "b": {"c": []}}
    assert encode(value) == json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
