"""Cells of any type, packed and unpacked."""

import math
import struct
from copy import copy
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from ipaddress import ip_address, ip_interface, ip_network
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from dateutil import tz
from hypothesis import given

from algomancy_api.serialization.frames.cells import MOST_LEVELS, Tag, pack, register, unpack
from algomancy_api.serialization.frames.errors import Refused

from ...support.frames import assert_same_cell
from .strategies import cells

PARIS = ZoneInfo("Europe/Paris")
NAN_WITH_PAYLOAD = struct.unpack("d", struct.pack("Q", 0xFFF8_0000_0000_0007))[0]


def mislabelled_zone() -> Any:
    """The time of Paris under the name of Tokyo."""
    zone: Any = copy(tz.gettz("Europe/Paris"))
    zone._filename = "Asia/Tokyo"
    return zone


class Colour(IntEnum):
    RED = 1


class Text(str):
    __slots__ = ()


TIME: Any = np.datetime64
EXAMPLES: list[Any] = [
    None, pd.NA, pd.NaT, True, 0, -1, 2**63, 2**64, -(2**63) - 1, 10**400, -0.0, math.inf, NAN_WITH_PAYLOAD, 1 - 0j,
    complex(math.nan, -0.0), "", "é", "\ud800", b"\xff", bytearray(b"a"),
    date.min, time(1, 2, 3, 4, fold=1), time(1, tzinfo=UTC), timedelta.min,
    datetime(2020, 10, 25, 2, 30, fold=1),  # noqa: DTZ001
    datetime(2020, 10, 25, 2, 30, tzinfo=PARIS, fold=1),
    datetime(2020, 1, 1, tzinfo=timezone(timedelta(hours=1), "home")),
    datetime(2020, 1, 1, tzinfo=timezone(timedelta(microseconds=-1))),
    datetime(2020, 1, 1, tzinfo=tz.gettz("Europe/Paris")), datetime(2020, 1, 1, tzinfo=tz.tzutc()),
    datetime(2020, 1, 1, tzinfo=tz.tzoffset("x", 60)), datetime(2020, 1, 1, tzinfo=tz.tzoffset(None, 60)),
    datetime(2020, 1, 1, tzinfo=tz.tzstr("EST5EDT")), datetime(2020, 1, 1, tzinfo=tz.tzlocal()),
    pd.Timestamp("2020-10-25 02:30").replace(fold=1), pd.Timestamp(np.datetime64(5, "s")),
    pd.Timestamp("2020-10-25 01:30", tz="UTC").tz_convert(PARIS), pd.Timestamp(1, unit="ns", tz="UTC"),
    pd.Timedelta(1, unit="s").as_unit("s"), pd.Timedelta(-1, unit="ns"),
    pd.Period("2020-02", "M"), pd.Period("2020-02-03", "3D"), pd.Period("2020", "Q-NOV"), pd.Interval(1, 2.5, "both"),
    pd.Interval(pd.Timestamp("2020"), pd.Timestamp("2021")),
    Decimal("1.10"), Decimal("-0E+3"), Decimal("sNaN12"), Decimal("-Infinity"),
    Fraction(10**30, 7), UUID(int=7), UUID(bytes=bytes(range(16))),
    Path("/a/b"), PurePosixPath("a"), PureWindowsPath("c:/a"), ip_address("::1%eth0"), ip_address("127.0.0.1"),
    ip_interface("10.0.0.1/8"), ip_interface("::1/8"), ip_network("10.0.0.0/8"), ip_network("::/8"),
    range(2**70), range(3, 0, -1), slice(None, "a", (1,)), [[1], (2,), {3}], {1: "a", (2, 3): [4], None: {}},
    {Decimal("NaN"): 1, Decimal("NaN"): 2}, frozenset({(1, "a")}), set(),
    np.float64(-0.0), np.float32("nan"), np.float16(1), np.longdouble("1.1"), np.int8(-1), np.longlong(3), np.int64(3),
    np.uint64(2**64 - 1), np.bool_(1), np.complex64(1j), np.str_("a\0\ud800"), np.bytes_(b"a\0"), np.str_(""),
    np.datetime64("NaT", "s"), np.datetime64(1, "ns"), np.datetime64("2020", "Y"), np.timedelta64(3, "D"),
    TIME(7, "25s"),
    np.array(3), np.zeros((0, 3), "f4"), np.arange(6, dtype=">i2").reshape(2, 3), np.arange(6).reshape(2, 3).T,
    np.array([1, "a", None, [2]], object), np.array([[1, "a"], [None, [2]]], object).T, np.array(["ab", ""]),
    np.array([b"a\0"]), np.array([(1, 2.5)], [("a", "i4"), ("b", ">f8")]), np.arange(10)[::3], np.empty(2, "U0"),
    np.array(["2020", "NaT"], "M8[ns]"), np.array([1], np.longlong),
]  # fmt: skip


@pytest.mark.parametrize("cell", EXAMPLES, ids=lambda cell: f"{type(cell).__name__} {cell!r:.40}")
def test_a_cell_comes_back_as_it_was(cell: Any) -> None:
    assert_same_cell(unpack(pack(cell)), cell)


@given(cells)
def test_any_cell_comes_back_as_it_was(cell: Any) -> None:
    assert_same_cell(unpack(pack(cell)), cell)


def within_itself() -> list[Any]:
    cell: list[Any] = []
    cell.append((cell,))
    return cell


def nested(levels: int) -> Any:
    cell: Any = 0
    for _ in range(levels):
        cell = (cell,)
    return cell


@pytest.mark.parametrize(
    ("cell", "named"),
    [
        (Text("a"), "test_cells.Text"),
        ([{"a": Colour.RED}], "test_cells.Colour"),
        (len, "builtin_function_or_method"),
        (memoryview(b"a"), "memoryview"),
        (np.ma.masked_array([1]), "MaskedArray"),
        (np.array([{1: len}]), "builtin_function_or_method"),
        (np.array([(1,)], [("a", object)]), "dtype"),
        (pd.DataFrame(), "DataFrame"),
        (within_itself(), "in itself"),
        (nested(MOST_LEVELS + 2), "levels deep"),
        (datetime(2020, 1, 1, tzinfo=tz.tzrange("EST")), "tzrange"),
        (time(1, tzinfo=mislabelled_zone()), "time zone"),
        (pd.Interval(1, 2).__class__, "type"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_what_would_come_back_as_something_else_is_refused(cell: Any, named: str) -> None:
    with pytest.raises(Refused, match=named):
        pack(cell)


def test_as_many_levels_as_are_allowed_come_back() -> None:
    assert unpack(pack(nested(MOST_LEVELS))) == nested(MOST_LEVELS)


def test_an_array_that_comes_back_can_be_written_to() -> None:
    array = unpack(pack(np.arange(3)))
    array[0] = 7
    assert array.tolist() == [7, 1, 2]


def test_no_two_types_have_one_number() -> None:
    with pytest.raises(ValueError, match="taken"):
        register(Tag(1, bytearray, str, str))


def test_an_unknown_type_is_an_error() -> None:
    with pytest.raises(ValueError, match="unknown type, 127"):
        unpack(b"\xd4\x7f\x00")
