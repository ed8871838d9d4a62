"""Columns that the framework's own reader would change; ours keep every value."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from algomancy_data import DataSource

from algomancy_api.framework.dataset_json.reader import dataset_from_json

METADATA = {"id": "1", "name": "d", "type": "master_data", "creation_datetime": "2026-01-02 03:04:05"}

BIG = 2**53 + 1


def table_of(**members: Any) -> pd.DataFrame:
    document = json.dumps({"metadata": METADATA, "tables": {"t": members}}).encode()
    read: Any = dataset_from_json(DataSource, document)
    return read.tables["t"]  # type: ignore[no-any-return]


def column_of(cells: list[Any], dtype: str | None = None) -> Any:
    """A column that is read from its cells, a row each."""
    rows = [{"a": cell} for cell in cells]
    types = {} if dtype is None else {"dtypes": {"a": dtype}}
    return table_of(data=rows, columns=["a"], index=list(range(len(cells))), **types)["a"]


def plain(column: Any) -> list[Any]:
    """A column's values, None for missing ones."""
    return [None if value is None or value is pd.NA or value is pd.NaT or value != value else value for value in column]


INTEGERS = [
    ([BIG, None], None, "Int64"),
    ([BIG, None], "int64", "Int64"),
    ([BIG, None], "float64", "Int64"),
    ([BIG, 0], "float64", "int64"),
    ([-(2**63), None], "Int64", "Int64"),
    ([2**63, None], "UInt64", "UInt64"),
    ([2**64 - 1, None], "uint64", "UInt64"),
    ([200, None], "uint8", "UInt8"),
    ([2**63, None], None, "float64"),
    ([2**63 + 1, None], None, "object"),
    ([2**64, None], "Int64", "object"),
    ([2**64, 1], "int64", "object"),
    ([BIG, 0.5], None, "object"),
    ([BIG, 0.5, None], "float64", "object"),
    ([300, 1], "int8", "int64"),
    ([300, None], "Int8", "float64"),
    ([1, None], "int64[pyarrow]", "int64[pyarrow]"),
]


@pytest.mark.parametrize(("cells", "dtype", "expected"), INTEGERS)
def test_integers_are_exact(cells: list[Any], dtype: str | None, expected: str) -> None:
    column = column_of(cells, dtype)
    assert str(column.dtype) == expected
    assert plain(column) == cells


UNLIKE = [
    (["007"], "int64", "str"),
    (["7", "8"], "int64", "int64"),
    (["1.50"], "float64", "str"),
    (["1.5", None], "float64", "float64"),
    (["nan", "1"], "float64", "str"),
    (["True", "False"], "bool", "str"),
    (["1", "0"], "boolean", "str"),
    ([True, None], "bool", "object"),
    ([1, 0], "bool", "bool"),
    ([2, 0], "bool", "int64"),
    ([1.5, 2.0], "int64", "float64"),
    ([1.5, None], "Int64", "float64"),
    ([1.0, None], "Int64", "Int64"),
    ([0.1], "float32", "float64"),
    ([0.5], "float32", "float32"),
    ([1e300, 1.0], "float32", "float64"),
    ([7], "str", "str"),
    ([7, None], "str", "str"),
    ([[1], None], "str", "object"),
    ([1, "1"], "int64", "object"),
    (["a", None], "x", "str"),
    (["a", 1], "datetime64[us]", "object"),
]


@pytest.mark.parametrize(("cells", "dtype", "expected"), UNLIKE)
def test_a_conversion_that_would_change_a_value_is_not_made(cells: list[Any], dtype: str, expected: str) -> None:
    column = column_of(cells, dtype)
    assert str(column.dtype) == expected
    assert list(map(str, plain(column))) == list(map(str, cells)) or plain(column) == cells


def test_another_column_is_converted_all_the_same() -> None:
    rows = [{"a": "one", "b": 1}, {"a": "two", "b": 2}]
    table = table_of(data=rows, columns=["a", "b"], index=[0, 1], dtypes={"a": "int64", "b": "int8"})
    assert list(map(str, table.dtypes)) == ["str", "int8"]


def test_objects_stay_what_they_are() -> None:
    for cells in ([1, None], [1, 2.5, True, "a", [1], {"b": None}, None], ["a", None], [BIG, 0.5], [1.0, 1]):
        column = column_of(cells, "object")
        assert column.dtype == object
        assert repr(column.tolist()) == repr(cells)


def test_a_lone_surrogate_is_an_object() -> None:
    """Texts of Arrow cannot hold it; what stores or sends the dataset says whether it can."""
    table = table_of(data=[{"\ud800": "\ud801"}], columns=["\ud800"], index=["\ud802"])
    assert table.to_dict() == {"\ud800": {"\ud802": "\ud801"}}


def test_categories_are_the_values() -> None:
    assert column_of([2, None, 1], "category").cat.categories.tolist() == [1, 2]
    assert column_of([2, None, 1], "category").cat.categories.dtype == np.int64
    assert column_of([BIG, None], "category").tolist()[0] == BIG
    assert plain(column_of(["b", None, "a"], "category")) == ["b", None, "a"]
    assert column_of([[1]], "category").tolist() == [[1]]


MIXED = ["2026-01-02T03:04:05", "2026-01-02", None, "2026-01-02 03:04", "2026-01-02T03:04:05.6"]

TIMES = [
    (MIXED, "datetime64[us]", "datetime64[us]"),
    (MIXED, "datetime64[ns]", "datetime64[ns]"),
    (MIXED, "datetime64[s]", "datetime64[us]"),
    (MIXED[:4], "datetime64[s]", "datetime64[s]"),
    (MIXED, "datetime64", "datetime64[us]"),
    (MIXED, "datetime64[us, Europe/Amsterdam]", "datetime64[us]"),
    ([*MIXED, "2026-01-02T03:04:05.123456789"], "datetime64[us]", "datetime64[ns]"),
    (["0001-01-01", "9999-12-31T23:59:59.999999"], "datetime64[ns]", "datetime64[us]"),
    (["2026-01-02T03:04:05+01:00"], "datetime64[us]", "datetime64[us, UTC+01:00]"),
    (["2026-01-02T03:04:05Z", None, "2026-01-02T03:04+00:00"], "datetime64[us]", "datetime64[us, UTC]"),
    (["2026-01-02T03:04:05Z", "2026-01-02T03:04+01:00"], "datetime64[us, UTC]", "datetime64[us, UTC]"),
    (["2026-01-02T03:04:05-05:30"], "datetime64[ns, UTC-05:30]", "datetime64[ns, UTC-05:30]"),
    (["2026-01-02T03:04:05+01:00", "2026-07-02T03:04:05.5+02:00", None],) + ("datetime64[us, Europe/Amsterdam]",) * 2,
    (["2026-01-02T03:04:05+01:00", "2026-07-02T03:04:05.5+02:00", None], "datetime64[us]", "object"),
    (["01/02/2026", None], "datetime64[us]", "datetime64[us]"),
    (["20260102"], "datetime64[us]", "datetime64[us]"),
]


@pytest.mark.parametrize(("texts", "dtype", "expected"), TIMES)
def test_each_time_of_a_column_is_read(texts: list[str | None], dtype: str, expected: str) -> None:
    column = column_of(texts, dtype)
    assert str(column.dtype) == expected
    assert plain(column) == [None if text is None else pd.Timestamp(text) for text in texts]


def test_a_historical_offset_has_seconds() -> None:
    [moment] = column_of(["1937-06-30T23:59:59+01:19:32"], "datetime64[us, Europe/Amsterdam]")
    assert moment == pd.Timestamp("1937-06-30T22:40:27Z")


def test_different_offsets_are_kept() -> None:
    texts = ["2026-01-02T03:04:05+01:00", "2026-07-02T03:04:05+02:00", "2026-07-02T03:04:05+00:00"]
    assert [moment.isoformat() for moment in column_of(texts, "datetime64[us]")] == texts


@pytest.mark.parametrize(
    "texts",
    [
        ["2026-01-02", "soon"],
        ["2026-01-02", ""],
        ["2026-01-02", "NaT"],
        ["now"],
        ["2026-13-01"],
        ["01/02/2026", "13/02/2026"],
        ["01/02/2026", "now"],
        ["2026-01-02T03:04:05", "2026-01-02T03:04:05Z"],
        ["2026-01-02T03:04:05.1234567891"],
        ["1600-01-01", "2026-01-02T03:04:05.123456789"],
        ["2026-01-02T03:04:05+01:60"],
        ["2026-01-02T03:04:05Z", "soonZ"],
        ["10:30"],
    ],
)
def test_texts_that_are_not_all_times_stay_texts(texts: list[str]) -> None:
    column = column_of(texts, "datetime64[us]")
    assert column.dtype == "str"
    assert column.tolist() == texts


@pytest.mark.parametrize("dtype", ["datetime64[ns]", "datetime64[us, UTC]", "datetime64[us, Europe/Amsterdam]"])
def test_a_column_without_any_time_has_its_type(dtype: str) -> None:
    assert column_of([], dtype).dtype == dtype
    assert column_of([None, None], dtype).dtype == dtype
    assert column_of([None, None], dtype).isna().all()


def test_durations_are_read_with_the_unit_of_the_type() -> None:
    texts = ["P1DT2H", "-PT0.5S", None]
    for dtype in ("timedelta64[ns]", "timedelta64[us]", "timedelta64[ms]"):
        column = column_of(texts, dtype)
        assert column.dtype == dtype
        assert plain(column) == [pd.Timedelta(hours=26), pd.Timedelta(seconds=-0.5), None]
    assert column_of(texts, "timedelta64[s]").dtype != "timedelta64[s]"
    assert column_of(["PT0.1234567891S"], "timedelta64[ns]").dtype == "str"
    assert column_of(["NaT", "P1D"], "timedelta64[ns]").dtype == "str"


def test_periods_are_read() -> None:
    assert column_of(["2026-01", None], "period[M]").tolist()[0] == pd.Period("2026-01")
    assert column_of(["2026-01-15"], "period[M]").tolist() == ["2026-01-15"]


def key_of(label: Any) -> str:
    [key] = json.loads(json.dumps({label: 0}))
    return str(key)


LABELS = [[201, 202], [201, "201b"], [1.5, True], [None, "a"], [["a", "x"], ["a", "y"]], [["a", 1], ["b", 2]]]


@pytest.mark.parametrize("labels", LABELS)
def test_a_label_of_any_type_finds_its_cells(labels: list[Any]) -> None:
    keys = [",".join(map(str, label)) if isinstance(label, list) else key_of(label) for label in labels]
    rows = [dict(zip(keys, cells, strict=True)) for cells in ((1, 2), (3, 4))]
    table = table_of(data=rows, columns=labels, index=[0, 1], dtypes=dict.fromkeys(keys, "int8"))
    assert table.to_numpy().tolist() == [[1, 2], [3, 4]]
    assert plain(table.columns) == [tuple(label) if isinstance(label, list) else label for label in labels]
    assert list(map(str, table.dtypes)) == ["int8", "int8"]


def test_columns_with_the_same_label_have_the_same_cells() -> None:
    table = table_of(data=[{"a": 1}, {"a": 2}], columns=["a", "a"], index=[0, 1], dtypes={"a": "int16"})
    assert table.to_numpy().tolist() == [[1, 1], [2, 2]]
    assert list(map(str, table.dtypes)) == ["int16", "int16"]


INDEXES = [
    [BIG, None],
    [["a", 1], ["b", 2]],
    [["a", "b"], ["c", "d"]],
    ["007", "8"],
    [2**64, 1],
    [1.5, None],
    [True, False],
]


@pytest.mark.parametrize("labels", INDEXES)
def test_labels_of_rows_are_kept(labels: list[Any]) -> None:
    table = table_of(data=[{"a": 1}, {"a": 2}], columns=["a"], index=labels)
    assert plain(table.index) == [tuple(label) if isinstance(label, list) else label for label in labels]


def test_rows_that_lack_a_member_have_a_missing_value() -> None:
    rows = [{"a": BIG}, {"b": "x", "more": [1]}, {}]
    table = table_of(data=rows, columns=["a", "b", "c"], index=[0, 1, 2], dtypes={"a": "int64"})
    assert [plain(table[name]) for name in "abc"] == [[BIG, None, None], [None, "x", None], [None] * 3]


@pytest.mark.parametrize("name", ['q"', "back\\slash", "line\n", "ü", ""])
def test_any_name_of_a_column_is_found(name: str) -> None:
    assert table_of(data=[{name: BIG}, {name: None}], columns=[name], index=[0, 1])[name].tolist()[0] == BIG


@pytest.mark.parametrize("data", [{"a": [BIG, None], "b": ["x", "y"]}, [[BIG, "x"], [None, "y"]]])
def test_rows_or_columns_that_are_lists_are_exact(data: Any) -> None:
    table = table_of(data=data, columns=["a", "b"], index=[0, 1], dtypes={"a": "int64"})
    assert [plain(table[name]) for name in "ab"] == [[BIG, None], ["x", "y"]]


def test_a_cell_that_only_python_parses_leaves_the_others_exact() -> None:
    text = '[{"a": NaN, "b": 9007199254740993}, {"a": 1.5, "b": null}]'
    table = f'{{"data": {text}, "columns": ["a", "b"], "index": [0, 1]}}'
    read: Any = dataset_from_json(
        DataSource, f'{{"metadata": {json.dumps(METADATA)}, "tables": {{"t": {table}}}}}'.encode()
    )
    assert [plain(read.tables["t"][name]) for name in "ab"] == [[None, 1.5], [BIG, None]]
