"""Tables written and read: equal in every respect, or refused by name."""

import random
import warnings
from collections.abc import Callable
from datetime import timedelta, tzinfo
from enum import Enum
from io import BytesIO, RawIOBase
from typing import Any

import msgpack
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from dateutil import tz
from hypothesis import HealthCheck, given, settings

from algomancy_api.serialization.frames import Unkeepable, read_frame, write_frame
from algomancy_api.serialization.frames.frame import VERSION
from algomancy_api.serialization.frames.stream import KEY

from ...support.frames import assert_kept, assert_same_frame, kept, written
from .strategies import frames


class Colour(Enum):
    RED = 1


class Table(pd.DataFrame):
    pass


class LocalZone(tzinfo):
    def utcoffset(self, _: object) -> timedelta:
        return timedelta(0)

    def dst(self, _: object) -> timedelta:
        return timedelta(0)

    def tzname(self, _: object) -> str:
        return "here"


@given(frames())
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
def test_any_table_comes_back_as_it_was(frame: pd.DataFrame) -> None:
    assert_same_frame(kept(frame), frame)


def objects(*cells: Any) -> pd.Series:
    return pd.Series(np.fromiter(cells, object, len(cells)), dtype=object)


LOSSES: dict[str, Any] = {
    "codes with zeros": ["007", "7", None],
    "booleans": [True, False, True],
    "booleans and None": objects(True, None, False),
    "Int64 with NA": pd.array([2**62 + 1, None, 3], dtype="Int64"),
    "a NaN that is no NA": pd.arrays.FloatingArray(np.array([np.nan, 1.0, 2.0]), np.array([False, True, False])),
    "small integers": np.array([1, 2, 3], np.uint8),
    "half precision": np.array([1, np.nan, -0.0], np.float16),
    "big endian": np.array([1, 2, 3], ">i4"),
    "long double": np.array([1, 2, 3], np.longdouble),
    "complex": np.array([1j, complex(np.nan, -0.0), 0]),
    "raw bytes": np.array([b"ab", b"cd", b"ef"], "V2"),
    "strided": np.arange(9).reshape(3, 3)[:, 1],
    "dates in seconds": pd.date_range("2020", periods=3, unit="s"),
    "summer time": pd.date_range("2020-10-25", periods=3, freq="h", tz="Europe/Paris"),
    "a zone of dateutil": pd.date_range("2020", periods=3, tz=tz.gettz("Europe/Paris")),
    "durations": pd.to_timedelta([1, None, 3], unit="ms"),
    "categories in order": pd.Categorical(["low", None, "high"], ["low", "mid", "high"], ordered=True),
    "categories of times": pd.Categorical(pd.date_range("2020", periods=3, tz="UTC")),
    "categories of tuples": pd.Categorical.from_codes([0, 1, -1], pd.Index([(1, 2), "a"], tupleize_cols=False)),
    "periods": pd.period_range("2020", periods=3, freq="Q-NOV"),
    "deprecated periods": pd.Series(pd.arrays.PeriodArray(np.arange(3), dtype=pd.PeriodDtype("D"))),
    "intervals": pd.interval_range(pd.Timestamp("2020", tz="UTC"), periods=3, closed="both"),
    "intervals of Int64": pd.arrays.IntervalArray.from_arrays(pd.array([1, 2, 3]), pd.array([2, 3, 4])),
    "sparse": pd.arrays.SparseArray([0, 7, 0], fill_value=0, kind="block"),
    "sparse times": pd.arrays.SparseArray(np.array(["2020", "NaT", "2021"], "M8[us]")),
    "sparse texts": pd.arrays.SparseArray(np.array(["a", None, [1]], object)),
    "surrogates": pd.arrays.StringArray(np.array(["\ud800", "a", pd.NA], object)),
    "mixed": objects(1, "1", 1.0),
    "lists": objects([1], [2, [3]], []),
    "dicts": objects({"b": 1, "a": 2}, {1: {}}, None),
    "lists of one length": objects([1, 2], [3, 4], [5, 6]),
    "large integers": objects(1, 2**80, None),
    "NaN and None": objects(None, np.nan, pd.NA),
    "texts and NaN": objects("a", np.nan, "b"),
    "text that Arrow cannot hold": objects("a", "\ud800", None),
    "nothing": objects(None, None, None),
    "floats": objects(1.5, np.nan, None),
    "bytes and None": objects(b"\xff", None, b""),
    "fold": objects(*[pd.Timestamp("2020-10-25 02:30").to_pydatetime().replace(fold=fold) for fold in (0, 1, 0)]),
    "union": pd.arrays.ArrowExtensionArray(pa.chunked_array([pa.UnionArray.from_sparse(
        pa.array([0, 1, 0], pa.int8()), [pa.array([1, 2, 3]), pa.array(["x", "y", "z"])])])),
    "run ends": pd.arrays.ArrowExtensionArray(pa.chunked_array([pa.RunEndEncodedArray.from_arrays(
        pa.array([2, 3], pa.int32()), pa.array(["a", "b"]))])),
    "two dictionaries": pd.arrays.ArrowExtensionArray(pa.chunked_array(
        [pa.array(["a"]).dictionary_encode(), pa.array(["b", "a"]).dictionary_encode()])),
    "identifiers of Arrow": pd.arrays.ArrowExtensionArray(pa.chunked_array([pa.array([b"0" * 16] * 3, pa.uuid())])),
}  # fmt: skip


@pytest.mark.parametrize("values", LOSSES.values(), ids=LOSSES.keys())
def test_a_column_comes_back_as_it_was(values: Any) -> None:
    assert_kept(pd.DataFrame({"a": values}))
    assert_kept(pd.DataFrame({"a": values}).iloc[:0])
    assert_kept(pd.DataFrame({"a": values}).iloc[1:])


LEVELS = pd.MultiIndex.from_arrays([["b", "a", None], [1.5, np.nan, 2.5]], names=[None, ("x", 1)])
INDEXES: dict[str, Any] = {
    "default": pd.RangeIndex(3),
    "counting down": pd.RangeIndex(9, 3, -2, name=7),
    "small integers": pd.Index([3, 1, 3], dtype="int8"),
    "duplicates": pd.Index(["a", "A", "a"]),
    "tuples": pd.Index([(1, 2), (3,), ()], tupleize_cols=False),
    "mixed": pd.Index([1, "1", None], name=("a", None)),
    "levels": LEVELS,
    "unused levels": LEVELS[[0, 0, 1]],
    "sorted levels": pd.MultiIndex([["a"], [1, 2]], [[0, 0, 0], [0, 1, 1]], sortorder=1),
    "one level": pd.MultiIndex.from_arrays([[3, 1, 2]]),
    "categories": pd.CategoricalIndex(["a", None, "a"], ["b", "a"], ordered=True, name="c"),
    "business days": pd.bdate_range("2020", periods=3),
    "holidays": pd.date_range("2020", periods=3, freq=pd.offsets.CustomBusinessDay(holidays=["2020-01-02"])),
    "business hours": pd.date_range("2020-01-01 10:00", periods=3, freq=pd.offsets.BusinessHour(start="10:00")),
    "midnights": pd.date_range("2020-01-01", periods=3, freq=pd.offsets.MonthEnd(normalize=True)),
    "hours": pd.timedelta_range("1h", periods=3, freq="2h"),
    "periods": pd.period_range("2020", periods=3, freq="W-TUE"),
    "intervals": pd.interval_range(0.5, periods=3),
    "arrow": pd.Index(pd.array([1, None, 2], dtype="int64[pyarrow]")),
    "sparse": pd.Index(pd.arrays.SparseArray([0, 1, 0])),
}


@pytest.mark.parametrize("index", INDEXES.values(), ids=INDEXES.keys())
def test_an_index_comes_back_as_it_was(index: Any) -> None:
    assert_kept(pd.DataFrame({"a": [1, 2, 3]}, index=index))
    assert_kept(pd.DataFrame([[1, 2, 3], [4, 5, 6]], columns=index))
    assert_kept(pd.DataFrame(index=index, columns=index[:0]))


def test_attributes_and_flags_come_back() -> None:
    frame = pd.DataFrame({"a": [1]}).set_flags(allows_duplicate_labels=False)
    frame.attrs = {"unit": ("kg", {1: {2}}), 3: None}
    assert_kept(frame)


def test_what_comes_back_can_be_changed() -> None:
    frame = kept(pd.DataFrame({"a": [1, 2], "b": ["x", "y"], "c": pd.array([1, None]), "d": objects([1], {})}))
    changes: dict[str, Any] = {"a": 7, "b": "z", "c": 8, "d": "w"}
    for column, value in changes.items():
        frame.loc[0, column] = value
    assert next(frame.itertuples(index=False, name=None)) == (7, "z", 8, "w")


@pytest.mark.parametrize(
    ("frame", "named"),
    [
        (pd.DataFrame({("x", "y"): objects(1, Colour.RED).to_numpy()}, index=["r", "s"]),
         r"column \('x', 'y'\), row 's' \(position 1\): .*Colour"),
        (pd.DataFrame({"x": objects(*[0] * 9000, "a", len)}),
         r"column 'x', row 9001 \(position 9001\): .*builtin_function"),
        (pd.DataFrame({"x": pd.Categorical([Colour.RED])}), r"column 'x': .*category 0: .*Colour"),
        (pd.DataFrame({"x": pd.date_range("2020", periods=1, tz=LocalZone())}), r"column 'x': .*LocalZone"),
        (pd.DataFrame({"x": pd.arrays.SparseArray(objects(len, None).to_numpy())}), r"column 'x': .*builtin_function"),
        (pd.DataFrame({"x": [1]}, index=[Colour.RED]), r"the index, position 0: .*Colour"),
        (pd.DataFrame({"x": [1]}, index=pd.Index([1], name=Colour.RED)), r"the index: .*Colour"),
        (pd.DataFrame({"x": [1]}, index=pd.MultiIndex.from_tuples([(1, Colour.RED)])), r"the index: .*level.*Colour"),
        (pd.DataFrame([[1, 2]], columns=["x", Colour.RED]), r"the labels of the columns, position 1: .*Colour"),
        (Table({"x": [1]}), r"a table of type .*Table"),
    ],
    ids=["cell", "cell far down", "category", "time zone", "sparse", "index", "name", "level", "label", "subclass"],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused_by_its_place_before_a_byte_is_written(frame: Any, named: str) -> None:
    sink = BytesIO()
    with pytest.raises(Unkeepable, match=named):
        write_frame(frame, sink)
    assert sink.getvalue() == b""


def test_attributes_that_cannot_be_kept_are_refused() -> None:
    frame = pd.DataFrame({"a": [1]})
    frame.attrs = {"source": pd.DataFrame()}
    with pytest.raises(Unkeepable, match=r"attrs: .*DataFrame"):
        written(frame)


class Trickle(RawIOBase):
    """A source that gives a few bytes at a time, and cannot go back."""

    def __init__(self, data: bytes) -> None:
        self.data = BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self.data.read(min(len(buffer), 100))
        buffer[: len(piece)] = piece
        return len(piece)


class Drip(RawIOBase):
    """A sink that takes a few bytes at a time."""

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.data += bytes(data)[:100]
        return min(len(data), 100)


SEVERAL = [pd.DataFrame({"a": ["x"] * 100, "b": range(100)}), pd.DataFrame(), pd.DataFrame(index=[1, 2])]


@pytest.mark.parametrize("make", [BytesIO, Trickle])
def test_tables_follow_each_other_in_one_source(make: Callable[[bytes], Any]) -> None:
    source = make(b"".join(map(written, SEVERAL)) + b"the rest")
    for frame in SEVERAL:
        assert_same_frame(read_frame(source), frame)
    assert source.read(100) == b"the rest"
    assert not source.closed


def test_a_sink_may_take_a_part_of_what_it_is_given_and_is_not_closed() -> None:
    sink = Drip()
    write_frame(SEVERAL[0], sink)  # type: ignore[arg-type]
    assert bytes(sink.data) == written(SEVERAL[0])
    assert not sink.closed


@pytest.fixture(scope="module")
def varied() -> pd.DataFrame:
    values = {name: values for name, values in LOSSES.items() if "union" not in name}
    return pd.DataFrame(values).set_index(LEVELS)


def test_a_truncated_stream_is_an_error(varied: pd.DataFrame) -> None:
    data = written(varied)
    for length in [*random.Random(1).sample(range(len(data)), 100), *range(len(data) - 20, len(data))]:  # noqa: S311
        with pytest.raises(ValueError, match="the stream of a table"):
            read_frame(BytesIO(data[:length]))


def test_a_corrupt_stream_is_an_error_or_a_table(varied: pd.DataFrame) -> None:
    data = written(varied)
    pick = random.Random(2)  # noqa: S311
    refused = 0
    for _ in range(200):
        corrupt = bytearray(data)
        corrupt[pick.randrange(len(data))] ^= 1 << pick.randrange(8)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                assert isinstance(read_frame(BytesIO(bytes(corrupt))), pd.DataFrame)
        except ValueError as error:
            assert "not the stream of a table" in str(error) or "too early" in str(error)  # noqa: PT017
            refused += 1
        except MemoryError:
            refused += 1
    assert refused > 50


def test_codes_without_a_value_are_an_error() -> None:
    """Looking one up would read memory beyond that of the level."""
    index = pd.MultiIndex([["a", "b"]], [[0, 2]], verify_integrity=False)
    with pytest.raises(ValueError, match="a code of no value of its level"):
        read_frame(BytesIO(written(pd.DataFrame({"a": [1, 2]}, index=index))))


def test_an_error_of_the_source_is_its_own() -> None:
    class Broken(RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise ConnectionResetError("the database is gone")

    with pytest.raises(ConnectionResetError, match="the database is gone"):
        read_frame(Broken())  # type: ignore[arg-type]


def test_another_stream_of_arrow_is_an_error() -> None:
    sink = BytesIO()
    with pa.ipc.new_stream(sink, pa.schema([("a", pa.int8())])):
        pass
    with pytest.raises(ValueError, match="no description"):
        read_frame(BytesIO(sink.getvalue()))


def test_a_table_of_a_newer_version_is_refused() -> None:
    sink = BytesIO()
    description = msgpack.packb([VERSION + 1, b"what only that version knows"])
    with pa.ipc.new_stream(sink, pa.schema([], metadata={KEY: description})):
        pass
    with pytest.raises(ValueError, match=f"of version {VERSION + 1}, written by a newer algomancy-api"):
        read_frame(BytesIO(sink.getvalue()))


def batches(frame: pd.DataFrame) -> list[pa.RecordBatch]:
    return list(pa.ipc.open_stream(BytesIO(written(frame))))


@pytest.mark.parametrize(
    "values", [range(50_000), ["é" * 2000] * 3000, ["x" * 5_000_000, *["y"] * 9000]], ids=["rows", "texts", "one text"]
)
def test_batches_are_small(values: Any) -> None:
    frame = pd.DataFrame({"a": values})
    sizes = [(batch.num_rows, batch.nbytes) for batch in batches(frame)]
    assert all(rows == 1 or (rows <= 8192 and size <= 2 * 2**20) for rows, size in sizes)
    assert len(sizes) < 30
    assert_same_frame(kept(frame), frame)


def test_a_stream_is_compressed() -> None:
    assert len(written(pd.DataFrame({"a": ["the same text"] * 10_000}))) < 20_000


def test_categories_are_written_once() -> None:
    texts = pd.Index([f"a long text {number}" for number in range(100)])
    frame = pd.DataFrame({"a": texts.to_numpy()[np.arange(40_000) % 100]}).astype(pd.CategoricalDtype(texts))
    assert [batch.schema.field(0).type for batch in batches(frame)] == [pa.int8()] * 5
    assert_same_frame(kept(frame), frame)
