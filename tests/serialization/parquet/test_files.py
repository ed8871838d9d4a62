"""Tables as Parquet files: exactly the same for this package, and readable by others."""

import io
import tracemalloc
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings

from algomancy_api.serialization.frames import Unkeepable
from algomancy_api.serialization.parquet import exact_table, own_parquet, parquet_pieces

from ...support.frames import assert_same_frame
from ...support.wiring import wide_table
from ..frames.strategies import frames


def written(frame: pd.DataFrame) -> io.BytesIO:
    return io.BytesIO(b"".join(parquet_pieces(frame)))


def kept(frame: pd.DataFrame) -> pd.DataFrame:
    table = pq.ParquetFile(written(frame)).read()
    assert own_parquet(table.schema)
    return exact_table(table.schema, table.columns)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(frames())
def test_a_table_comes_back_as_it_was(frame: pd.DataFrame) -> None:
    assert_same_frame(kept(frame), frame)


BITS = np.array([0x7FF8000000000001, 0xFFF8000000000002, 0x8000000000000000, 0, 1], np.uint64).view(float)
SECONDS: Any = np.array([0, -(2**63), 1, 5, -7]).view("M8[s]")
FAR: Any = np.array([2**62, -(2**63), 1, 5, -7]).view("M8[s]")
ODD = {
    "bits of NaN and signs": BITS,
    "seconds": SECONDS,
    "seconds beyond what milliseconds count": FAR,
    "durations": SECONDS.astype("i8").view("m8[s]"),
    "nanoseconds": pd.DatetimeIndex(SECONDS.astype("M8[ns]")).tz_localize("Europe/Paris"),
    "categories of texts": pd.Categorical(["b", None, "a", "b", "b"], ["b", "c", "a"], ordered=True),
    "categories of numbers": pd.Categorical([3, None, 1, 1, 3], [3, 1]),
    "categories of floats": pd.Categorical([0.5, None, 1, 1, 0.5], [0.5, 1]),
    "lists of Arrow": pd.arrays.ArrowExtensionArray(pa.array([[1], None, [], [2, 3], [4]], pa.list_(pa.int8()))),
    "dates of Arrow": pd.arrays.ArrowExtensionArray(pa.array([0, None, 86_400_000, 0, 0], pa.date64())),
    "any objects": pd.Series([1, "x", None, (2,), {"a": b"b"}], dtype=object),
    "numbers and nulls": pd.array([2**53 + 1, None, 1, 2, 3], dtype="Int64"),
}


#: What pandas takes for no labels.
UNHASHABLE = ("lists of Arrow", "dates of Arrow", "any objects")


@pytest.mark.parametrize(("name", "values"), ODD.items(), ids=ODD.keys())
def test_odd_values_come_back_as_they_were(name: str, values: Any) -> None:
    assert_same_frame(kept(pd.DataFrame({"x": values})), pd.DataFrame({"x": values}))
    if name in UNHASHABLE:
        return
    labelled = pd.DataFrame({"y": range(5)}, index=pd.MultiIndex.from_arrays([values, range(5)], names=["k", None]))
    assert_same_frame(kept(labelled), labelled)


PLAIN = pd.DataFrame(
    {
        "i": [1, 2, 3],
        "s": ["a", "b", None],
        "t": pd.DatetimeIndex(["2020-01-01", "NaT", "2021-01-01"]),
        "z": pd.DatetimeIndex(["2026-03-29 01:30", "NaT", "NaT"]).tz_localize("Europe/Amsterdam"),
        "c": pd.Categorical(["x", None, "y"], ["y", "x"], ordered=True),
        "n": pd.array([1, None, 3], dtype="Int64"),
        "b": [True, False, True],
        "f": [1.5, np.nan, 2],
        "d": pd.to_timedelta([1, 2, None], unit="s"),
    }
)


@pytest.mark.parametrize(
    "frame",
    [
        PLAIN,
        PLAIN.set_index("s"),
        PLAIN.set_index(pd.RangeIndex(5, 8, name="r")),
        PLAIN.set_index(pd.Index([3, 4, 5])),
        PLAIN.set_index(pd.MultiIndex.from_tuples([("a", 1), ("b", 2), ("a", 3)], names=["k", None])),
    ],
    ids=["range", "texts", "named range", "numbers", "levels"],
)
def test_pandas_reads_the_same_table(frame: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(pd.read_parquet(written(frame)), frame)


def test_other_programs_read_values_and_nulls() -> None:
    table = pq.ParquetFile(written(PLAIN.set_index("s"))).read()
    read = table.to_pydict()
    assert (read["c"], read["__index_level_0__" if "s" not in read else "s"]) == (["x", None, "y"], ["a", "b", None])
    assert [moment is None for moment in read["t"]] == [False, True, False]
    assert (read["i"], read["n"], read["b"]) == ([1, 2, 3], [1, None, 3], [True, False, True])


def test_labels_of_any_kind_have_names_of_their_own() -> None:
    frame = pd.DataFrame([[1, 2, 3, 4]], columns=["a", "a", 5, "\ud800"])
    assert pq.ParquetFile(written(frame)).schema_arrow.names == ["a", "a (2)", "5", "\\ud800"]
    assert_same_frame(kept(frame), frame)


def test_what_cannot_be_kept_is_refused_before_the_first_piece() -> None:
    with pytest.raises(Unkeepable, match=r"column 'x', row 1 .*builtin"):
        parquet_pieces(pd.DataFrame({"x": pd.Series([1, len], dtype=object)}))


def test_a_file_is_written_in_pieces_that_take_little_memory() -> None:
    frame = wide_table()
    tracemalloc.start()
    try:
        sizes = [len(piece) for piece in parquet_pieces(frame)]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(sizes) >= 9
    assert max(sizes) < 2 * 2**20
    assert peak < 16 * 2**20


def test_a_file_of_a_newer_version_is_refused() -> None:
    table = pq.ParquetFile(written(PLAIN)).read()
    newer = table.schema.with_metadata({b"algomancy-api.parquet": b"\x93\x02\x90\xc4\x00"})
    with pytest.raises(ValueError, match="version 2, written by a newer"):
        exact_table(newer, table.columns)
