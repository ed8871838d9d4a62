"""Conditions over columns of all types, compared with what Python says of each row."""

import math
import operator
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algomancy_api.errors import Malformed
from algomancy_api.tables import grammar, predicates
from algomancy_api.tables.columns import SLICE, Table

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

#: By column: the values that a cell may have, beside a missing one, and how each is written in a condition.
CELLS: dict[str, list[Any]] = {
    "qty": [-3, 0, 10, 2**53 + 1, 2**63 - 1],
    "price": [-0.5, 0.0, 1.25, 1e300],
    "name": ["", "abc", "a'b\"c", "ABC", "é", "\\", "x\n"],
    "open": [True, False],
}


def rows(table: pd.DataFrame, condition: str) -> list[int]:
    found: list[int] = predicates.matching(Table(table), grammar.parse(condition)).tolist()
    return found


def written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    return str(value)


class Tried:
    """A condition, and what it is of a row: true, false or unknown."""

    def __init__(self, text: str, of: Callable[[dict[str, Any]], bool | None]) -> None:
        self.text = text
        self.of = of

    def __repr__(self) -> str:
        return self.text


def known(call: Callable[[Any], bool], column: str) -> Callable[[dict[str, Any]], bool | None]:
    return lambda row: None if row[column] is None else call(row[column])


@st.composite
def comparisons(draw: st.DrawFn) -> Tried:
    column = draw(st.sampled_from(list(CELLS)))
    values = st.sampled_from(CELLS[column])
    kind = draw(st.sampled_from(["compare", "in", "null"]))
    if kind == "null":
        return Tried(f"{column} is null", lambda row: row[column] is None)
    if kind == "in":
        some = draw(st.lists(values, min_size=1, max_size=3))
        return Tried(f"{column} in ({', '.join(map(written, some))})", known(lambda cell: cell in some, column))
    if column == "name" and draw(st.booleans()):
        part = draw(st.sampled_from(["a", "b", "", ".", "\\", "'", "É"]))
        return Tried(f"name ~ {written(part)}", known(lambda cell: part in cell, column))
    sign = draw(st.sampled_from(["=", "!="] if column == "open" else list(OPERATORS)))
    value = draw(values)
    return Tried(f"{column}{sign}{written(value)}", known(lambda cell: OPERATORS[sign](cell, value), column))


def joined(parts: list[Tried], word: str) -> Tried:
    def of(row: dict[str, Any]) -> bool | None:
        found = [part.of(row) for part in parts]
        decides = word == "or"
        if decides in found:
            return decides
        return None if None in found else not decides

    return Tried("(" + f" {word} ".join(part.text for part in parts) + ")", of)


def contrary(part: Tried) -> Tried:
    return Tried(f"not {part.text}", lambda row: None if (found := part.of(row)) is None else not found)


CONDITIONS = st.recursive(
    comparisons(),
    lambda parts: st.one_of(
        parts.map(contrary),
        st.builds(joined, st.lists(parts, min_size=2, max_size=3), st.sampled_from(["and", "or"])),
    ),
    max_leaves=5,
)

ROWS = st.lists(
    st.fixed_dictionaries({name: st.none() | st.sampled_from(cells) for name, cells in CELLS.items()}), max_size=6
)


@settings(deadline=None, max_examples=60)
@given(ROWS, CONDITIONS)
def test_a_condition_takes_the_rows_for_which_it_is_true(table: list[dict[str, Any]], condition: Tried) -> None:
    array: Any = pd.array
    dtypes = {"qty": "Int64", "price": "float64", "name": "str", "open": "boolean"}
    frame = pd.DataFrame({name: array([row[name] for row in table], dtype=kind) for name, kind in dtypes.items()})
    assert rows(frame, condition.text) == [number for number, row in enumerate(table) if condition.of(row) is True]


MOMENTS = [datetime.fromisoformat(text) for text in ("2026-01-01", "2026-01-02T03:04:05.678901")]
FINE = np.array(["2026-01-01T00:00:00.000000001", "NaT"], "M8[ns]")

TYPED = [
    (pd.Series(MOMENTS), 'x > "2026-01-01"', [1]),
    (pd.Series(MOMENTS), 'x = "2026-01-02T03:04:05.678901"', [1]),
    (pd.Series(MOMENTS, dtype="M8[s]"), 'x < "2026-01-02T03:04:05.5"', [0, 1]),
    (pd.Series(MOMENTS, dtype="M8[s]"), 'x in ("2026-01-02T03:04:05.5", "2026-01-01")', [0]),
    (
        pd.Series(np.array(["2026-01-01T00:00:00.000000001", "NaT"], "M8[ns]")),
        'x = "2026-01-01T00:00:00.000000001"',
        [0],
    ),
    (pd.Series(np.array(["2026-01-01", "2027-01-01"], "M8[ns]")), 'x < "9999-01-01"', [0, 1]),
    (pd.Series(np.array(["2026-01-01", "2027-01-01"], "M8[ns]")), 'x = "0001-01-01"', []),
    (pd.Series(MOMENTS).dt.tz_localize("Europe/Amsterdam"), 'x <= "2025-12-31T23:00:00Z"', [0]),
    (pd.Series([date(2026, 1, 1), None, date(2026, 1, 3)], dtype=object), 'x >= "2026-01-02"', [2]),
    (pd.Series([time(1), time(2, 30)], dtype=object), 'x > "02:00"', [1]),
    (pd.Series(pd.to_timedelta([60, 90], unit="s")), 'x >= "PT90S"', [1]),
    (pd.Series([Decimal("1.10"), Decimal("2.25")], dtype=object), "x = 1.1", [0]),
    (pd.Series([Decimal("1.10"), Decimal("2.25")], dtype=object), "x < 2.2501 and x in (2.25, 3)", [1]),
    (pd.Series([Decimal("1.10"), Decimal("2.25")], dtype=object), "x < 1e200", [0, 1]),
    (pd.Series([0, 255], dtype="uint8"), "x < 300", [0, 1]),
    (pd.Series([0, 255], dtype="uint8"), "x > -1 and x != 1000", [0, 1]),
    (pd.Series([0, 2**64 - 1], dtype="uint64"), f"x = {2**64 - 1}", [1]),
    (pd.Series([1, 2, 3]), "x > 1.5 and x < 2.5", [1]),
    (pd.Series([1, 2, 3]), "x = 1.5 or x != 2.5", [0, 1, 2]),
    (pd.Series([1.0, np.nan, np.inf]), "x > 5", [2]),
    (pd.Series([1.0, np.nan, np.inf]), "x is not null", [0, 2]),
    (pd.Series([0.5, 1], dtype="float32"), "x in (0.5, 7)", [0]),
    (pd.Series([0.5, 1], dtype="float16"), "x < 1", [0]),
    (pd.Series([1.5, math.nan], dtype="double[pyarrow]"), "x is null", [1]),
    (pd.Series(pd.Categorical(["a", "b", None])), 'x != "a"', [1]),
    (pd.Series(pd.arrays.SparseArray([0, 0, 3])), "x > 1", [2]),
    (pd.Series(pd.period_range("2026-01", periods=2, freq="M")), 'x = "2026-02"', [1]),
    (pd.Series([1, "1", None, [1]], dtype=object), 'x = "1"', [0, 1]),
    (pd.Series([1, "1", None, [1]], dtype=object), 'x ~ "["', [3]),
    (pd.Series([{"a": 1}, None], dtype=object), "x is not null", [0]),
    (pd.Series([2**70, 1], dtype=object), 'x = "1"', [1]),
    (pd.Series([None, None], dtype=object), "x is null", [0, 1]),
    (pd.Series(["\ud800", "a"], dtype=object), 'x = "a"', [1]),
    (pd.Series([True, False]), "not x", [1]),
    (pd.Series([b"x", None], dtype=object), "x is null", [1]),
]


@pytest.mark.parametrize(("column", "condition", "expected"), TYPED)
def test_a_column_is_compared_by_its_type(column: pd.Series, condition: str, expected: list[int]) -> None:
    assert rows(pd.DataFrame({"x": column}), condition) == expected


def test_two_columns_are_compared_with_each_other() -> None:
    table = pd.DataFrame({"a": [1, 2, 3], "b": [1.0, np.nan, 2.5], "day": MOMENTS * 1 + MOMENTS[:1], "s": list("abc")})
    assert rows(table, "a >= b") == [0, 2]
    assert rows(table, "day = day") == [0, 1, 2]
    with pytest.raises(Malformed, match="column 'a' has numbers, and column 's' texts; at position 3"):
        rows(table, "a < s")
    zoned = table.assign(zoned=table.day.dt.tz_localize(UTC))
    with pytest.raises(Malformed, match="at position 5"):
        rows(zoned, "day = zoned")


def test_a_long_table_is_tested_in_slices() -> None:
    table = pd.DataFrame({"x": np.arange(2 * SLICE + 10)})
    assert rows(table, f"x = 3 or x = {SLICE} or x > {2 * SLICE + 8}") == [3, SLICE, 2 * SLICE + 9]


ODD = pd.DataFrame(
    [[1, 2, 3, 4]], columns=pd.Index(["a b", "in", "`", 7], dtype=object), index=pd.Index([5], name="id")
)


@pytest.mark.parametrize("condition", ["`a b` = 1", "`in` = 2", "```` = 3", "`7` = 4", "id = 5"])
def test_any_label_and_a_named_index_can_be_named(condition: str) -> None:
    assert rows(ODD, condition) == [0]


REFUSED = [
    ("qty > 'a'", "column 'qty' has numbers: expected a number, found 'a' at position 7"),
    ("name = 1", "column 'name' has texts: expected a text in quotes, found '1' at position 8"),
    ("open = 1", "expected true or false"),
    ("open < true", "booleans have no order"),
    ("qty ~ 'a'", "~ is for texts, and column 'qty' has numbers; at position 5"),
    ("day = '2026-13-01'", "expected a time in quotes"),
    ("day = '2026-01-01Z'", "expected a time in quotes"),
    ("day = '2026-01-01T00:00:00Z'", "the times of column 'day' have no UTC offset; at position 7"),
    ("zoned = '2026-01-01'", "need a UTC offset"),
    ("nope = 1", "no column 'nope' at position 1; there are 'qty', 'name'"),
    ("qty = name", "column 'qty' has numbers, and column 'name' texts;"),
    ("qty", "expected an operator after the column 'qty' of numbers, at position 4"),
    ("name = N", "no column 'N' at position 8"),
    ("raw = 'a'", "values that cannot be compared, only null tests; at position 7"),
    ("qty = 1e999", "a number with too many digits at position 7"),
    ("name ~ name", "after ~ stands a text in quotes"),
]


@pytest.mark.parametrize(("condition", "says"), REFUSED)
def test_what_does_not_fit_the_columns_is_refused_with_its_position(condition: str, says: str) -> None:
    table = pd.DataFrame({"qty": [1], "name": ["a"], "open": [True], "day": MOMENTS[:1]})
    table["zoned"] = table.day.dt.tz_localize(UTC)
    table["raw"] = pd.Series([b"a"], dtype=object)
    with pytest.raises(Malformed) as refusal:
        rows(table, condition)
    assert says in str(refusal.value)


def test_a_duration_of_a_second_is_no_time() -> None:
    with pytest.raises(Malformed, match="a duration in quotes"):
        rows(pd.DataFrame({"x": [timedelta(seconds=1)]}), 'x > "2026-01-01"')
