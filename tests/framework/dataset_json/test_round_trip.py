"""Datasets that are downloaded and sent back."""

from typing import Any

import numpy as np
import pandas as pd
from algomancy_data import DataClassification, DataSource
from hypothesis import example, given, settings
from hypothesis import strategies as st

from algomancy_api.framework.dataset_json.reader import dataset_from_json
from algomancy_api.serialization.datasets.stream import dataset_pieces

WIDTHS = [8, 16, 32, 64]

#: Years that every unit of pandas holds.
instants = st.integers(-(2**62), 2**62).map(lambda count: count // 1000 * 1000)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
times = st.sampled_from(["2026-01-02", "2026-01-02T03:04:05", "007", "7", "1.5", "true", "nan", "null", "P1D"])


def nullable(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), values)


def integers(width: int, sign: int) -> st.SearchStrategy[int]:
    return st.integers(-(2 ** (width - 1)), 2 ** (width - 1) - 1) if sign else st.integers(0, 2**width - 1)


#: By type: what a column of it may hold.
TYPES: dict[str, st.SearchStrategy[Any]] = {
    **{f"int{width}": integers(width, 1) for width in WIDTHS},
    **{f"uint{width}": integers(width, 0) for width in WIDTHS},
    **{f"Int{width}": nullable(integers(width, 1)) for width in WIDTHS},
    **{f"UInt{width}": nullable(integers(width, 0)) for width in WIDTHS},
    "float64": st.floats(allow_infinity=False),
    "float32": st.floats(allow_infinity=False, width=32),
    "Float64": nullable(st.floats(allow_nan=False, allow_infinity=False)),
    "Float32": nullable(st.floats(allow_nan=False, allow_infinity=False, width=32)),
    "bool": st.booleans(),
    "boolean": nullable(st.booleans()),
    "str": nullable(texts | times),
    "string": nullable(texts | times),
    "object": nullable(
        st.booleans() | st.integers(-(2**70), 2**70) | st.floats(-9, 9) | texts | times | st.lists(texts)
    ),
    **{f"datetime64[{unit}]": nullable(instants.map(pd.Timestamp)) for unit in ("s", "ms", "us", "ns")},
    **{f"timedelta64[{unit}]": nullable(instants.map(pd.Timedelta)) for unit in ("s", "ms", "us", "ns")},
    "datetime64[us, UTC]": nullable(instants.map(lambda count: pd.Timestamp(count, tz="UTC"))),
    "datetime64[ns, Europe/Amsterdam]": nullable(instants.map(lambda count: pd.Timestamp(count, tz="UTC"))),
    "datetime64[s, UTC+05:30]": nullable(instants.map(lambda count: pd.Timestamp(count, tz="UTC"))),
    "period[D]": nullable(st.dates().map(str)),
}

labels = st.one_of(
    st.lists(texts, unique=True, max_size=4),
    st.lists(st.integers(), unique=True, max_size=4),
    st.lists(st.tuples(texts.filter(lambda text: "," not in text), st.integers()), unique=True, min_size=1, max_size=4),
)


def column_of(kind: str, cells: list[Any]) -> Any:
    if kind.startswith(("datetime64", "timedelta64")):
        # By way of nanoseconds, of which coarser units drop some.
        fine = pd.Series(cells, dtype="datetime64[ns, UTC]" if "," in kind else f"{kind.partition('[')[0]}[ns]")
        zone = getattr(pd.api.types.pandas_dtype(kind), "tz", None)
        fine = fine.dt.tz_convert(zone) if zone else fine
        unit: Any = kind.partition("[")[2].partition(",")[0].rstrip("]")
        return fine.dt.as_unit(unit).array
    return pd.Series(cells, dtype=kind).array


@st.composite
def tables(draw: Any) -> pd.DataFrame:
    count = draw(st.integers(0, 6))
    names = draw(labels)
    kinds = [draw(st.sampled_from(list(TYPES))) for _ in names]
    columns = [column_of(kind, draw(st.lists(TYPES[kind], min_size=count, max_size=count))) for kind in kinds]
    index = draw(
        st.one_of(
            st.just(list(range(count))),
            st.lists(st.integers(-(2**63), 2**63 - 1), min_size=count, max_size=count),
            st.lists(texts, min_size=count, max_size=count),
            st.lists(st.tuples(texts, st.integers(0, 9)), min_size=count, max_size=count),
        )
    )
    frame = pd.DataFrame({place: pd.Series(column, dtype=column.dtype) for place, column in enumerate(columns)})
    frame = frame if columns else pd.DataFrame(index=range(count))
    frame.columns = (
        pd.MultiIndex.from_tuples(names)
        if names and isinstance(names[0], tuple)
        else pd.DataFrame(columns=names).columns
    )
    frame.index = pd.MultiIndex.from_tuples(index) if index and isinstance(index[0], tuple) else pd.Index(index)
    return frame


def sent_back(table: pd.DataFrame) -> pd.DataFrame:
    source = DataSource(DataClassification.MASTER_DATA, "d")
    source.add_table("t", table)
    read: Any = dataset_from_json(DataSource, b"".join(dataset_pieces(source)))
    return read.tables["t"]  # type: ignore[no-any-return]


@settings(max_examples=200, deadline=None)
@given(tables())
@example(pd.DataFrame({"a": pd.array([2**53 + 1, None], dtype="Int64"), "b": ["007", None]}, index=["x", "x"]))
def test_a_dataset_that_is_downloaded_and_sent_back_is_the_same(table: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(sent_back(table), table, check_exact=True)


@given(st.lists(nullable(st.integers(0, 9)) | st.none(), max_size=9))
def test_categories_of_integers_come_back(cells: list[Any]) -> None:
    # Those that occur, in their order: the document has no others.
    column = pd.Series(pd.Categorical(cells, categories=pd.Index(sorted({*cells} - {None}), dtype=np.int64)))
    if column.notna().any():
        pd.testing.assert_series_equal(sent_back(pd.DataFrame({"a": column}))["a"], column, check_names=False)


def test_a_dataset_of_many_pieces_is_the_same() -> None:
    count = 30_000
    table = pd.DataFrame(
        {
            "number": pd.array([*range(count - 1), 2**53 + 1], dtype="Int64"),
            "late": pd.array([None] * (count - 1) + [2**62 + 1], dtype="Int64"),
            "share": np.linspace(0, 1, count),
            "text": ["},{" + str(number) for number in range(count)],
            "moment": pd.date_range("2026-01-01", periods=count, freq="37min", tz="Europe/Amsterdam", unit="us"),
            "mixed": pd.Series([1, "a", None] * (count // 3), dtype=object),
        },
        index=[f"row,{number}" for number in range(count)],
    )
    pd.testing.assert_frame_equal(sent_back(table), table, check_exact=True)
