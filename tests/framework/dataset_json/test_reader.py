"""Datasets from JSON, compared with the framework's own reader.

Where the framework keeps each value of a column, ours is the same. Ours keeps them always: see `test_columns`.
"""

import json
import warnings
from math import nan
from typing import Any, cast
from uuid import uuid4

import pandas as pd
import pytest
from algomancy_data import DataSource
from hypothesis import example, given, settings
from hypothesis import strategies as st

from algomancy_api.framework.dataset_json import scanner
from algomancy_api.framework.dataset_json.reader import dataset_from_json

METADATA = '{"id": "1", "name": "d", "type": "master_data", "creation_datetime": "2026-01-02 03:04:05"}'

NUMBERS = (
    "0 1 -0 -0.0 1.0 1E2 1e400 2e-400 0.1 9007199254740993 9223372036854775808 18446744073709551616 "
    "-123456789012345678901234567890 NaN -Infinity"
)
TEXTS = (
    r'"" "a" "7" "007" "1.5" "true" "NaN" "2026-13-01" "\ud83d\ude00" "\ud800" "ü" "\u0000" "P1DT2H" "20260102" '
    '"2026-01-02" "2026-01-02T03:04:05" "2026-01-02T03:04:05.6789" "2026-01-02T03:04:05Z" "2026-01-02T03:04:05+01:00"'
)
OTHERS = 'null true false [1,2] [] {"a":1} {"a":1,"a":2}'

cells = st.one_of(
    st.sampled_from(f"{NUMBERS} {TEXTS} {OTHERS}".split()),
    st.integers().map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
)
names = st.sampled_from(["a", "b", "c", "", "ü", 'q"', "0"])
dtypes = st.sampled_from(
    [
        "int64",
        "int8",
        "Int64",
        "Int32",
        "uint16",
        "uint64",
        "float64",
        "bool",
        "boolean",
        "str",
        "object",
        "category",
        "datetime64[us]",
        "datetime64[ns,UTC]",
        "timedelta64[ns]",
        "interval",
        "x",
    ]
)

#: Members of the metadata, some of which no dataset has.
metadata = st.fixed_dictionaries(
    {
        "type": st.sampled_from(['"master_data"', '"derived_data"', '"dummy_data"', '"unknown"', "null", "[]"]),
        "name": st.sampled_from(['"d"', '""', "null", "7", r'"\ud800"', '{"a": [1]}']),
        "id": st.sampled_from(['"1"', '""', "0", "1.5", '["1"]']),
        "creation_datetime": st.sampled_from(['"2026-01-02 03:04:05"', '"x"', "1e9", "NaN"]),
    },
    optional={"tables": st.just('["x", "y"]'), "more": st.sampled_from(OTHERS.split())},
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
        # One at most: the framework converts no column after one that fails.
        "dtypes": text_of_map({draw(st.sampled_from(columns or [""])): quoted(draw(dtypes))}),
    }
    left_out = draw(st.sampled_from(["", "", "", "", "data", "dtypes", "index"]))
    return text_of_map({name: value for name, value in members.items() if name != left_out})


@st.composite
def documents(draw: Any) -> str:
    """A document as text: mostly of a dataset, sometimes with a member that is missing, unknown or of another type."""
    found = draw(st.lists(tables(), max_size=2))
    described = text_of_map(draw(metadata)) if draw(st.integers(0, 3)) == 0 else METADATA
    members = {"metadata": described, "tables": text_of_map(dict(zip("xy", found, strict=False)))}
    match draw(st.integers(0, 19)):
        case 0:
            del members[draw(st.sampled_from(["metadata", "tables"]))]
        case 1:
            members[draw(st.sampled_from(["metadata", "tables", "more"]))] = draw(st.sampled_from(OTHERS.split()))
    return text_of_map(members)


texts = st.one_of(
    documents(),
    st.sampled_from(["", "[]", "{}", "7", f'{{"metadata": {METADATA}}}', f'{{"metadata": {METADATA}, "tables": []}}']),
)


@st.composite
def damaged(draw: Any) -> bytes:
    """A document of which some bytes were lost, or replaced by others."""
    document: bytes = draw(documents()).encode()
    start = draw(st.integers(0, len(document)))
    length = draw(st.integers(0, 3))
    piece: bytes = draw(
        st.sampled_from([b"", b"{", b"}", b'"', b",", b"\\", b"\x00", b"\n", b"\xff", b"\xed\xa0\x80", b"null"])
    )
    return document[:start] + piece + document[start + length :]


class Piecemeal(bytes):
    """A text that nobody makes a str of, which is what the framework would want."""

    def decode(self, *_: Any) -> str:
        raise AssertionError


def made(make: Any) -> Any:
    """A dataset, or how it could not be made."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas has its opinions on dates, either way
        try:
            return make()
        except Exception as error:
            return type(error), str(error)


def attributes(source: DataSource) -> dict[str, Any]:
    """All but the tables, and an id that was made up where the document has none."""
    is_made_up = isinstance(source.id, str) and len(source.id) == len(str(uuid4()))
    return vars(source) | {"tables": None, "_id": "made up" if is_made_up else source.id}


def is_missing(value: object) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value)


def is_kept(value: Any, cell: Any) -> bool:
    """Whether a value of a column says what its cell in the document says."""
    if is_missing(value) or is_missing(cell):
        return is_missing(value) and is_missing(cell)
    if isinstance(value, pd.Timestamp | pd.Timedelta) and type(cell) in (int, str):
        return bool(value == type(value)(cell))
    return bool(value == cell) or str(value) == str(cell)


def is_untouched(value: Any, cell: Any) -> bool:
    return is_missing(value) if is_missing(cell) else is_kept(value, cell) and type(value) is type(cell)


def is_of_digits(cell: Any) -> bool:
    return is_missing(cell) or (isinstance(cell, str) and cell.isdigit())


def cells_of(table: Any, position: int) -> list[Any]:
    """A column's cells in a document; NaN where a row has no such member."""
    cells = [row.get(table["columns"][position], nan) for row in table["data"]] or [nan]
    return cells * len(table["index"]) if len(cells) == 1 else cells  # pandas repeats a single row


def assert_same_column(ours: Any, theirs: Any, cells: list[Any], dtype: str, *, is_relaxed: bool) -> None:
    assert all(map(is_kept, ours, cells, strict=True))
    types = {type(cell) for cell in cells if not is_missing(cell)}
    # The framework may give up halfway between a text and an integer.
    is_strict = (
        len(types) > 1
        or bool(types & {list, dict})
        or dtype in ("category", "object")
        or ("int" in dtype and str in types)
    )
    is_exact = is_untouched if is_strict else is_kept
    if is_relaxed or not all(map(is_exact, theirs, cells, strict=True)):
        return
    # Where all are digits, as "007", pandas guesses a day of the year 1.
    if "datetime" in dtype and all(map(is_untouched, ours, cells, strict=True)) and all(map(is_of_digits, cells)):
        return
    if "datetime" in dtype or (dtype.startswith("u") and theirs.isna().any()):
        assert all(map(is_kept, ours, theirs, strict=True))
        assert dtype.startswith("u") or ours.dtype == object or ours.dtype.kind == theirs.dtype.kind
    else:
        assert ours.dtype == theirs.dtype
        assert all(map(is_untouched, ours, theirs, strict=True))


def assert_same(ours: Any, theirs: Any, document: Any = None) -> None:
    """That two datasets, or two errors, do not differ, but for values that the framework changes."""
    if not isinstance(theirs, DataSource):
        # The framework cannot read integers into a type that is too small for them, or a lone surrogate as a text.
        assert theirs[0] in (OverflowError, UnicodeEncodeError) or ours == theirs
        return
    assert type(ours) is type(theirs)
    assert repr(attributes(ours)) == repr(attributes(theirs))
    assert list(ours.tables) == list(theirs.tables)
    for name, table in theirs.tables.items():
        described = document["tables"][name]
        if not all(map(is_kept, table.index, described["index"], strict=True)):
            table = table.set_axis(ours.tables[name].index)
        pd.testing.assert_index_equal(ours.tables[name].index, table.index, exact=True)
        pd.testing.assert_index_equal(ours.tables[name].columns, table.columns, exact=True)
        for position, label in enumerate(described["columns"]):
            columns = ours.tables[name].iloc[:, position], table.iloc[:, position]
            cells, dtype = cells_of(described, position), described.get("dtypes", {}).get(label, "")
            # The framework does not convert columns with the same label, and takes intervals for integers.
            is_relaxed = described["columns"].count(label) > 1 or dtype == "interval"
            is_relaxed |= len(described["data"]) != len(described["index"])  # no cells, of one missing type or another
            is_relaxed |= any(type(cell) is int and abs(cell) >= 2**63 for cell in cells)  # a float, if exact
            assert_same_column(*columns, cells, dtype, is_relaxed=is_relaxed)


@settings(max_examples=300, deadline=None)
@given(texts)
@example(f'{{"metadata": {METADATA}, "tables": {{"x": {{"data": [{{}}, {{}}], "columns": [], "index": [0, 1]}}}}}}')
@example(
    f'{{"metadata": {METADATA}, "tables": {{"x": {{"data": [{{"a": "007"}}], "columns": ["a"], "index": [0], '
    '"dtypes": {"a": "datetime64[us]"}}}}'
)
def test_what_is_read_is_what_the_framework_reads(text: str) -> None:
    theirs = made(lambda: DataSource.from_json(text))
    if isinstance(theirs, DataSource):
        assert_same(made(lambda: dataset_from_json(DataSource, Piecemeal(text.encode()))), theirs, json.loads(text))
    else:
        assert_same(made(lambda: dataset_from_json(DataSource, text.encode())), theirs)


@given(damaged())
@example(b'{"metadata": ' + METADATA.replace('"d"', '"\ud800"').encode(errors="surrogatepass") + b"}")
@example(b"\xef\xbb\xbf{}")
def test_what_is_refused_is_refused_in_the_words_of_the_framework(document: bytes) -> None:
    ours = made(lambda: dataset_from_json(DataSource, document))
    theirs = made(lambda: DataSource.from_json(document.decode()))
    assert_same(ours, theirs, json.loads(document) if isinstance(theirs, DataSource) else None)


COUNT = 12_001


def stored(*values: object, count: int = COUNT) -> Any:
    """The values over and over again."""
    return [values[number % len(values)] for number in range(count)]


#: Columns as programs have them, longer than what is read at a time.
COLUMNS: dict[str, Any] = {
    "int64": range(COUNT),
    "int8": pd.array(stored(1, -2), dtype="int8"),
    "uint64": pd.array(stored(0, 2**64 - 1), dtype="uint64"),
    "Int64": pd.array(stored(1, None), dtype="Int64"),
    "Int16": pd.array(stored(1, None), dtype="Int16"),
    "Int32 without a missing value": pd.array(stored(1), dtype="Int32"),
    "float64": stored(0.1, float("nan"), -1e300),
    "bool": stored(True, False),
    "boolean": pd.array(stored(True, None), dtype="boolean"),
    "str": stored("a", 'q"', "ü", "", "\U0001f600", None),
    "object": pd.Series(stored(1, "a", None, 2.5), dtype="object"),
    "object of lists": stored([1, 2], [], None),
    "category": pd.Categorical(stored("low", "high", None)),
    "datetime64": pd.to_datetime(stored("2026-01-02T03:04:05.678", None)),
    "datetime64 with a zone": pd.to_datetime(stored("2026-01-02T03:04:05"), utc=True),
    "nothing": stored(None),
}


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("index", [None, [f"i{number}" for number in range(COUNT)], range(COUNT, 0, -1)])
def test_columns_of_each_type_are_what_the_framework_reads(name: str, index: Any) -> None:
    source = DataSource.from_json(f'{{"metadata": {METADATA}}}')
    source.add_table("x", pd.DataFrame({name: COLUMNS[name], "other": stored("o")}, index=index))
    source.add_table("empty", source.tables["x"].head(0))
    text = source.to_json()
    ours, theirs = made(lambda: dataset_from_json(DataSource, text.encode())), made(lambda: DataSource.from_json(text))
    assert isinstance(ours, DataSource)
    assert_same(ours, theirs, json.loads(text))


def test_rows_are_read_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "_SHORTEST", 30)
    table = pd.DataFrame({"n": range(10), "t": [f"text {n}" for n in range(10)]})
    source = DataSource.from_json(f'{{"metadata": {METADATA}}}')
    source.add_table("x", table)
    read: Any = dataset_from_json(DataSource, Piecemeal(source.to_json().encode()), nesting=5)
    pd.testing.assert_frame_equal(read.tables["x"], table)


@pytest.mark.parametrize(("cell", "more", "depth"), [("[]", "1", 6), ('[{"a": 1}]', "1", 7), ("1", "[[[[[]]]]]", 8)])
def test_what_nests_too_deeply_is_refused(cell: str, more: str, depth: int) -> None:
    table = f'{{"data": [{{"a": {cell}}}], "columns": ["a"], "index": [0], "more": {more}}}'
    document = f'{{"metadata": {METADATA}, "tables": {{"x": {table}}}, "more": {more}}}'.encode()
    assert isinstance(dataset_from_json(DataSource, document, depth), DataSource)
    with pytest.raises(ValueError, match=f"nested more than {depth - 1} levels deep"):
        dataset_from_json(DataSource, document, depth - 1)


def test_a_subclass_is_made_as_the_framework_makes_it() -> None:
    class Counting(DataSource):
        def __init__(self, *arguments: Any, **keywords: Any) -> None:
            super().__init__(*arguments, **keywords)
            self.added: list[str] = []

        def add_table(self, name: str, df: pd.DataFrame, logger: Any = None) -> None:
            self.added.append(name)
            super().add_table(name, df, logger)

    table = '{"data": [{"a": 1}], "columns": ["a"], "index": [0]}'
    text = f'{{"metadata": {METADATA}, "tables": {{"x": {table}, "y": {table}}}}}'
    read = dataset_from_json(Counting, Piecemeal(text.encode()))
    assert_same(read, Counting.from_json(text), json.loads(text))
    assert cast("Counting", read).added == ["x", "y"]


def test_a_dataset_with_a_from_json_of_its_own_is_asked() -> None:
    class Own(DataSource):
        @classmethod
        def from_json(cls, json_string: str) -> Any:
            return super().from_json(json_string.replace('"d"', '"own"'))

    assert dataset_from_json(Own, f'{{"metadata": {METADATA}}}'.encode()).name == "own"
    assert type(dataset_from_json(Own, f'{{"metadata": {METADATA}}}'.encode())) is Own
