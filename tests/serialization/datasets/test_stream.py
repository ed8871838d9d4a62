"""Streamed datasets in JSON and MessagePack, compared with the framework's own document."""

import gc
import json
import re
import tracemalloc
import uuid
import warnings
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from algomancy_data.datasource import BaseDataSource, DataClassification, DataSource
from hypothesis import given, settings
from hypothesis import strategies as st

from algomancy_api.serialization.datasets.stream import (
    JSON,
    MESSAGEPACK,
    UnencodableDataset,
    dataset_pieces,
    is_streamed,
    own_document,
)
from algomancy_api.serialization.datasets.writers import Form
from algomancy_api.serialization.json_encoder import UnencodableValue

from ...support import strategies
from ...support.strategies import Colour, Model, Odd, Point, held, same, strictly_parsed

SURROGATE = "\ud800"


FORMS = pytest.mark.parametrize("form", [JSON, MESSAGEPACK], ids=["json", "messagepack"])


def dataset(**tables: pd.DataFrame) -> DataSource:
    source = DataSource(DataClassification.MASTER_DATA, name="a dataset")
    source.tables = dict(tables)
    return source


def streamed(source: BaseDataSource) -> Any:
    """The document that a dataset is streamed as, which is the same in both forms."""
    if not is_streamed(source):
        return strictly_parsed(own_document(source))
    document = strictly_parsed(b"".join(dataset_pieces(source)))
    assert same(msgspec.msgpack.decode(b"".join(dataset_pieces(source, MESSAGEPACK))), held(document))
    return document


def of_framework(source: DataSource) -> Any:
    """The document that the framework itself writes, its NaN and infinities being null."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return json.loads(source.to_json(), parse_constant=lambda _: None)


def cells(values: Any, **named: Any) -> list[Any]:
    """A column's cells as they come out."""
    table = pd.DataFrame({"a": pd.Series(values, **named)})
    return [row["a"] for row in streamed(dataset(t=table))["tables"]["t"]["data"]]


def objects(*values: Any) -> list[Any]:
    """The same of an object column."""
    return cells(np.fromiter(values, dtype=object, count=len(values)), dtype=object)


# The framework's document --------------------------------------------------------------------------------------------


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(strategies.TEXTS, strategies.tables(), max_size=2))
def test_any_dataset_is_the_document_of_the_framework(tables: dict[str, pd.DataFrame]) -> None:
    source = dataset(**tables)
    assert same(streamed(source), of_framework(source))


@pytest.mark.parametrize("kind", strategies.COLUMNS)
def test_each_kind_of_column_is_as_in_the_framework(kind: str) -> None:
    @settings(max_examples=10, deadline=None)
    @given(strategies.COLUMNS[kind](6))
    def check(column: Any) -> None:
        source = dataset(t=pd.DataFrame({"a": column}))
        assert same(streamed(source), of_framework(source))

    check()


ALL_KINDS = pd.DataFrame(
    {
        "text": ["a", None] * 3_000,
        "number": np.arange(6_000),
        "share": [0.5, np.nan] * 3_000,
        "moment": pd.date_range("2020-01-01", periods=6_000, freq="h", unit="s"),
        "zoned": pd.date_range("2020-01-01", periods=6_000, freq="h", unit="us", tz="Europe/Amsterdam"),
        "exact": pd.date_range("2020-01-01", periods=6_000, freq="999ns", unit="ns"),
        "count": pd.array([1, None] * 3_000, dtype="Int64"),
        "kind": pd.Categorical(["x", None, "y"] * 2_000),
        "mixed": pd.Series([1, "a", {"k": [np.nan]}] * 2_000, dtype=object),
    }
)


@pytest.mark.parametrize(
    "index",
    [
        pd.RangeIndex(6_000),
        pd.RangeIndex(6_000, 0, -1),
        pd.date_range("2020-01-01", periods=6_000, tz="UTC"),
        pd.MultiIndex.from_product([["a", "b"], pd.date_range("2020-01-01", periods=3), range(1_000)]),
    ],
)
def test_tables_of_many_pieces_come_out_whole(index: Any) -> None:
    source = dataset(first=ALL_KINDS.set_axis(index), empty=ALL_KINDS.head(0), last=ALL_KINDS.head(101))
    assert same(streamed(source), of_framework(source))


@pytest.mark.parametrize(
    "tables",
    [
        {},
        {"no rows, no columns": pd.DataFrame()},
        {"no columns": pd.DataFrame(index=[3, 1])},
        {"no rows": pd.DataFrame({"a": [], "b": []})},
        {
            "": pd.DataFrame({"": [1]}),
            'a"\\\n\x00': pd.DataFrame({'a"\\\n\x00': [1]}),
            "é😀": pd.DataFrame({"é😀": [1]}),
        },
        {SURROGATE: pd.DataFrame([SURROGATE, "a"], columns=pd.Index([SURROGATE], dtype=object), dtype=object)},
        {"like no number": pd.DataFrame({"nan": ["NaN", "Infinity", '"NaN"']})},
    ],
)
def test_odd_shapes_and_names_are_as_in_the_framework(tables: dict[str, pd.DataFrame]) -> None:
    source = dataset(**tables)
    assert same(streamed(source), of_framework(source))


def test_metadata_is_as_in_the_framework() -> None:
    source = DataSource(DataClassification.DERIVED_DATA, name='a "name"', ds_id="7")
    assert streamed(source)["metadata"] == of_framework(source)["metadata"]
    copy = DataSource.from_json(b"".join(dataset_pieces(source)).decode())
    assert (copy.id, copy.name, copy.is_master_data()) == ("7", 'a "name"', False)


def test_a_subclass_without_a_text_of_its_own_is_streamed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Special(DataSource):
        pass

    source = Special(DataClassification.MASTER_DATA)
    source.add_table("t", pd.DataFrame({"a": [1]}))
    expected = of_framework(source)
    monkeypatch.setattr(DataSource, "to_json", lambda _: pytest.fail("the whole text was made"))
    assert same(streamed(source), expected)


# Where the framework has none ----------------------------------------------------------------------------------------


class Speaking:
    def to_json(self) -> str:
        return "a text"


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (datetime(2020, 2, 1, 3, tzinfo=UTC), "2020-02-01T03:00:00Z"),
        (date(2020, 2, 1), "2020-02-01"),
        (timedelta(1), "P1D"),
        (pd.Timedelta("1 day"), "P1D"),
        (np.timedelta64(1, "D"), "P1D"),
        (np.datetime64("2020-02-01"), "2020-02-01T00:00:00"),
        (Decimal("1.10"), "1.10"),
        (Decimal("Infinity"), None),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ({1}, [1]),
        (b"abc", "YWJj"),
        (np.array([1.5, np.nan]), [1.5, None]),
        (np.array([np.datetime64(1, "ns")]), ["1970-01-01T00:00:00.000000001"]),
        (pd.Series([1, 2]), [1, 2]),
        (pd.DataFrame({"a": [1]}), [{"a": 1}]),
        (pd.Period("2020-02", "M"), "2020-02"),
        (pd.Interval(0, 1), "(0, 1]"),
        (Colour.WAVES, [620, 750]),
        (Point(np.int8(1)), {"x": 1, "y": None}),
        (Model(Decimal("NaN")), {"content": None}),
        (Speaking(), "a text"),
        ({("a", np.int64(1)): [pd.NaT, {np.nan: Decimal("NaN")}]}, {"a,1": [None, {"NaN": None}]}),
        ([np.float64(0.5), SURROGATE], [0.5, SURROGATE]),
    ],
)
def test_cells_have_their_natural_form(value: Any, plain: Any) -> None:
    assert same(objects("a", value, None), ["a", plain, None])
    assert same(objects(value, SURROGATE), [plain, SURROGATE])


def test_a_number_of_very_many_digits_is_exact() -> None:
    assert objects("a", 10**5000, 1.5) == ["a", 10**5000, 1.5]


@pytest.mark.parametrize(
    ("values", "plain"),
    [
        (pd.to_timedelta(["1 day", None, "1 ns"]), ["P1D", None, "PT0.000000001S"]),
        (np.array([2**62], "m8[s]"), ["P53375995583650DT27904S"]),
        (pd.PeriodIndex(["2020-02", None], freq="M"), ["2020-02", None]),
        (pd.arrays.IntervalArray.from_breaks([0, 1]), ["(0, 1]"]),
        (pd.cut([1, 3], [0, 2]), ["(0, 2]", None]),
        (pd.Categorical([date(2020, 2, 1), None]), ["2020-02-01", None]),
        (pd.arrays.SparseArray([np.nan, np.inf]), [None, None]),
        (np.array([0.5, np.nan], "g"), [0.5, None]),
    ],
)
def test_columns_have_their_natural_form(values: Any, plain: list[Any]) -> None:
    assert same(cells(values), plain)


@pytest.mark.parametrize(
    ("index", "plain"),
    [
        (pd.to_timedelta(["1 day", None]), ["P1D", None]),
        (pd.period_range("2020-02", periods=2, freq="M"), ["2020-02", "2020-03"]),
        (pd.interval_range(0, 2), ["(0, 1]", "(1, 2]"]),
        (pd.Index([date(2020, 2, 1), {1}], dtype=object), ["2020-02-01", [1]]),
        (pd.MultiIndex.from_tuples([("a", Decimal("NaN")), ("b", b"abc")]), [["a", None], ["b", "YWJj"]]),
        (pd.MultiIndex.from_arrays([pd.period_range("2020", periods=2, freq="Y"), [1, 2]]), [["2020", 1], ["2021", 2]]),
    ],
)
def test_indexes_have_their_natural_form(index: Any, plain: list[Any]) -> None:
    table = pd.DataFrame({"a": [1, 2]}).set_axis(index)
    assert same(streamed(dataset(t=table))["tables"]["t"]["index"], plain)


@pytest.mark.parametrize(
    ("labels", "keys", "columns"),
    [
        (["a", "b"], ["a", "b"], ["a", "b"]),
        (
            pd.DatetimeIndex([pd.Timestamp("2020-02-01"), pd.NaT]),
            ["2020-02-01T00:00:00", "null"],
            ["2020-02-01T00:00:00", None],
        ),
        (pd.MultiIndex.from_tuples([("a", 1), ("b", 2)]), ["a,1", "b,2"], [["a", 1], ["b", 2]]),
        (pd.Index([np.int64(1), np.float64(0.5)], dtype=object), ["1", "0.5"], [1, 0.5]),
        (pd.Index([date(2020, 2, 1), Colour.RED], dtype=object), ["2020-02-01", "red"], ["2020-02-01", "red"]),
        (pd.Index([Odd.ARRAY, Odd.STAMP], dtype=object), ["5", "2020-01-01T00:00:00"], [5, "2020-01-01T00:00:00"]),
        (pd.period_range("2020-02", periods=2, freq="M"), ["2020-02", "2020-03"], ["2020-02", "2020-03"]),
    ],
)
def test_labels_have_their_natural_form(labels: Any, keys: list[str], columns: list[Any]) -> None:
    table = pd.DataFrame([[1, "x"]]).set_axis(labels, axis=1)
    assert streamed(dataset(t=table))["tables"]["t"] == {
        "data": [dict(zip(keys, [1, "x"], strict=True))],
        "columns": columns,
        "dtypes": dict(zip(keys, ["int64", "str"], strict=True)),
        "index": [0],
    }


def test_the_last_of_several_columns_of_one_label_counts() -> None:
    table = pd.DataFrame([[1, "x", 2.5]], columns=pd.Index(["a", "b", "a"]))
    document = streamed(dataset(t=table))["tables"]["t"]
    assert document["data"] == [{"a": 2.5, "b": "x"}]
    assert document["columns"] == ["a", "b", "a"]
    assert document["dtypes"] == {"a": "float64", "b": "str"}


# What cannot be told is told in time ---------------------------------------------------------------------------------


class Opaque:
    pass


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame({"a": pd.Series([1] * 30_000 + [Opaque()], dtype=object)}),
        pd.DataFrame({"a": [1] * 30_000, "b": pd.Series([None] * 29_999 + [{"k": [Opaque()]}], dtype=object)}),
        pd.DataFrame({"a": [1] * 30_000 + [1j]}),
        pd.DataFrame({"a": pd.Categorical([Opaque(), None])}),
        pd.DataFrame({"a": [1]}, index=pd.Index([Opaque()], dtype=object)),
        pd.DataFrame({"a": [1]}, index=pd.MultiIndex.from_arrays([["a"], pd.Index([Opaque()], dtype=object)])),
        pd.DataFrame([[1]], columns=pd.Index([Opaque()], dtype=object)),
    ],
)
@FORMS
def test_what_has_no_form_raises_before_the_first_piece(table: pd.DataFrame, form: Form) -> None:
    pieces = dataset_pieces(dataset(first=ALL_KINDS, last=table), form)
    with pytest.raises(UnencodableValue, match=r"Opaque|builtins\.complex"):
        next(pieces)


# Pieces --------------------------------------------------------------------------------------------------------------


@FORMS
def test_pieces_are_neither_small_nor_large(form: Form) -> None:
    source = dataset(t=pd.concat([ALL_KINDS] * 10), wide=pd.DataFrame(np.zeros((20, 3_000))))
    sizes = [len(piece) for piece in dataset_pieces(source, form)]
    assert len(sizes) > 10
    assert min(sizes[:-1]) >= 64 * 1024
    assert max(sizes) < 512 * 1024


@FORMS
def test_large_cells_make_no_large_pieces(form: Form) -> None:
    table = pd.DataFrame({"a": [f"{number:0100000}" for number in range(150)]})
    sizes = [len(piece) for piece in dataset_pieces(dataset(t=table), form)]
    assert max(sizes) < 12 * 1024 * 1024
    assert len(sizes) > 5


@pytest.mark.parametrize(
    "index", [pd.RangeIndex(600_000), pd.MultiIndex.from_product([range(600), range(1_000)])], ids=["range", "multi"]
)
@FORMS
def test_memory_does_not_grow_with_the_tables(index: Any, form: Form) -> None:
    source = dataset(t=pd.concat([ALL_KINDS.drop(columns="exact")] * 10), rows=pd.DataFrame(index=index))
    gc.collect()
    tracemalloc.start()
    size = sum(len(piece) for piece in dataset_pieces(source, form))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 10_000_000
    assert peak < 5_000_000


def test_a_stream_shows_the_tables_as_they_were_at_its_start() -> None:
    source = dataset(t=ALL_KINDS.copy(), u=pd.DataFrame({"a": [1]}))
    expected = of_framework(source)
    pieces = dataset_pieces(source)
    document = bytearray(next(pieces))
    source.tables["t"].loc[:, "number"] = -1
    source.tables["t"].loc[5_999, "text"] = "another"
    source.tables["u"] = pd.DataFrame({"b": [2]})
    source.tables["v"] = source.tables["u"]
    del source.tables["t"]
    document += b"".join(pieces)
    assert same(strictly_parsed(bytes(document)), expected)


def test_a_stream_leaves_the_tables_alone() -> None:
    table = ALL_KINDS.copy()
    source = dataset(t=table)
    streamed(source)
    assert source.tables["t"] is table
    pd.testing.assert_frame_equal(table, ALL_KINDS)


def test_nothing_is_done_before_the_first_piece_is_asked_for() -> None:
    source = dataset(t=pd.DataFrame({"a": [Opaque()]}))
    pieces = dataset_pieces(source)
    source.tables["t"] = pd.DataFrame({"a": [1]})
    assert b'"data":[{"a":1}]' in b"".join(pieces)


# A text of its own ---------------------------------------------------------------------------------------------------


class Written(BaseDataSource):
    """A dataset that is whatever text it is given."""

    def __init__(self, text: Any) -> None:
        super().__init__(DataClassification.MASTER_DATA)
        self.text = text

    def to_json(self) -> str:
        text: str = self.text() if callable(self.text) else self.text
        return text

    @classmethod
    def from_json(cls, json_string: str) -> Written:
        return cls(json_string)


class Overriding(DataSource):
    def to_json(self) -> str:
        return '{"mine": true}'


@pytest.mark.parametrize(
    "text",
    ["{}", ' {"a" : [1, 2.50e3, "\\u00e9 é"]}\n', "[" * 50 + "]" * 50, str(10**25), "[1e999]", '"x"' + " " * 700_000],
)
def test_a_valid_text_is_passed_on_as_it_is(text: str) -> None:
    assert own_document(Written(text)) == text.encode()
    assert same(streamed(Written(text)), strictly_parsed(text.encode()))


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ('{"a": [NaN, Infinity, -Infinity, 0.5], "n": 1}', {"a": [None, None, None, 0.5], "n": 1}),
        (r'["\ud800", 1]', [SURROGATE, 1]),
        (f'["{SURROGATE}"]', [SURROGATE]),
        (b'{"a": 1}', {"a": 1}),
        (b'{"a": NaN}', {"a": None}),
        (f"[NaN, {10**25}]", [None, 10**25]),
    ],
)
def test_what_only_python_takes_for_json_becomes_strict_json(text: Any, plain: Any) -> None:
    assert same(streamed(Written(text)), plain)


def test_a_text_of_its_own_goes_before_the_tables() -> None:
    source = Overriding(DataClassification.MASTER_DATA)
    source.add_table("t", pd.DataFrame({"a": [1]}))
    assert streamed(source) == {"mine": True}


@pytest.mark.parametrize(
    "text",
    ["", "hello", "{'a': 1}", '{"a": 1,}', '{"a": 1} x', "[1, NaN", '["\x01"]', b"\xff\xfe\xff", None, 5, {"a": 1}],
)  # fmt: skip
def test_what_is_no_json_raises_and_names_the_type(text: Any) -> None:
    with pytest.raises(
        UnencodableDataset,
        match=rf"^{re.escape(__name__)}\.Written\.to_json\(\) returned (invalid JSON|\S+ instead of a text)",
    ):
        own_document(Written(text))


def test_a_text_that_nests_without_end_raises() -> None:
    with pytest.raises(UnencodableDataset, match="returned invalid JSON"):
        own_document(Written("[" * 1_000_000 + "]" * 1_000_000))


def test_what_a_dataset_raises_comes_through() -> None:
    def text() -> str:
        raise KeyError("table")

    with pytest.raises(KeyError, match="table"):
        own_document(Written(text))
