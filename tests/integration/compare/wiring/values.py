"""Values for results and KPIs, by name."""

import collections
import dataclasses
import enum
import ipaddress
import re
import threading
import uuid
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any, NamedTuple

import numpy as np
import pandas as pd


class Color(enum.Enum):
    RED = "red"


@dataclasses.dataclass
class Point:
    x: int
    y: float


class Shade(enum.StrEnum):
    DARK = "dark"


class Level(enum.IntEnum):
    HIGH = 3


class Pair(NamedTuple):
    left: int
    right: str


class WithToDict:
    def to_dict(self) -> dict[str, Any]:
        return {"inner": [1, 2]}


VALUES: dict[str, Any] = {
    "plain": {"text": "a", "number": 1, "half": 0.5, "yes": True, "nothing": None, "list": [1, [2, {"x": []}]]},
    "unicode": {"Zürich 日本 \U0001f600": 'quote " backslash \\ tab \t nul \0 line\u2028'},
    "tuple": (1, (2, 3)),
    "set": {7},
    "integer-keys": {1: "a", -2: "b"},
    "other-keys": {None: 1, True: 2, 2.5: 3},
    "date-keys": {date(2026, 1, 2): 1},
    "datetime-keys": {datetime(2026, 1, 2, 3, 4): 1},  # noqa: DTZ001
    "uuid-keys": {uuid.UUID(int=5): 1},
    "float-keys": {1.0: 1, 1e16: 2},
    "tuple-keys": {(1, "a"): 1},
    "large-integer": 2**80,
    "small-float": [1e-300, 1e16, -0.0, 1 / 3],
    "nan": [float("nan"), float("inf"), float("-inf")],
    "datetime": datetime(2026, 1, 2, 3, 4, 5, 678),  # noqa: DTZ001
    "datetime-utc": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    "datetime-zone": datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2))),
    "date": date(2026, 1, 2),
    "time": time(3, 4, 5),
    "timedelta": timedelta(days=1, seconds=2.5),
    "timedelta-negative": timedelta(seconds=-90),
    "timedelta-minutes": [timedelta(minutes=90), timedelta(hours=2, seconds=5), timedelta(0)],
    "decimal": Decimal("1.50"),
    "decimal-whole": Decimal(3),
    "decimal-nan": Decimal("NaN"),
    "uuid": uuid.UUID(int=5),
    "path": PurePosixPath("/a/b"),
    "enum": Color.RED,
    "string-enum": [Shade.DARK, {Shade.DARK: 1}],
    "integer-enum": [Level.HIGH, {Level.HIGH: 1}],
    "named-tuple": Pair(1, "x"),
    "frozenset": frozenset({7}),
    "deque": collections.deque([1, 2]),
    "address": ipaddress.ip_address("127.0.0.1"),
    "complex": 1 + 2j,
    "pattern": re.compile("a.b"),
    "bytes": b"abc",
    "bytearray": bytearray(b"abc"),
    "bytes-keys": {b"abc": 1},
    "bytes-binary": b"\xff\x00",
    "dataclass": Point(1, 2.0),
    "to-dict": WithToDict(),
    "numpy-scalars": [np.int64(3), np.float64(0.5), np.bool_(True)],
    "numpy-array": np.array([[1, 2], [3, 4]]),
    "timestamp": pd.Timestamp("2026-01-02T03:04:05"),
    "missing": [pd.NaT, pd.NA],
    "series": pd.Series([1.5, None]),
    "frame": pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}),
    "lone-surrogate": "\ud800",
    "hopeless": threading.Lock(),
}

#: Values of a KPI, by the kind of its result.
KPI_VALUES: dict[str, Any] = {
    "kpi-integer": 3,
    "kpi-nan": float("nan"),
    "kpi-infinite": float("inf"),
    "kpi-numpy": np.float64(2.5),
    "kpi-numpy-integer": np.int64(2),
    "kpi-decimal": Decimal("2.5"),
}
