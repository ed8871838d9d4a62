"""CSV files: each cell of a column of texts is what stands in the file, whoever reads it."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from algomancy_data import DataType
from hypothesis import given, settings
from hypothesis import strategies as st

from algomancy_api import free_memory
from algomancy_api.extraction import csv_table
from algomancy_api.extraction.csv_table import read_csv
from algomancy_api.extraction.issues import Issue

STRING, INTEGER, FLOAT = DataType.STRING, DataType.INTEGER, DataType.FLOAT


def read(
    folder: Path, text: str, types: Mapping[str, DataType], separator: str = ";"
) -> tuple[pd.DataFrame, list[Issue]]:
    path = folder / "file.csv"
    path.write_bytes(text.encode())
    return read_csv(path, separator, types, "file")


def columns(frame: pd.DataFrame) -> dict[Any, list[Any]]:
    return {name: [None if pd.isna(cell) else cell for cell in frame[name].tolist()] for name in frame}


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_table, "_BLOCK", 64)


def test_texts_stay_and_numbers_are_numbers(tmp_path: Path) -> None:
    text = 'code;count;price;note\n007;1;1.5;NA\n"A;1";2;1e-11;""\n;3;;"a ""b""\r\nc"\n'
    frame, issues = read(tmp_path, text, {"code": STRING, "count": INTEGER, "price": FLOAT, "note": STRING})
    assert issues == []
    assert columns(frame) == {
        "code": ["007", "A;1", ""],
        "count": [1, 2, 3],
        "price": [1.5, 1e-11, None],
        "note": ["NA", "", 'a "b"\r\nc'],
    }
    assert [str(dtype) for dtype in frame.dtypes] == ["string", "int64", "float64", "string"]


@pytest.mark.parametrize("surplus", [";", ";;"])
def test_a_separator_at_the_end_of_each_row_is_no_cell(tmp_path: Path, surplus: str) -> None:
    frame, issues = read(
        tmp_path, f"code;count;other\n007;1;a{surplus}\n008;2;b{surplus}\n", {"code": STRING, "count": INTEGER}
    )
    assert issues == []
    assert columns(frame) == {"code": ["007", "008"], "count": [1, 2], "other": ["a", "b"]}


@pytest.mark.parametrize("surplus", [";x", ";;x", ";x;", ";x;y"])
def test_cells_beyond_the_header_are_no_index(tmp_path: Path, surplus: str) -> None:
    with pytest.raises(ValueError, match=rf"its rows have {2 + surplus.count(';')} cells, where the header has 2;"):
        read(tmp_path, f"code;count\n007;1{surplus}\n008;2{surplus}\n", {"code": STRING, "count": INTEGER})


@pytest.mark.usefixtures("small_blocks")
def test_one_odd_cell_at_the_end_changes_no_other(tmp_path: Path) -> None:
    codes = [f"{number:05}" for number in range(1000)] + ["A0001"]
    text = "code;other;count\n" + "".join(f"{code};{code};{code}\n" for code in codes)
    frame, issues = read(tmp_path, text, {"code": STRING, "count": INTEGER})
    assert columns(frame) == {"code": codes, "other": codes, "count": codes}
    assert [(issue.column, issue.row, issue.value) for issue in issues] == [("count", 1000, "A0001")]


@pytest.mark.usefixtures("small_blocks")
def test_a_late_decimal_comma_makes_all_numbers(tmp_path: Path) -> None:
    text = "price\n" + "7\n" * 100 + "12,5\n"
    frame, issues = read(tmp_path, text, {"price": FLOAT})
    assert columns(frame) == {"price": [7.0] * 100 + [12.5]}
    assert issues == []


@pytest.mark.usefixtures("small_blocks")
def test_points_between_thousands_are_a_warning_in_any_block(tmp_path: Path) -> None:
    frame, (issue,) = read(tmp_path, "price\n" + "7\n" * 100 + "1.000\n", {"price": FLOAT})
    assert frame["price"].iloc[-1] == 1.0
    assert issue.code == "AMBIGUOUS_FORMAT"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a;b\n1\n2;3\n", {"a": ["1", "2"], "b": ["", "3"]}),
        ("a;b\n", {"a": [], "b": []}),
        ("\n\na;b\n\n1;2\n\n", {"a": ["1"], "b": ["2"]}),
        ("\ufeffa;b\n1;2", {"a": ["1"], "b": ["2"]}),
        ("a;b\r1;2\r", {"a": ["1"], "b": ["2"]}),
        ("a;a;b\n1;2;3\n", {"a": ["1"], "a.1": [2], "b": ["3"]}),
    ],
    ids=["a short row", "no row", "empty lines", "a mark", "old line ends", "two of a name"],
)
def test_odd_files_are_as_pandas_reads_them(tmp_path: Path, text: str, expected: dict[str, list[Any]]) -> None:
    assert columns(read(tmp_path, text, {"a": STRING, "b": STRING})[0]) == expected


@pytest.mark.parametrize("text", ["", "a;b\n1;2\n1;2;3;4\n", "\n"])
def test_what_is_no_table_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match=r"line 3|No columns"):
        read(tmp_path, text, {"a": STRING})


CELLS = st.text("ab1 .,;'\"\n\t-é😀", max_size=4) | st.sampled_from(["007", "NA", "1.5", "true", "2026-01-01", "1e3"])


@pytest.mark.usefixtures("small_blocks")
@settings(max_examples=300, deadline=None)
@given(
    rows=st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=30),
    separator=st.sampled_from([";", ",", "\t", "|"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_what_was_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]], separator: str, quoting: Any, end: str
) -> None:
    written = io.StringIO()
    csv.writer(written, delimiter=separator, quoting=quoting, lineterminator=end).writerows([("a", "b", "c"), *rows])
    folder = tmp_path_factory.mktemp("written")
    frame, _ = read(folder, written.getvalue(), {"a": STRING, "b": STRING}, separator)
    assert [*zip(frame["a"], frame["b"], strict=True)] == [row[:2] for row in rows]
    alone = pd.read_csv(folder / "file.csv", sep=separator, low_memory=False)
    pd.testing.assert_series_equal(frame["c"], alone["c"])


#: Not a carriage return alone, after which pandas may lose a row.
RAW = st.lists(st.sampled_from(["a", "b", "1", ";", '"', "\n", "\r\n", " ", "."]), max_size=40).map("".join)


@settings(max_examples=500, deadline=None)
@given(RAW)
def test_any_bytes_are_read_as_by_pandas(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("raw") / "file.csv"
    path.write_bytes(f"a;b\n{text}".encode())
    types = {"a": STRING, "b": STRING}
    try:
        pd.read_csv(path, sep=";", dtype="str", keep_default_na=False, low_memory=False)
    except ValueError:
        with pytest.raises(ValueError, match=r"EOF|Expected|columns"):
            read_csv(path, ";", types, "file")
        return
    try:
        frame, _ = read_csv(path, ";", types, "file")
    except ValueError as error:
        assert "cells, where the header has 2" in str(error)  # noqa: PT017 - one of two right outcomes
        with pytest.raises(ValueError, match="Expected 2 fields"):
            pd.read_csv(path, sep=";", header=None)
        return
    expected = pd.read_csv(path, sep=";", dtype="str", keep_default_na=False, low_memory=False, usecols=[0, 1])
    assert columns(frame) == columns(expected)


@pytest.mark.usefixtures("small_blocks")
def test_reading_ends_when_memory_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not before: the file itself would fit, and what is read of it takes more."""
    monkeypatch.setattr(free_memory, "_LITTLE", 0)
    monkeypatch.setattr(free_memory, "free_memory", lambda _: 5_000)
    few, many = "x;y\n" + "a;b\n" * 10, "x;y\n" + "a;b\n" * 2_000
    assert len(read(tmp_path, few, {"x": STRING, "y": STRING})[0]) == 10
    with pytest.raises(MemoryError, match="5,000 are free"):
        read(tmp_path, many, {"x": STRING, "y": STRING})


def test_a_column_without_a_schema_is_that_of_pandas_whoever_reads_it(tmp_path: Path) -> None:
    for text in ("a;b\n1; \n2;NA\n", "a;b;c\n1; ;3\n2;NA\n"):  # Arrow reads no rows of different lengths
        frame, _ = read(tmp_path, text, {"a": STRING})
        assert columns(frame)["b"] == [" ", None]
