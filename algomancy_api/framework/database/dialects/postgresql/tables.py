"""What a SQL table of PostgreSQL would change without an error.

Names are cut off after their 63rd byte, and lists become texts.
"""

from typing import Any

import pandas as pd
import sqlalchemy as sa

from ....errors import NotStorable


def check_table(engine: sa.Engine, table: str, frame: pd.DataFrame) -> None:
    """The check of `Dialect.check_table`."""
    _check_names(engine, [table, *map(str, frame.columns)])
    for position, name in enumerate(frame.columns):
        if _has_lists(frame.iloc[:, position]):
            raise NotStorable(f"column '{name}' holds lists")


def _has_lists(column: pd.Series[Any]) -> bool:
    values = column.astype(object) if isinstance(column.dtype, pd.CategoricalDtype) else column
    is_mixed = pd.api.types.infer_dtype(values, skipna=True) == "mixed"
    return is_mixed and any(isinstance(cell, list | tuple) for cell in column)


def _check_names(engine: sa.Engine, names: list[str]) -> None:
    most = engine.dialect.max_identifier_length
    for name in names:
        if len(name.encode(errors="replace")) > most:
            raise NotStorable(f"the name '{name}' has more than {most} bytes")
