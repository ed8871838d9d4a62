"""Cells, arrays, indexes and tables of any kind, for hypothesis."""

from datetime import timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
from dateutil import tz
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

UNITS = st.sampled_from(["s", "ms", "us", "ns"])

zones = st.one_of(
    st.sampled_from([ZoneInfo("Europe/Paris"), ZoneInfo("Asia/Kolkata"), tz.gettz("Europe/Paris"), tz.tzutc()]),
    st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
texts = st.text(st.characters(exclude_categories=()), max_size=6)
stamps = st.builds(
    lambda number, unit, zone: pd.Timestamp(np.datetime64(number, unit), tz=zone),
    st.integers(-(2**31), 2**31), UNITS, st.none() | zones,
)  # fmt: skip
plain_cells = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.complex_numbers(), texts, st.binary(max_size=6),
    st.dates(), st.times(timezones=st.none() | zones), st.datetimes(timezones=st.none() | zones), st.timedeltas(),
    st.decimals(allow_nan=False), st.fractions(), st.uuids(), st.ip_addresses(), stamps,
    st.sampled_from([pd.NA, pd.NaT]),
    st.builds(lambda number, unit: pd.Timedelta(np.timedelta64(number, unit)), st.integers(-(2**31), 2**31), UNITS),
    npst.scalar_dtypes().filter(lambda dtype: dtype.isnative).flatmap(lambda dtype: npst.from_dtype(dtype)),
)  # fmt: skip
hashable_cells = st.recursive(plain_cells, lambda cells: st.lists(cells, max_size=3).map(tuple), max_leaves=4)
cells = st.recursive(
    plain_cells,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(hashable_cells, inner, max_size=3),
        npst.arrays(npst.scalar_dtypes(), npst.array_shapes(min_dims=0, min_side=0, max_side=3)),
    ),
    max_leaves=6,
)

NUMPY = [
    "?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16", "g", "q", ">i4", ">f8",
    "M8[s]", "M8[ms]", "M8[us]", "M8[ns]", "m8[s]", "m8[ns]", ">M8[us]",
]  # fmt: skip
MASKED = ["boolean", *(f"{kind}{bits}" for kind in ("Int", "UInt") for bits in (8, 16, 32, 64)), "Float32", "Float64"]
PERIODS = ["M", "D", "3D", "Q-NOV", "Y", "W-TUE", "h", "ns"]


def numpy_arrays(length: int, dtype: str) -> st.SearchStrategy[Any]:
    """Any bits at all: NaN with a payload, the smallest integer, which is NaT."""
    kind = np.dtype(dtype)
    if kind.char in "?g":
        return npst.arrays(kind, length)
    size = length * kind.itemsize
    if kind.kind in "Mm":
        # Years that datetime has: pandas cannot print others with a time zone.
        numbers = npst.arrays("i8", length, elements=st.integers(-(2**35), 2**35) | st.just(-(2**63)))
        return numbers.map(lambda array: array.view(kind.newbyteorder("=")).astype(kind))
    return st.binary(min_size=size, max_size=size).map(lambda data: np.frombuffer(data, kind).copy())


def masked_arrays(length: int, dtype: str) -> st.SearchStrategy[Any]:
    kind: Any = pd.api.types.pandas_dtype(dtype)
    masks = npst.arrays(bool, length)
    values = numpy_arrays(length, kind.numpy_dtype.str)
    return st.builds(lambda data, mask: kind.construct_array_type()(data, mask), values, masks)


def objects(length: int, elements: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    def array(items: list[Any]) -> np.ndarray:
        return np.fromiter(items, object, length)

    return st.lists(elements, min_size=length, max_size=length).map(array)


def object_arrays(length: int) -> st.SearchStrategy[Any]:
    kinds = [st.integers(), st.floats(), texts, st.binary(), st.dates(), st.datetimes(), st.booleans(), st.nothing()]
    return st.one_of(objects(length, cells), *(objects(length, st.none() | kind) for kind in kinds))


def strings(length: int) -> st.SearchStrategy[Any]:
    def array(cells: Any, storage: str, missing: Any) -> Any:
        return pd.array(cells, dtype=pd.StringDtype(storage, na_value=missing))  # type: ignore[call-overload]

    cells = st.lists(st.none() | st.text(max_size=5), min_size=length, max_size=length)
    return st.builds(array, cells, st.sampled_from(["python", "pyarrow"]), st.sampled_from([pd.NA, np.nan]))


def zoned(length: int) -> st.SearchStrategy[Any]:
    def array(numbers: np.ndarray, zone: Any) -> Any:
        return pd.DatetimeIndex(numbers).tz_localize("UTC").tz_convert(zone).array

    return st.builds(array, UNITS.flatmap(lambda unit: numpy_arrays(length, f"M8[{unit}]")), zones)


def categoricals(length: int) -> st.SearchStrategy[Any]:
    def array(index: Any, codes: list[int], ordered: bool) -> Any:
        index = index[index.notna()].unique() if not isinstance(index, pd.RangeIndex) else index
        fitting = [code if code < len(index) else -1 for code in codes]
        return pd.Categorical.from_codes(fitting, index, ordered)

    codes = st.lists(st.integers(-1, 4), min_size=length, max_size=length)
    categories = st.integers(0, 5).flatmap(lambda count: st.one_of(
        st.builds(pd.RangeIndex, st.just(count)), st.one_of(strings(count), zoned(count), objects(count, st.dates()),
        numpy_arrays(count, "i2"), numpy_arrays(count, "f8"), masked_arrays(count, "Int8")).map(pd.Index),
    ))  # fmt: skip
    return st.builds(array, categories, codes, st.booleans())


def intervals(length: int) -> st.SearchStrategy[Any]:
    def array(left: Any, closed: Any) -> Any:
        return pd.arrays.IntervalArray.from_arrays(left, left, closed)

    floats = npst.arrays(st.sampled_from(["f4", "f8"]), length, elements={"allow_nan": False})
    lefts = st.one_of(floats, npst.arrays("i8", length), zoned(length))
    return st.builds(array, lefts, st.sampled_from(["left", "right", "both", "neither"]))


def periods(length: int) -> st.SearchStrategy[Any]:
    numbers = npst.arrays("i8", length, elements=st.integers(-(2**20), 2**20) | st.just(-(2**63)))
    dtypes = st.sampled_from(PERIODS).map(pd.PeriodDtype)
    return st.builds(lambda array, dtype: pd.arrays.PeriodArray(array, dtype=dtype), numbers, dtypes)


def sparse(length: int) -> st.SearchStrategy[Any]:
    arrays = st.one_of(
        npst.arrays("f8", length, elements=st.sampled_from([0.0, 1.5, np.nan])),
        npst.arrays("i4", length, elements=st.integers(0, 2)), npst.arrays(bool, length),
        objects(length, st.sampled_from(["a", None])),
    )  # fmt: skip
    return st.builds(
        lambda array, kind: pd.arrays.SparseArray(array, kind=kind), arrays, st.sampled_from(["integer", "block"])
    )


def arrow(length: int) -> st.SearchStrategy[Any]:
    kinds: list[tuple[pa.DataType, st.SearchStrategy[Any]]] = [
        (pa.int32(), st.integers(-9, 9)), (pa.string(), st.text(max_size=3)), (pa.string_view(), st.text(max_size=20)),
        (pa.decimal128(10, 2), st.decimals(-9, 9, places=2)), (pa.list_(pa.int8()), st.lists(st.integers(0, 9))),
        (pa.list_view(pa.int8()), st.lists(st.integers(0, 9))), (pa.bool_(), st.booleans()), (pa.null(), st.none()),
        (pa.struct([pa.field("a", pa.string(), metadata={"k": "v"})]), st.fixed_dictionaries({"a": st.text()})),
        (pa.map_(pa.string(), pa.int8()), st.lists(st.tuples(st.text(max_size=2), st.integers(0, 9)))),
        (pa.dictionary(pa.int8(), pa.string()), st.sampled_from("abc")), (pa.float16(), st.floats(width=16)),
        (pa.timestamp("s", "Europe/Paris"), st.datetimes().map(lambda time: time.replace(microsecond=0))),
        (pa.binary(3), st.binary(min_size=3, max_size=3)), (pa.date64(), st.dates()),
        (pa.duration("ms"), st.integers(0, 9)),
    ]  # fmt: skip

    def arrays(kind: tuple[pa.DataType, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
        items = st.lists(st.none() | kind[1], min_size=length, max_size=length)
        return items.map(lambda cells: pd.arrays.ArrowExtensionArray(pa.chunked_array([pa.array(cells, kind[0])])))

    return st.sampled_from(kinds).flatmap(arrays)


def arrays(length: int) -> st.SearchStrategy[Any]:
    """An array of any dtype."""
    return st.one_of(
        st.sampled_from(NUMPY).flatmap(lambda dtype: numpy_arrays(length, dtype)),
        st.sampled_from(MASKED).flatmap(lambda dtype: masked_arrays(length, dtype)),
        object_arrays(length), strings(length), zoned(length), categoricals(length), intervals(length),
        periods(length), sparse(length), arrow(length),
    )  # fmt: skip


def indexes(length: int) -> st.SearchStrategy[Any]:
    """An index of any kind, with any name."""

    def plain(array: Any, name: Any) -> Any:
        return pd.Index(array, dtype=array.dtype, name=name, tupleize_cols=False)

    def levels(arrays: list[Any], names: list[Any]) -> Any:
        return pd.MultiIndex.from_arrays(arrays, names=names[: len(arrays)])

    def regular(start: Any, freq: Any, name: Any) -> Any:
        return pd.date_range(start, periods=length, freq=freq, name=name, unit="s")

    simple = st.one_of(
        strings(length), npst.arrays("i8", length), npst.arrays("f8", length), zoned(length), categoricals(length)
    )
    freqs = [
        "D",
        "2h",
        "ME",
        "B",
        "W-TUE",
        pd.DateOffset(months=1, days=2),
        pd.offsets.CustomBusinessDay(holidays=["2020-01-02"]),
    ]
    return st.one_of(
        st.builds(lambda start, step, name: pd.RangeIndex(start, start + length * step, step, name=name),
                  st.integers(-9, 9), st.sampled_from([-2, 1, 3]), hashable_cells),
        st.builds(plain, arrays(length).filter(lambda array: array.dtype != np.float16), hashable_cells),
        st.builds(levels, st.lists(simple, min_size=1, max_size=3), st.lists(hashable_cells, min_size=3, max_size=3)),
        st.builds(regular, st.sampled_from(["2020-01-01", "2020-01-31"]), st.sampled_from(freqs), hashable_cells),
    )  # fmt: skip


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    rows, columns = draw(st.integers(0, 6)), draw(st.integers(0, 4))
    series = {
        number: pd.Series(array, dtype=array.dtype) for number in range(columns) for array in [draw(arrays(rows))]
    }
    frame = pd.DataFrame(series, index=pd.RangeIndex(rows))
    frame.index = draw(indexes(rows))
    frame.columns = draw(indexes(columns))
    frame.attrs = draw(st.dictionaries(hashable_cells, cells, max_size=2))
    if draw(st.booleans()) and isinstance(frame.index, pd.RangeIndex) and isinstance(frame.columns, pd.RangeIndex):
        frame.flags.allows_duplicate_labels = draw(st.booleans())
    return frame
