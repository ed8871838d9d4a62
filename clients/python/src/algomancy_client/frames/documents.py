"""A table in the JSON of a whole dataset as a DataFrame, for servers that have no other form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from ..extras import needed

if TYPE_CHECKING:
    import pandas as pd


class TableDocument(msgspec.Struct):
    """A table, row by row."""

    data: list[dict[str, Any]]
    columns: list[Any]
    index: list[Any]
    dtypes: dict[str, str] = {}


class DatasetDocument(msgspec.Struct):
    """A dataset with all its tables."""

    tables: dict[str, TableDocument] = {}


def frame_of(table: TableDocument) -> pd.DataFrame:
    """The DataFrame of a table. Columns have the types that it names, as far as their values have them.

    Raises:
        MissingExtra: pandas is not installed.
    """
    pd = needed("pandas", "pandas")
    frame = pd.DataFrame(table.data, columns=table.columns, index=table.index)
    for name, dtype in table.dtypes.items():
        try:
            frame[name] = frame[name].astype(dtype)
        except (KeyError, TypeError, ValueError):  # a type of another pandas, or values that only look like it
            continue
    return frame  # type: ignore[no-any-return, unused-ignore]
