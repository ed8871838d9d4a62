"""The formats of parts of tables: the same cells in each, and in Arrow and Parquet exactly what pandas had."""

import csv
import io
import json
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algomancy_api.serialization.datasets.stream import dataset_pieces
from algomancy_api.serialization.json_encoder import UnencodableValue
from algomancy_api.tables.formats import FORMATS, Options, Wanted, part_of
from algomancy_api.tables.query import Query, parse, select

from ..serialization.datasets.test_stream import dataset
from ..support.strategies import tables

ARROW = "application/vnd.apache.arrow.stream"
PARQUET = "application/vnd.apache.parquet"
JSON = "application/json"


def encoded(table: pd.DataFrame, media_type: str, options: Options = Options(), **parameters: Any) -> bytes:  # noqa: B008
    part = part_of(table, Wanted(parse(parameters) if parameters else Query(), media_type, options))
    return b"".join(part.pieces) if part.body is None else part.body


def arrow(table: pd.DataFrame, **parameters: Any) -> pd.DataFrame:
    frame: pd.DataFrame = pa.ipc.open_stream(encoded(table, ARROW, **parameters)).read_pandas()
    return frame


def parquet(table: pd.DataFrame, **parameters: Any) -> pd.DataFrame:
    return pd.read_parquet(io.BytesIO(encoded(table, PARQUET, **parameters)))


TYPES: dict[str, Any] = {
    "int64": np.arange(4),
    "int8": np.arange(4, dtype="int8"),
    "uint64": np.array([0, 1, 2, 2**64 - 1], "uint64"),
    "float64": [0.5, np.nan, np.inf, -0.0],
    "float32": np.array([0.5, np.nan, 1, 2], "float32"),
    "bool": [True, False, True, True],
    "str": pd.Series(["a", None, "", "é"], dtype="str"),
    "string": pd.array(["a", None, "", "é"], dtype="string"),
    "Int64": pd.array([1, None, 3, 2**63 - 1], dtype="Int64"),
    "UInt8": pd.array([1, None, 3, 255], dtype="UInt8"),
    "Float64": pd.array([1.5, None, 3, 4], dtype="Float64"),
    "boolean": pd.array([True, None, False, True], dtype="boolean"),
    "category": pd.Categorical(["b", "a", None, "b"], categories=["c", "b", "a"], ordered=True),
    "category of numbers": pd.Categorical([1, 2, 1, None]),
    "ms": np.array(["2026-01-01", "NaT", "0001-01-01", "9999-12-31"], "M8[ms]"),
    "us": np.array(["2026-01-01", "NaT", "0001-01-01", "9999-12-31"], "M8[us]"),
    "ns": np.array(["2026-01-01T00:00:00.000000001", "NaT", "2000", "2100"], "M8[ns]"),
    "zoned": pd.date_range("2026-03-29", periods=4, freq="h", tz="Europe/Amsterdam"),
    "offset": pd.date_range("2026", periods=4, tz="UTC").tz_convert("-03:30"),
    "duration": pd.to_timedelta([1, None, 3, 4], unit="ns"),
    "period": pd.period_range("2026-01", periods=4, freq="M"),
    "interval": pd.interval_range(0, 4, closed="left"),
    "double[pyarrow]": pd.array([1.5, None, 2, 3], dtype="double[pyarrow]"),
    "dates": pd.Series([date(2026, 1, 1), None, date(2026, 1, 2), date(9999, 1, 1)], dtype=object),
    "decimals": pd.Series([Decimal("1.5"), None, Decimal("2.25"), Decimal("1e20")], dtype=object),
}


#: What Parquet keeps no dtype for.
NOT_IN_PARQUET = {(parquet, "category of numbers")}


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("read", [arrow, parquet])
def test_a_column_comes_back_with_its_dtype(read: Any, kind: str) -> None:
    if (read, kind) in NOT_IN_PARQUET:
        pytest.skip("it comes back as its numbers")
    table = pd.DataFrame({"x": TYPES[kind]})
    pd.testing.assert_frame_equal(read(table), table)
    pd.testing.assert_frame_equal(read(table, limit="2"), table[:2])
    pd.testing.assert_frame_equal(read(table.assign(n=[3, 1, 2, 0]), order="n", columns="x"), table.iloc[[3, 1, 2, 0]])


INDEXES: dict[str, pd.Index[Any]] = {
    "range": pd.RangeIndex(5, 13, 2),
    "named range": pd.RangeIndex(4, name="x"),
    "integers": pd.Index([7, 7, 1, 2]),
    "texts": pd.Index(list("abcd"), name="key"),
    "times": pd.DatetimeIndex(["2026-01-01", "2026-01-03", None, "2026-01-02"], tz="UTC"),
    "category": pd.CategoricalIndex(["a", "b", "a", "b"], name="c"),
    "levels": pd.MultiIndex.from_tuples([(1, "a"), (1, "b"), (2, "a"), (2, "c")], names=["n", None]),
}


@pytest.mark.parametrize("kind", INDEXES)
@pytest.mark.parametrize("read", [arrow, parquet])
def test_an_index_comes_back(read: Any, kind: str) -> None:
    table = pd.DataFrame({"qty": [3, 1, 2, 0], "b": list("wxyz")}, index=INDEXES[kind])
    pd.testing.assert_frame_equal(read(table), table)
    pd.testing.assert_frame_equal(read(table, offset="1", limit="2", columns="qty"), table[["qty"]][1:3])
    pd.testing.assert_frame_equal(read(table, where="qty>0", order="qty"), table.iloc[[1, 2, 0]])


@pytest.mark.parametrize("labels", [[7, 8], [0.5, 2], pd.MultiIndex.from_tuples([("a", 1), ("a", 2)])])
def test_labels_come_back(labels: Any) -> None:
    table = pd.DataFrame([[1, "a"], [2, "b"]], columns=labels)
    pd.testing.assert_frame_equal(arrow(table), table)


def test_a_dtype_that_pandas_does_not_know_by_name_does_not_hinder_a_reader() -> None:
    table = pd.DataFrame({"x": pd.Series([[1], None, []], dtype=pd.ArrowDtype(pa.list_(pa.int64())))})
    assert pa.ipc.open_stream(encoded(table, ARROW)).read_all().to_pydict() == {"x": [[1], None, []]}
    assert [None if cell is None else list(cell) for cell in arrow(table).x] == [[1], None, []]


def test_what_arrow_has_no_type_for_is_a_text() -> None:
    cells = {"mixed": [1, "1", None, {"a": [1.5]}], "odd": [[1], None, (2,), {3}], "big": [2**70, 1, None, 2]}
    table = pd.DataFrame({name: pd.Series(column, dtype=object) for name, column in cells.items()})
    table["sparse"] = pd.arrays.SparseArray([0, 0, 1, 0])
    stream = pa.ipc.open_stream(encoded(table, ARROW))
    assert [(stream.schema.field(name).metadata or {}).get(b"algomancy-api") for name in ("mixed", "sparse")] == [
        b"json",
        None,
    ]
    found = stream.read_all().to_pydict()
    assert found == {
        "mixed": ["1", "1", None, '{"a":[1.5]}'],
        "odd": ["[1]", None, "[2]", "[3]"],
        "big": [str(2**70), "1", None, "2"],
        "sparse": [0, 0, 1, 0],
    }


def test_cells_that_have_no_form_are_refused_before_the_first_byte() -> None:
    table = pd.DataFrame({"x": np.arange(100_000), "y": pd.Series([1] * 99_999 + [1j], dtype=object)})
    for media_type in FORMATS:
        with pytest.raises(UnencodableValue):
            part_of(table, Wanted(Query(), media_type, Options()))
    assert json.loads(encoded(table, JSON, limit="1")) == [{"x": 0, "y": 1}]


@settings(deadline=None, max_examples=60)
@given(tables(), st.booleans())
def test_the_cells_of_json_are_those_of_the_whole_dataset(table: pd.DataFrame, by_columns: bool) -> None:
    whole = json.loads(b"".join(dataset_pieces(dataset(t=table))))["tables"]["t"]["data"]
    options = Options(by_columns=by_columns)
    document, packed = (encoded(table, kind, options) for kind in (JSON, "application/msgpack"))
    found = json.loads(document)
    if by_columns:
        names = list(found)
        found = [dict(zip(names, row, strict=True)) for row in zip(*found.values(), strict=True)] if names else []
        whole = whole if names else []
    assert found == whole
    assert len(msgspec.msgpack.decode(packed)) == len(json.loads(document))


@settings(deadline=None, max_examples=60)
@given(tables())
def test_arrow_has_every_table_in_every_format(table: pd.DataFrame) -> None:
    found = pa.ipc.open_stream(encoded(table, ARROW)).read_all()
    found.validate(full=True)
    if found.num_columns:
        assert found.num_rows == len(table)
        assert pq.read_table(io.BytesIO(encoded(table, PARQUET))).num_rows == len(table)
    lines = list(csv.reader(io.StringIO(encoded(table, "text/csv").decode(), newline="")))
    assert len(lines) == 1 + len(table) if lines and lines[0] else not select(table, Query()).columns


def test_csv_has_a_line_for_each_row_and_tells_null_from_an_empty_text() -> None:
    table = pd.DataFrame(
        {
            "n": pd.array([1, None], dtype="Int64"),
            "s": ['a;"b"\n', ""],
            "t": [pd.Timestamp("2026-01-02 03:04:05"), pd.NaT],
            "o": [True, False],
            "c": pd.Categorical(["x", None]),
            "l": pd.Series([[1, 2], None], dtype=object),
        }
    )
    assert encoded(table, "text/csv", Options(delimiter=";")).decode() == (
        '"n";"s";"t";"o";"c";"l"\n1;"a;""b""\n";"2026-01-02T03:04:05";true;"x";"[1,2]"\n;"";;false;;\n'
    )


@pytest.mark.parametrize("compression", ["lz4", "zstd"])
def test_batches_can_be_compressed(compression: str) -> None:
    table = pd.DataFrame({"x": np.zeros(100_000)})
    small = encoded(table, ARROW, Options(compression=compression))
    assert len(small) < len(encoded(table, ARROW)) / 10
    pd.testing.assert_frame_equal(pa.ipc.open_stream(small).read_pandas(), table)


def test_a_large_part_comes_in_pieces_and_a_small_one_whole() -> None:
    table = pd.DataFrame({"x": np.arange(300_000), "s": ["text"] * 300_000})
    for media_type in FORMATS:
        part = part_of(table, Wanted(Query(), media_type, Options()))
        assert part.total == 300_000
        if media_type != PARQUET:
            sizes = [len(piece) for piece in part.pieces]
            assert part.body is None
            assert len(sizes) > 3
            assert max(sizes) < 3_000_000
        assert part_of(table, Wanted(Query(limit=10), media_type, Options())).body


def test_a_change_of_the_table_does_not_change_a_part_that_is_being_sent() -> None:
    table = pd.DataFrame({"x": np.zeros(300_000)})
    part = part_of(table, Wanted(Query(), ARROW, Options()))
    table.iloc[:, 0] = 1.0
    table["y"] = 2
    assert pa.ipc.open_stream(b"".join(part.pieces)).read_pandas().x.sum() == 0
