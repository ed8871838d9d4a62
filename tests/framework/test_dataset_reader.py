"""Datasets from JSON, beside what the framework itself makes of the same texts."""

import warnings
from typing import Any

import pandas as pd
import pytest
from algomancy_data import DataSource
from hypothesis import example, given
from hypothesis import strategies as st

from algomancy_api.framework import dataset_reader
from algomancy_api.framework.dataset_reader import dataset_from_json

METADATA = '{"id": "1", "name": "d", "type": "master_data", "creation_datetime": "2026-01-02 03:04:05"}'

NUMBERS = (
    "0 1 -0 -0.0 1.0 1E2 1e400 2e-400 0.1 9007199254740993 9223372036854775808 18446744073709551616 "
    "-123456789012345678901234567890 NaN -Infinity"
)
TEXTS = r'"" "a" "2026-01-02T03:04:05" "2026-13-01" "\ud83d\ude00" "\ud800" "ü" "\u0000"'
OTHERS = 'null true false [1,2] [] {"a":1} {"a":1,"a":2}'

cells = st.one_of(
    st.sampled_from(f"{NUMBERS} {TEXTS} {OTHERS}".split()),
    st.integers().map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
)
names = st.sampled_from(["a", "b", "c", "", "ü", 'q"', "0"])
dtypes = st.sampled_from(
    ["int64", "int8", "Int64", "float64", "bool", "str", "object", "category", "datetime64[us]", "x"]
)


def quoted(name: str) -> str:
    return '"' + name.replace('"', '\\"') + '"'


def text_of_map(members: dict[str, str]) -> str:
    return "{" + ", ".join(f"{quoted(name)}: {value}" for name, value in members.items()) + "}"


@st.composite
def tables(draw: Any) -> str:
    """A table as text: mostly as `to_json` writes it, sometimes with a row or a column that is not."""
    columns = draw(st.lists(names, max_size=3, unique=draw(st.integers(0, 9)) > 0))
    # A column's cells are mostly alike, as they are in life.
    kinds = {
        name: draw(st.one_of(cells, st.lists(cells, min_size=1, max_size=3).map(st.sampled_from))) for name in columns
    }
    count = draw(st.integers(0, 5))
    rows = []
    for _ in range(count):
        row = {name: kind if isinstance(kind, str) else draw(kind) for name, kind in kinds.items()}
        if draw(st.integers(0, 19)) == 0:
            row = draw(st.sampled_from([{}, row | {"more": "1"}, dict(reversed(row.items()))]))
        rows.append(text_of_map(row))
    index = draw(st.sampled_from([range(count), range(count, 0, -1), ["i"] * count, range(count + 1)]))
    members = {
        "data": f"[{', '.join(rows)}]",
        "columns": f"[{', '.join(map(quoted, columns))}]",
        "index": f"[{', '.join(quoted(label) if isinstance(label, str) else str(label) for label in index)}]",
        "dtypes": text_of_map({name: quoted(draw(dtypes)) for name in draw(st.lists(names, max_size=3, unique=True))}),
    }
    left_out = draw(st.sampled_from(["", "", "", "", "data", "dtypes", "index"]))
    return text_of_map({name: value for name, value in members.items() if name != left_out})


texts = st.one_of(
    st.lists(tables(), max_size=2).map(
        lambda found: text_of_map({"metadata": METADATA, "tables": text_of_map(dict(zip("xy", found, strict=False)))})
    ),
    st.sampled_from(["", "[]", "{}", "7", f'{{"metadata": {METADATA}}}', f'{{"metadata": {METADATA}, "tables": []}}']),
)


def made(make: Any) -> Any:
    """A dataset, or how it could not be made."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas has its opinions on dates, either way
        try:
            return make()
        except Exception as error:
            return type(error), str(error)


@given(texts)
@example(f'{{"metadata": {METADATA}, "tables": {{"x": {{"data": [{{}}, {{}}], "columns": [], "index": [0, 1]}}}}}}')
def test_what_is_read_is_what_the_framework_reads(text: str) -> None:
    ours, theirs = made(lambda: dataset_from_json(DataSource, text.encode())), made(lambda: DataSource.from_json(text))
    if not isinstance(theirs, DataSource):
        assert ours == theirs
        return
    assert (ours.id, ours.name, ours.creation_datetime) == (theirs.id, theirs.name, theirs.creation_datetime)
    assert list(ours.tables) == list(theirs.tables)
    for name, table in theirs.tables.items():
        pd.testing.assert_frame_equal(ours.tables[name], table, check_exact=True)
        assert [list(map(type, column)) for _, column in ours.tables[name].items()] == [
            list(map(type, column)) for _, column in table.items()
        ]


class Piecemeal(bytes):
    """A text that nobody makes a str of, which is what the framework would want."""

    def decode(self, *_: Any) -> str:
        raise AssertionError


def test_rows_are_read_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataset_reader, "_ROWS", 3)
    table = pd.DataFrame({"n": range(10), "t": [f"text {n}" for n in range(10)]})
    source = DataSource.from_json(f'{{"metadata": {METADATA}}}')
    source.add_table("x", table)

    document = source.to_json().encode()
    parsed = dataset_reader._parsed(document, nesting=100)["tables"]["x"]["data"]
    assert parsed == {"n": list(range(10)), "t": [f"text {n}" for n in range(10)]}
    read: Any = dataset_from_json(DataSource, Piecemeal(document))
    pd.testing.assert_frame_equal(read.tables["x"], table)


def test_a_dataset_with_a_from_json_of_its_own_is_asked() -> None:
    class Own(DataSource):
        @classmethod
        def from_json(cls, json_string: str) -> Any:
            return super().from_json(json_string.replace('"d"', '"own"'))

    assert dataset_from_json(Own, f'{{"metadata": {METADATA}}}'.encode()).name == "own"
    assert type(dataset_from_json(Own, f'{{"metadata": {METADATA}}}'.encode())) is Own
