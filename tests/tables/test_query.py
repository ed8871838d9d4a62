"""Pages, orders and groups of tables, compared with pandas."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algomancy_api.errors import Malformed
from algomancy_api.tables import ordering
from algomancy_api.tables.query import Selection, parse, select

TABLE = pd.DataFrame(
    {
        "region": ["N", "S", None, "N", "S", "N"],
        "qty": pd.array([3, None, 5, 1, 1, 3], dtype="Int64"),
        "price": [1.5, np.nan, 2.5, 0.5, -1.0, 8.0],
        "open": [True, False, True, True, False, False],
    },
    index=pd.Index(list("abcdef"), name="key"),
)


def selected(table: pd.DataFrame = TABLE, /, **parameters: Any) -> Selection:
    return select(table, parse(parameters))


def numbers(table: pd.DataFrame = TABLE, /, **parameters: Any) -> list[int]:
    return list(selected(table, **parameters).rows)


def records(**parameters: Any) -> list[dict[str, Any]]:
    selection = selected(**parameters)
    assert list(selection.rows) == list(range(len(selection.table)))
    rows: Any = selection.table.frame.astype(object).to_dict("records")
    return [{name: None if pd.isna(cell) else cell for name, cell in row.items()} for row in rows]


CELL = st.none() | st.integers(0, 3)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(CELL, CELL), max_size=8),
    st.lists(st.tuples(st.sampled_from("ab"), st.booleans()), min_size=1, max_size=2, unique_by=lambda key: key[0]),
    st.integers(0, 9),
    st.none() | st.integers(0, 9),
    st.booleans(),
)
def test_rows_are_ordered_with_nulls_last_and_equal_ones_as_they_were(
    cells: list[tuple[int | None, int | None]],
    keys: list[tuple[str, bool]],
    offset: int,
    limit: int | None,
    filtered: bool,
) -> None:
    table = pd.DataFrame({name: pd.array([row[n] for row in cells], dtype="Int64") for n, name in enumerate("ab")})
    expected = [number for number, row in enumerate(cells) if not filtered or row[0] != 1]
    where = {"where": "a is null or a != 1"} if filtered else {}
    total = len(expected)
    for name, descends in reversed(keys):
        place = "ab".index(name)

        def rank(number: int, place: int = place, descends: bool = descends) -> tuple[bool, int]:
            cell = cells[number][place]
            return cell is None, 0 if cell is None else -cell if descends else cell

        expected.sort(key=rank)
    page = {"offset": str(offset)} | ({} if limit is None else {"limit": str(limit)})
    order = ",".join("-" * descends + name for name, descends in keys)
    selection = selected(table, order=order, **where, **page)
    assert list(selection.rows) == expected[offset:][:limit]
    assert selection.total == total


def test_the_first_rows_are_those_of_the_whole_order(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(7)
    table = pd.DataFrame({"x": random.integers(0, 20, 2_000), "y": random.choice(["a", "b", None], 2_000)})
    first = numbers(table, order="-y,x", offset="990", limit="20")
    monkeypatch.setattr(ordering, "_MOST_SELECTED", 0)
    assert first == numbers(table, order="-y,x")[990:1010]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, range(6)),
        ({"limit": "2"}, [0, 1]),
        ({"offset": "4", "limit": "10"}, [4, 5]),
        ({"offset": "9"}, []),
        ({"limit": "0"}, []),
        ({"where": "price > 1", "offset": "1"}, [2, 5]),
        ({"order": "-key", "limit": "2"}, [5, 4]),
        ({"order": "open,-price"}, [5, 4, 1, 2, 0, 3]),
    ],
)
def test_a_page(parameters: dict[str, Any], expected: Any) -> None:
    assert numbers(**parameters) == list(expected)


def test_columns_come_in_the_order_in_which_they_are_named() -> None:
    def names(**parameters: str) -> list[str]:
        return [column.name for column in selected(**parameters).columns]

    assert names() == ["key", "region", "qty", "price", "open"]
    assert names(columns="price, key,price") == ["price", "key"]
    twice = pd.DataFrame([[1, 2, 3]], columns=["a", "b", "a"])
    [column] = select(twice, parse({"columns": "a"})).columns
    assert column.cells(range(1)).tolist() == [3], "of two columns of one name, the last one counts"


def test_groups_are_those_of_the_rows_that_a_condition_takes() -> None:
    names = ["region", "sum:qty", "mean:price", "min:price", "max:key", "count:qty", "count"]
    assert records(group="region", aggregate=",".join([*names[1:-1], "count:"])) == [
        dict(zip(names, row, strict=True))
        for row in [("N", 7, 10 / 3, 0.5, "f", 3, 3), ("S", 1, -1, -1, "e", 1, 2), (None, 5, 2.5, 2.5, "c", 1, 1)]
    ]
    assert records(group="region,open", aggregate="count:", where="qty>1") == [
        {"region": "N", "open": True, "count": 1},
        {"region": None, "open": True, "count": 1},
        {"region": "N", "open": False, "count": 1},
    ]
    assert records(group="region") == [{"region": "N"}, {"region": "S"}, {"region": None}]
    assert records(aggregate="count:,sum:open,sum:qty") == [{"count": 6, "sum:open": 3, "sum:qty": 13}]
    assert records(aggregate="count:,sum:qty,count:qty", where="qty>9") == [
        {"count": 0, "sum:qty": None, "count:qty": 0}
    ]
    assert records(group="region", aggregate="count:", where="qty>9") == []


def test_groups_are_ordered_paged_and_have_columns_as_tables_do() -> None:
    selection = selected(group="region", aggregate="sum:qty", order="-sum:qty", limit="1", columns="sum:qty")
    assert selection.total == 3
    assert [column.name for column in selection.columns] == ["sum:qty"]
    assert selection.columns[0].cells(selection.rows).tolist() == [7]


def test_sums_beyond_64_bits_are_floats_and_durations_stay_such() -> None:
    table = pd.DataFrame(
        {"x": [2**62, 2**62], "wait": pd.to_timedelta([1, 2], unit="s"), "c": pd.Categorical(["b", "a"])}
    )
    frame = selected(table, aggregate="sum:x,mean:x,max:wait,min:c").table.frame
    assert frame.iloc[0].tolist() == [2.0**63, 2.0**62, pd.Timedelta(seconds=2), "a"]


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"limit": "-1"}, "limit must be a number of rows, from 0; got '-1'"),
        ({"offset": "1" * 16}, "offset must be a number of rows"),
        ({"limit": "٣"}, "limit must be"),
        ({"columns": "qty,nope"}, "columns: no column 'nope' at position 5; there are 'key'"),
        ({"order": "qty,-nope"}, "order: no column 'nope' at position 5"),
        ({"group": "nope"}, "group: no column 'nope'"),
        ({"aggregate": "median:qty"}, "aggregate: expected one of `sum:`, `mean:`, `min:`, `max:`, `count:`"),
        ({"aggregate": "qty"}, "aggregate: expected one of"),
        ({"aggregate": "sum:"}, "expected the name of a column after `sum:`"),
        ({"aggregate": "count:,sum:region"}, "column 'region' has texts, of which there is no sum, at position 8"),
        ({"group": "region", "aggregate": "sum:qty", "order": "price"}, "no column 'price'"),
        ({"order": ",".join(["qty"] * 17)}, "order must have at most 16 columns; got 17"),
        ({"aggregate": ",".join(["count:"] * 33)}, "aggregate must have at most 32 items"),
    ],
)
def test_what_cannot_be_selected_is_refused(parameters: dict[str, Any], says: str) -> None:
    with pytest.raises(Malformed) as refusal:
        selected(**parameters)
    assert says in str(refusal.value)


def test_bytes_have_no_order_and_no_groups() -> None:
    table = pd.DataFrame({"raw": pd.Series([b"a"], dtype=object)})
    for parameters in ({"order": "raw"}, {"group": "raw"}):
        with pytest.raises(Malformed, match="cannot be compared"):
            selected(table, **parameters)
