"""Groups of rows, and what is computed of each."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ..errors import Malformed
from .columns import Column, Rows, Sort, Table, slices
from .literals import integers_of
from .tokens import Item, items, refuse, shown

#: Columns and functions: most of one request.
MOST_KEYS = 16
MOST_AGGREGATES = 32

_NUMBERS = frozenset({Sort.NUMBER, Sort.BOOLEAN})
_ORDERED = frozenset(Sort) - {Sort.OTHER}

#: The functions, and what the cells of their column may be.
_FUNCTIONS: dict[str, frozenset[Sort]] = {
    "sum": _NUMBERS,
    "mean": _NUMBERS,
    "min": _ORDERED,
    "max": _ORDERED,
    "count": frozenset(Sort),
}

#: The types of pandas for integers and booleans beside missing values.
_NULLABLE: dict[pa.DataType, Any] = {
    pa.bool_(): pd.BooleanDtype(),
    **{pa.from_numpy_dtype(kind.type): kind() for kind in (pd.Int8Dtype, pd.Int16Dtype, pd.Int32Dtype, pd.Int64Dtype)},
    **{
        pa.from_numpy_dtype(kind.type): kind()
        for kind in (pd.UInt8Dtype, pd.UInt16Dtype, pd.UInt32Dtype, pd.UInt64Dtype)
    },
}

#: The key of the one group of all rows.
_ALL = "all"


class Key(NamedTuple):
    """A column, by whose values rows are grouped."""

    name: str
    position: int


class Aggregate(NamedTuple):
    """A function of a column; without a name, of the rows. The label is its column's in the result."""

    function: str
    name: str
    label: str
    position: int


class Grouping(NamedTuple):
    """What rows are grouped by, and what is computed of each group."""

    keys: list[Key]
    aggregates: list[Aggregate]


def parse(group: str | None, aggregate: str | None) -> Grouping | None:
    """A grouping, from the parameters of the query; None without both.

    Raises:
        Malformed: One of them is none.
    """
    if group is None and aggregate is None:
        return None
    keys = [] if group is None else [Key(item.whole, item.position) for item in items("group", group)]
    aggregates = [] if aggregate is None else [_aggregate(item) for item in items("aggregate", aggregate)]
    for name, found, most in (("group", keys, MOST_KEYS), ("aggregate", aggregates, MOST_AGGREGATES)):
        if len(found) > most:
            raise Malformed(f"{name} must have at most {most} items; got {len(found)}")
    return Grouping(keys, aggregates)


def grouped(table: Table, rows: Rows, grouping: Grouping) -> pd.DataFrame:
    """A row for each group, in the order of their first rows: its keys, and what is computed of it.

    A missing value is a key like any other, and counts in no function. The sum, mean, least and largest of no values
    are missing.

    Raises:
        Malformed: A column does not exist, or its values do not fit a function.
    """
    keys = [_key(table, key) for key in grouping.keys]
    columns = [_column(table, aggregate) for aggregate in grouping.aggregates]
    arrays = {f"k{number}": _cells(key, rows) for number, key in enumerate(keys)}
    wanted: list[tuple[object, str]] = []
    for number, (aggregate, column) in enumerate(zip(grouping.aggregates, columns, strict=True)):
        if column is None:
            wanted.append(([], "count_all"))
        else:
            arrays[f"a{number}"] = _prepared(_cells(column, rows), aggregate.function)
            wanted.append((f"a{number}", aggregate.function))
    if not keys:
        arrays[_ALL] = pa.chunked_array([pa.array(np.zeros(max(len(rows), 1), np.int8))])
        arrays = {name: _not_empty(array) for name, array in arrays.items()}
    by = [f"k{number}" for number in range(len(keys))] or [_ALL]
    found = pa.table(arrays).group_by(by, use_threads=False).aggregate(wanted).columns[0 if keys else 1 :]
    if not keys and not len(rows):
        found = [_of_no_rows(result, each.function) for result, each in zip(found, grouping.aggregates, strict=True)]
    names = [*(key.name for key in keys), *(aggregate.label for aggregate in grouping.aggregates)]
    kinds = [key.compared_type for key in keys] + [
        _result_type(*each) for each in zip(columns, grouping.aggregates, strict=True)
    ]
    series = [_series(result if kind is None else result.cast(kind)) for result, kind in zip(found, kinds, strict=True)]
    return pd.DataFrame(dict(zip(names, series, strict=True)), index=pd.RangeIndex(len(found[0]) if found else 0))


def _aggregate(item: Item) -> Aggregate:
    function = item.before or ""
    if item.descends or function not in _FUNCTIONS:
        named = ", ".join(f"`{name}:`" for name in _FUNCTIONS)
        refuse("aggregate", f"expected one of {named} before the name of a column", item.position)
    if not item.name and function != "count":
        refuse("aggregate", f"expected the name of a column after `{function}:`", item.position)
    return Aggregate(function, item.name, f"{function}:{item.name}" if item.name else function, item.position)


def _key(table: Table, key: Key) -> Column:
    column = table.column("group", key.name, key.position)
    if column.sort is Sort.OTHER:
        refuse("group", f"column {shown(column.name)} has {column.sort},", key.position)
    return column


def _column(table: Table, aggregate: Aggregate) -> Column | None:
    if not aggregate.name:
        return None
    column = table.column("aggregate", aggregate.name, aggregate.position)
    if column.sort not in _FUNCTIONS[aggregate.function]:
        reason = f"column {shown(column.name)} has {column.sort}, of which there is no {aggregate.function},"
        refuse("aggregate", reason, aggregate.position)
    return column


def _cells(column: Column, rows: Rows) -> pa.ChunkedArray:
    return pa.chunked_array([column.compared(some) for some in slices(rows)], column.compared_type)


def _prepared(cells: pa.ChunkedArray, function: str) -> pa.ChunkedArray:
    """Cells of a type that Arrow can aggregate, without an overflow of 64 bits."""
    kind = cells.type
    if function == "mean" and not pa.types.is_decimal(kind):
        return pc.cast(cells, pa.float64(), safe=False) if pa.types.is_integer(kind) else cells
    if function == "sum" and pa.types.is_integer(kind) and _may_overflow(cells):
        return pc.cast(cells, pa.float64(), safe=False)
    if pa.types.is_duration(kind) and function in ("min", "max"):
        return pa.chunked_array([integers_of(chunk) for chunk in cells.chunks], pa.int64())
    return cells


def _may_overflow(cells: pa.ChunkedArray) -> bool:
    extremes = pc.min_max(cells).as_py()
    largest: int = max(abs(extremes["min"] or 0), abs(extremes["max"] or 0))
    return len(cells) * largest >= 2**63


def _not_empty(array: pa.ChunkedArray) -> pa.ChunkedArray:
    return array if len(array) else pa.chunked_array([pa.nulls(1, array.type)])


def _of_no_rows(result: pa.ChunkedArray, function: str) -> pa.ChunkedArray:
    return pa.chunked_array([[0]], pa.int64()) if function == "count" else result


def _result_type(column: Column | None, aggregate: Aggregate) -> pa.DataType | None:
    """The type of a result, if it is that of the cells."""
    return column.compared_type if column is not None and aggregate.function in ("min", "max") else None


def _series(result: pa.ChunkedArray) -> pd.Series[Any]:
    """A column of the result, whose integers and booleans stay such beside missing values."""
    nullable = _NULLABLE.get(result.type) if result.null_count else None
    series: pd.Series[Any] = result.to_pandas(types_mapper=lambda _: nullable)
    return series
