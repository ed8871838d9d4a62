"""Columns in the types of their schemas: no value changes, and what does not convert is named."""

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from algomancy_data import DataType, ValidationSeverity
from hypothesis import given, settings
from hypothesis import strategies as st

from algomancy_api.extraction.conversions import converted

INTEGER, FLOAT, DATETIME = DataType.INTEGER, DataType.FLOAT, DataType.DATETIME
BOOLEAN, STRING = DataType.BOOLEAN, DataType.STRING

#: By type: cells, and what they are.
CONVERTED: list[tuple[DataType, list[Any], list[Any], str]] = [
    (INTEGER, ["1", "+2", " 3 ", "-4"], [1, 2, 3, -4], "int64"),
    (INTEGER, ["1.0", "1e3"], [1, 1000], "int64"),
    (INTEGER, ["007"], [7], "int64"),
    (INTEGER, ["1,234", "5"], [1234, 5], "int64"),
    (INTEGER, ["1", "NA", ""], [1, None, None], "float64"),
    (INTEGER, ["9007199254740993", ""], [9007199254740993, None], "Int64"),
    (INTEGER, ["9007199254740993"], [9007199254740993], "int64"),
    (INTEGER, [7, None, "8"], [7, None, 8], "float64"),
    (INTEGER, [1.0, 2.0], [1, 2], "int64"),
    (INTEGER, [True, False], [1, 0], "int64"),
    (FLOAT, ["0.1", ".5", "1e-300", "-3"], [0.1, 0.5, 1e-300, -3.0], "float64"),
    (FLOAT, ["12,5", "13"], [12.5, 13.0], "float64"),
    (FLOAT, ["1.234,5", "2"], [1234.5, 2.0], "float64"),
    (FLOAT, ["1,234.5", "2"], [1234.5, 2.0], "float64"),
    (FLOAT, ["inf", "n/a"], [np.inf, None], "float64"),
    (FLOAT, [1, 2], [1.0, 2.0], "float64"),
    (DATETIME, ["2026-03-04"], ["2026-03-04"], "datetime64[ns]"),
    (DATETIME, ["2026-03-04", "2026-03-04T10:00:00.5"], ["2026-03-04", "2026-03-04 10:00:00.5"], "datetime64[ns]"),
    (DATETIME, ["04.03.2026", "13.03.2026", ""], ["2026-03-04", "2026-03-13", None], "datetime64[ns]"),
    (DATETIME, ["03/13/2026 10:00:00"], ["2026-03-13 10:00:00"], "datetime64[ns]"),
    (DATETIME, ["March 4, 2026"], ["2026-03-04"], "datetime64[ns]"),
    (DATETIME, [20260304, None], ["2026-03-04", None], "datetime64[ns]"),
    (DATETIME, [pd.Timestamp("2026-03-04")], ["2026-03-04"], "datetime64[ns]"),
    (DATETIME, ["9999-12-31"], ["9999-12-31"], "datetime64[us]"),
    (DATETIME, ["2026-03-29T01:30:00+02:00"], ["2026-03-29T01:30:00+02:00"], "datetime64[us, UTC+02:00]"),
    (BOOLEAN, ["yes", "No", "T", "0", ""], [True, False, True, False, None], "boolean"),
    (BOOLEAN, [1, 0], [True, False], "boolean"),
    (BOOLEAN, [1.0, None], [True, None], "boolean"),
    (BOOLEAN, [True, None], [True, None], "boolean"),
    (STRING, ["007", "NA", ""], ["007", "NA", ""], "string"),
    (STRING, [7, None, 1.5], ["7", None, "1.5"], "string"),
]  # fmt: skip


@pytest.mark.parametrize(("target", "cells", "values", "dtype"), CONVERTED)
def test_cells_are_what_they_mean(target: DataType, cells: list[Any], values: list[Any], dtype: str) -> None:
    column = pd.Series(cells, dtype=object if None in cells else None)
    made, issues = converted(column, target, "table", "column")
    assert issues == []
    assert str(made.dtype) == dtype
    expected = [pd.Timestamp(value) if value else None for value in values] if target == DATETIME else values
    assert [None if pd.isna(value) else value for value in made.tolist()] == expected


@pytest.mark.parametrize(
    ("target", "cells", "wrong"),
    [
        (INTEGER, ["1", "many"], {1: "many"}),
        (INTEGER, ["1.5", "2"], {0: "1.5"}),
        (INTEGER, [1.5, 2.0], {0: "1.5"}),
        (INTEGER, ["99999999999999999999"], {0: "99999999999999999999"}),
        (FLOAT, ["1", "12,34,5"], {1: "12,34,5"}),
        (FLOAT, ["12,5", "x", "1.5"], {1: "x"}),
        (DATETIME, ["x", "2026-01-01", None], {0: "x"}),
        (DATETIME, ["2026-13-01"], {0: "2026-13-01"}),
        (DATETIME, ["12:30"], {0: "12:30"}),
        (DATETIME, [1767225600000], {0: "1767225600000"}),
        (BOOLEAN, ["ja", "no"], {0: "ja"}),
        (BOOLEAN, [2, 1], {0: "2"}),
    ],
)
def test_a_cell_that_does_not_convert_is_named(target: DataType, cells: list[Any], wrong: dict[int, str]) -> None:
    column = pd.Series(cells)
    made, issues = converted(column, target, "table", "column")
    assert made.tolist() == column.tolist()
    messages = [issue.message() for issue in issues]
    assert {message.row: message.value for message in messages} == wrong
    assert {(message.severity, message.table, message.column, message.code) for message in messages} == {
        (ValidationSeverity.ERROR, "table", "column", "CONVERSION_FAILED")
    }


def test_many_cells_that_do_not_convert_are_counted() -> None:
    _, issues = converted(pd.Series(["x"] * 1000 + ["1"]), INTEGER, "table", "column")
    assert [issue.row for issue in issues] == [0, 1, 2, 3, 4, None]
    assert issues[-1].reason == "1000 cells of column 'column' are not integers"


@pytest.mark.parametrize(
    ("target", "cells", "reading"),
    [
        (FLOAT, ["1.000", "2.500"], "with a decimal point, '1.000' is 1.0; it may be a point between thousands"),
        (FLOAT, ["1,234", "5"], "with a decimal comma, '1,234' is 1.234; it may be a comma between thousands"),
        (INTEGER, ["5", "1.000"], "with a decimal point, '1.000' is 1; it may be a point between thousands"),
        (DATETIME, ["04.03.2026"], "with the month first, '04.03.2026' is 2026-04-03"),
        (DATETIME, ["04/03/2026 10:00:00"], "with the month first, '04/03/2026 10:00:00' is 2026-04-03"),
    ],
)
def test_what_can_be_read_in_two_ways_is_a_warning(target: DataType, cells: list[str], reading: str) -> None:
    _, (issue,) = converted(pd.Series(cells), target, "table", "column")
    assert issue.message().message == f"Column 'column' can be read in two ways: {reading}"
    assert (issue.severity, issue.code) == (ValidationSeverity.WARNING, "AMBIGUOUS_FORMAT")


@pytest.mark.parametrize(
    ("target", "cells"),
    [(FLOAT, ["0.500", "1.000"]), (FLOAT, ["1.5", "1.000"]), (DATETIME, ["03.03.2026"]), (DATETIME, ["2026-03-04"])],
)
def test_what_can_be_read_in_one_way_is_none(target: DataType, cells: list[str]) -> None:
    assert converted(pd.Series(cells), target, "table", "column")[1] == []


def test_different_offsets_are_an_error() -> None:
    cells = pd.Series(["2026-03-29T01:30:00+02:00", "2026-03-29T03:30:00+01:00"])
    made, (issue,) = converted(cells, DATETIME, "table", "column")
    assert made.tolist() == cells.tolist()
    assert issue.reason == "Column 'column': its times have different UTC offsets; use one, or none"


@settings(max_examples=100, deadline=None)
@given(st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), max_size=6))
def test_any_integer_stays_itself(values: list[int | None]) -> None:
    for cells in (values, [None if value is None else str(value) for value in values]):
        made, issues = converted(pd.Series(cells, dtype=object), INTEGER, "table", "column")
        assert issues == []
        assert [None if pd.isna(value) else int(value) for value in made] == values


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(allow_nan=False), max_size=6))
def test_any_float_stays_itself(values: list[float]) -> None:
    texts = pd.Series([repr(value) for value in values], dtype="str")
    made, _ = converted(texts, FLOAT, "table", "column")
    assert made.tolist() == values


@settings(max_examples=100, deadline=None)
@given(st.lists(st.datetimes(pd.Timestamp.min.ceil("s").to_pydatetime(), pd.Timestamp.max.floor("s").to_pydatetime())))
def test_any_time_stays_itself(values: list[Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made, issues = converted(pd.Series([value.isoformat() for value in values], dtype="str"), DATETIME, "t", "c")
    assert issues == []
    assert made.tolist() == [pd.Timestamp(value) for value in values]
