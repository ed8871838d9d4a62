"""Values that a table of PostgreSQL would change without an error, or refuse for a reason that can be helped.

The columns of a table have the types of the first rows that were stored in it. PostgreSQL converts later values to
them: 12.5 becomes 12 in a column of integers, and a list becomes a text. Names are cut off after their 63rd byte.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import pandas as pd
import sqlalchemy as sa

from ....errors import NotStorable

#: By the Python type of a column, the kinds of values (of `pandas.api.types.infer_dtype`) that it keeps unchanged.
_KINDS: dict[type, frozenset[str]] = {
    bool: frozenset({"boolean"}),
    int: frozenset({"integer"}),
    float: frozenset({"integer", "floating", "mixed-integer-float"}),
    str: frozenset({"string", "mixed", "mixed-integer"}),
    datetime: frozenset({"datetime", "datetime64"}),
    date: frozenset({"date"}),
    time: frozenset({"time"}),
    timedelta: frozenset({"timedelta", "timedelta64"}),
}

#: The pandas type of a column that has no values. pandas would create a column of texts for one without a type.
_WITHOUT_VALUES: dict[type, Any] = {bool: "boolean", int: "Int64", float: "float64", datetime: "datetime64[us]"}


def fitted(engine: sa.Engine, table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows for `Dialect.fitted`, with columns of the types that the table has."""
    _check_names(engine, [table, *map(str, frame.columns)])
    types = _types(engine, table) if frame.columns.is_unique else {}
    changed = {}
    for position, name in enumerate(map(str, frame.columns)):
        column = frame.iloc[:, position]
        kind = _kind(column)
        if kind == "mixed" and any(isinstance(cell, list | tuple) for cell in column):
            raise NotStorable(f"column '{name}' holds lists")
        if name in types:
            changed[name] = _fitted_column(column, kind, types[name])
    return frame.assign(**changed)


def _fitted_column(column: pd.Series[Any], kind: str, wanted: type) -> pd.Series[Any]:
    if kind in _KINDS.get(wanted, {kind}):
        return column
    if column.isna().all():
        return pd.Series([None] * len(column), index=column.index, dtype=_WITHOUT_VALUES.get(wanted, object))
    if wanted is int and kind == "floating" and (column.dropna() % 1 == 0).all():
        return column.astype("Int64")  # integers of which some are missing
    raise NotStorable(f"column '{column.name}' is of type {wanted.__name__} in the database, and holds {kind} values")


def _kind(column: pd.Series[Any]) -> str:
    values = column.astype(object) if isinstance(column.dtype, pd.CategoricalDtype) else column
    return pd.api.types.infer_dtype(values, skipna=True)


def _types(engine: sa.Engine, table: str) -> Mapping[str, type]:
    inspector = sa.inspect(engine)
    if not inspector.has_table(table):
        return {}
    return {column["name"]: column["type"].python_type for column in inspector.get_columns(table)}


def _check_names(engine: sa.Engine, names: list[str]) -> None:
    most = engine.dialect.max_identifier_length
    for name in names:
        if len(name.encode(errors="replace")) > most:
            raise NotStorable(f"the name '{name}' has more than {most} bytes")
