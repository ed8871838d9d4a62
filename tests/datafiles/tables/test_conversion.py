"""Files of other programs come in as their users expect."""

from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from algomancy_api.datafiles import UnreadableFile
from algomancy_api.datafiles.tables.budget import Budget
from algomancy_api.datafiles.tables.upload import TableFile, UploadedTables
from algomancy_api.limits import Limits

from ...support import wiring
from ...support.frames import assert_same_frame, written
from ...support.tables import parquet

REAL = Path(__file__).parent / "real_files"


def read(path: Path, limits: Limits | None = None) -> pd.DataFrame:
    """The table of one file."""
    file = TableFile("t", path, path.name, path.suffix[1:])
    return UploadedTables(wiring.Items, "key", [file], limits or Limits(), is_validated=False).read()["t"]


def read_bytes(folder: Path, content: bytes, name: str = "t.parquet", limits: Limits | None = None) -> pd.DataFrame:
    path = folder / name
    path.write_bytes(content)
    return read(path, limits)


def in_parquet(table: pa.Table, **keywords: Any) -> bytes:
    file = BytesIO()
    pq.write_table(table, file, **keywords)
    return file.getvalue()


def in_arrow(table: pa.Table, new: Any = pa.ipc.new_stream) -> bytes:
    file = BytesIO()
    with new(file, table.schema) as writer:
        writer.write_table(table)
    return file.getvalue()


@pytest.mark.parametrize("name", ["polars.parquet", "polars.arrow", "polars_stream.arrows", "polars_lz4.feather"])
def test_a_file_of_polars(name: str) -> None:
    frame = read(REAL / name)
    assert_same_frame(frame[["id", "small"]], pd.DataFrame({
        "id": pd.array([1, None, 2**53 + 1], dtype="Int64"), "small": pd.array([1, 2, None], dtype="UInt8"),
    }))  # fmt: skip
    assert frame["open"].tolist() == [True, pd.NA, False]
    assert frame["name"].tolist()[::2] == ["a", "ü"]
    assert frame["day"].tolist() == [date(2026, 1, 2), None, date(2026, 3, 4)]
    assert frame["at"][0] == datetime(2026, 1, 2, 3, 4, 5, 6)  # noqa: DTZ001 - there is none in the file
    assert str(frame["zoned"].dtype) == "datetime64[us, Europe/Paris]"
    assert frame["size"].cat.categories.tolist() == ["s", "m"]
    assert frame["parts"][0].tolist() == [1, 2]
    assert frame["price"].tolist() == [Decimal("1.50"), None, Decimal("2.25")]
    assert_same_frame(frame[[]], pd.DataFrame(index=pd.RangeIndex(3), columns=pd.Index([], dtype="str")))


def test_a_file_of_duckdb() -> None:
    frame = read(REAL / "duckdb.parquet")
    assert frame["id"].tolist() == [1, pd.NA, 2**53 + 1]
    assert [str(dtype) for dtype in frame.dtypes] == [
        "Int64", "str", "float64", "object", "datetime64[us]", "boolean", "object"
    ]  # fmt: skip


TYPED = pd.DataFrame(
    {
        "code": ["007", None, "7"],
        "day": pd.DatetimeIndex(["2026-03-29 01:30", "NaT", "2026-04-01"]).tz_localize("Europe/Amsterdam"),
        "count": pd.array([2**53 + 1, None, 3], dtype="Int64"),
        "size": pd.Categorical(["s", "m", None], ["s", "m", "l"], ordered=True),
        "small": np.array([1, 2, 3], "int8"),
        "gap": [1.5, None, np.inf],
    }
)


@pytest.mark.parametrize("index", [
    pd.RangeIndex(3), pd.RangeIndex(4, 10, 2, name="n"), pd.Index(["b", "a", "b"], name="depot"),
    pd.MultiIndex.from_tuples([("a", 1), ("b", 2), ("a", 3)], names=["k", None]),
    pd.DatetimeIndex(["2026-01-01", "2026-01-02", "2026-01-04"]),
], ids=["range", "steps", "texts", "levels", "times"])  # fmt: skip
@pytest.mark.parametrize("form", ["parquet", "feather"])
def test_what_pandas_writes_comes_back_with_its_index(tmp_path: Path, index: Any, form: str) -> None:
    frame = TYPED.set_index(index)
    content = parquet(frame) if form == "parquet" else in_arrow(pa.Table.from_pandas(frame), pa.ipc.new_file)
    pd.testing.assert_frame_equal(read_bytes(tmp_path, content, f"t.{form}"), frame)


def test_without_the_metadata_of_pandas_the_index_is_a_range(tmp_path: Path) -> None:
    table = pa.table({"a": [1, None], "a b.c": ["x", "y"], "": [True, None], "f": [None, 1.5]})
    frame = read_bytes(tmp_path, in_parquet(table))
    expected = pd.DataFrame({
        "a": pd.array([1, None], dtype="Int64"), "a b.c": ["x", "y"], "": pd.array([True, None], dtype="boolean"),
        "f": [np.nan, 1.5],
    })  # fmt: skip
    assert_same_frame(frame, expected)


def test_a_stream_of_this_package_is_exact(tmp_path: Path) -> None:
    frame = pd.DataFrame({("a", 1): [1, "x", None]}, index=[(1, 2), "b", None])
    assert_same_frame(read_bytes(tmp_path, written(frame), "t.arrow"), frame)


@pytest.mark.parametrize("views", [pa.string_view(), pa.dictionary(pa.int8(), pa.string()), pa.large_string()])
@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_texts_of_any_type_of_arrow(tmp_path: Path, views: Any, form: str) -> None:
    texts = ["a", None, "a longer text, which is no short one", "a"] * 3
    table = pa.table({"x": pa.array(texts).cast(views), "y": pa.array([[text] for text in texts])})
    frame = read_bytes(tmp_path, in_parquet(table) if form == "parquet" else in_arrow(table), f"t.{form}")
    assert frame["x"].astype("str").tolist()[0:3:2] == texts[0:3:2]
    assert frame["x"].isna().tolist() == [text is None for text in texts]
    assert frame["y"][2].tolist() == texts[2:3]


def test_no_rows_and_no_columns(tmp_path: Path) -> None:
    assert read_bytes(tmp_path, in_parquet(pa.table({"a": pa.array([], pa.int8())}))).shape == (0, 1)
    assert read_bytes(tmp_path, in_parquet(pa.table({}))).shape == (0, 0)
    assert read_bytes(tmp_path, in_arrow(pa.table({})), "t.arrow").shape == (0, 0)


def test_the_cells_of_a_file_can_be_changed(tmp_path: Path) -> None:
    frame = read_bytes(tmp_path, in_arrow(pa.table({"a": [1, 2], "b": [0.5, 1]})), "t.arrow")
    frame.loc[0, "a"], frame.loc[0, "b"] = 5, 7
    assert frame.to_numpy().tolist() == [[5, 7], [2, 1]]
    assert all(frame.iloc[:, number]._values.flags.writeable for number in range(2))


@pytest.mark.parametrize(
    ("column", "says"),
    [
        (
            pa.array([(1, 2, 3)], pa.month_day_nano_interval()),
            "column 'bad', row 0 .*type pandas.DateOffset",
        ),
        (pa.UnionArray.from_sparse(pa.array([0], pa.int8()), [pa.array([1])]), "column 'bad' has the type .*union"),
        (pa.RunEndEncodedArray.from_arrays([1], [5]), "column 'bad' has the type run_end_encoded"),
        (pa.array([[1]], pa.list_view(pa.int8())), "column 'bad' has the type list_view"),
    ],
    ids=["interval", "union", "runs", "views of lists"],
)
def test_what_cannot_be_kept_is_named_by_file_and_column(tmp_path: Path, column: Any, says: str) -> None:
    with pytest.raises(UnreadableFile, match=f"File 't.arrow' cannot be read as Arrow: {says}"):
        read_bytes(tmp_path, in_arrow(pa.table({"good": [1], "bad": column})), "t.arrow")


@pytest.mark.parametrize(
    "metadata",
    [
        b"[]",
        b"{",
        b'{"columns": [{}]}',
        b'{"columns": 3}',
        b'{"index_columns": ["no"], "columns": [], "column_indexes": []}',
        b"[" * 100_000,
    ],
)
def test_malformed_metadata_of_pandas_are_an_error(tmp_path: Path, metadata: bytes) -> None:
    table = pa.table({"a": [1, None]}).replace_schema_metadata({b"pandas": metadata})
    try:
        assert read_bytes(tmp_path, in_arrow(table), "t.arrow").shape[0] == 2
    except UnreadableFile as error:
        assert str(error).startswith("File 't.arrow' cannot be read as Arrow: ")  # noqa: PT017


def test_the_budget_is_that_of_all_tables(tmp_path: Path) -> None:
    content = in_parquet(pa.table({"a": range(1000)}))
    (tmp_path / "t").write_bytes(content)
    files = [TableFile(str(number), tmp_path / "t", f"{number}.parquet", "parquet") for number in range(3)]
    fitting = Limits(upload=30_000)
    assert len(UploadedTables(wiring.Items, "key", files[:2], fitting, is_validated=False).read()) == 2
    with pytest.raises(Exception, match=r"File '2.parquet' unpacks, with those before it, to more than 20000 bytes"):
        UploadedTables(wiring.Items, "key", files, Limits(upload=20_000), is_validated=False).read()
    assert Budget(0, fitting).bytes_left == 30_000
