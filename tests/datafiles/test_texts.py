"""CSV and JSON files: the size of their table is known before it is built."""

import io
import json
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algomancy_api import Limits
from algomancy_api.datafiles import DataFile, FileTooLarge, UnreadableFile
from algomancy_api.datafiles.csv_size import _columns
from algomancy_api.datafiles.json_size import _add_names

SMALL = Limits(cells=1000, columns=100, line=2000, nesting=5)


def opened(folder: Path, extension: str, content: bytes, limits: Limits = SMALL) -> str | None:
    path = folder / "0"
    path.write_bytes(content)
    return DataFile("items", path, f"items.{extension}", extension, limits).opened().content


def names(count: int, separator: str = ";") -> str:
    return separator.join(f"c{number}" for number in range(count))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        *((names(101, separator) + "\n", "100 columns") for separator in ";,\t|"),
        ("\ufeff" + names(101), "100 columns"),
        ("\n \r\n" + names(101), "100 columns"),
        ('"a\nb' + "c" * 500 + '";' + names(100), "100 columns"),
        ('x"' + names(101) + '"', "100 columns"),
        ("a;b\n" + names(101) + "\n", "100 columns"),
        ("a\r" + names(101) + "\r", "100 columns"),
        ("a;b\n" + "x" * 2001, "a line of more than 2000 bytes"),
        (names(90) + "\n" + "1\n" * 2000, "rows and 90 columns"),
        ("a\n" + names(90) + "\n" + "1\n" * 2000, "rows and 90 columns"),
        (names(90) + "\r" + "1\r" * 2000, "rows and 90 columns"),
        (names(90) + "\r\n" + "1\r\n" * 2000, "rows and 90 columns"),
        (names(90) + "\n" + "1\r" * 2000, "rows and 90 columns"),
    ],
)
def test_a_csv_file_that_becomes_too_large_a_table_is_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(FileTooLarge, match="^File 'items.csv' .*" + says):
        opened(tmp_path, "csv", text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "",
        names(100) + "\n",
        "id;note\n1;" + ",".join("x" * 90) + "\n",
        'id;note\n1;"' + "a;b" * 200 + '"\n',
        "id;note\n" + "1;2\n" * 9000,
        "id\n" + "1\n" * 9000,
        "id;a;b\n" + "1;;\n" * 9000,
        "x" * 2000 + "\n" + "y" * 2000,
    ],
)
def test_one_that_is_merely_long_is_read(tmp_path: Path, text: str) -> None:
    assert opened(tmp_path, "csv", text.encode()) == text


CSV = st.lists(st.sampled_from([";", "\n", '"', "a", " ", "\t", ",", "1"]), max_size=30).map("".join)


@settings(max_examples=500, deadline=None)
@given(CSV, st.sampled_from([";", ",", "\t"]))
def test_pandas_makes_no_more_columns_than_are_counted(text: str, separator: str) -> None:
    try:
        table = pd.read_csv(io.StringIO(text), sep=separator)
    except ValueError:
        return  # it is none
    levels = 0 if isinstance(table.index, pd.RangeIndex) else table.index.nlevels
    assert levels + len(table.columns) <= _columns(text.encode(), separator.encode(), 100)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[" + ",".join(f'{{"a{number}": 1}}' for number in range(101)) + "]", "100 names"),
        ('[{"x": {' + ",".join(f'"a{number}": 1' for number in range(101)) + "}}]", "100 names"),
        ("[NaN," + ",".join(f'{{"a{number}": 1}}' for number in range(101)) + "]", "100 names"),
        ("[" + ",".join(f'{{"a{n % 90}":1}}' for n in range(1000)) + "]", "1000 rows and 90 columns"),
    ],
)
def test_a_json_file_that_becomes_too_large_a_table_is_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(FileTooLarge, match="^File 'items.json' .*" + says):
        opened(tmp_path, "json", text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "[[[[[[]]]]]]",
        '[{"a": [[[[1]]]]}]',
        '{"a": {"a": {"a": {"a": {"a": {}}}}}}',
        "[NaN, [[[[[1]]]]]]",
    ],
)
def test_a_json_file_that_nests_too_deeply_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnreadableFile, match=r"^File 'items\.json' cannot be read as JSON: it is nested more"):
        opened(tmp_path, "json", text.encode())


@pytest.mark.parametrize("nesting", [10**6])
def test_so_is_one_that_python_cannot_read(tmp_path: Path, nesting: int) -> None:
    with pytest.raises(UnreadableFile, match="nested too deeply"):
        opened(tmp_path, "json", b"[" * 200_000 + b"]" * 200_000, Limits(nesting=nesting))


@pytest.mark.parametrize(
    "text",
    ["", "{", "null", "[]", "[1, NaN]", '[{"a": "\\ud800"}]', '[{"a": [[[1]]]}]', '{"a": 1}', "[" + "1," * 500 + "1]"],
)
def test_whatever_else_it_holds_is_for_the_etl_to_judge(tmp_path: Path, text: str) -> None:
    assert opened(tmp_path, "json", text.encode()) == text


RECORDS = st.lists(
    st.recursive(
        st.dictionaries(st.sampled_from("abc."), st.integers() | st.none(), max_size=3),
        lambda inner: st.dictionaries(st.sampled_from("abc."), inner | st.integers(), max_size=3),
        max_leaves=6,
    ),
    max_size=5,
)


@settings(max_examples=200, deadline=None)
@given(RECORDS)
def test_pandas_makes_no_more_of_records_than_is_counted(records: list[dict[str, Any]]) -> None:
    counted: set[str] = set()
    for record in records:
        _add_names(counted, record)
    assert len(pd.json_normalize(records).columns) <= len(counted)
    with tempfile.TemporaryDirectory() as folder:
        opened(Path(folder), "json", json.dumps(records).encode(), Limits())
