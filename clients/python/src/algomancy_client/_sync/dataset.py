# Generated from _async by `make client`: change that, and run it again.
"""A dataset: its tables, as DataFrames or as rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..errors import Unsupported
from ..frames.documents import DatasetDocument, TableDocument, frame_of
from ..views.dataset import DatasetView
from ..wire.answers import Message, Parameters, Table
from ..wire.faults import read, table_missing
from .calls import LONG, Calls
from .tables import Tables

if TYPE_CHECKING:
    import pandas as pd


class Dataset(DatasetView):
    """A dataset: `data["depots"]` is a table of it, as a DataFrame."""

    def __init__(self, calls: Calls, key: str, messages: Sequence[Message] = ()) -> None:
        super().__init__(key, messages)
        self._calls = calls
        self._reader = Tables(calls, "data", key)

    def __getitem__(self, table: str) -> pd.DataFrame:
        return self.table(table)

    def tables(self) -> list[Table]:
        """Its tables, with their sizes, and what their columns hold.

        Raises:
            Unsupported: The server gives whole datasets alone.
        """
        self._tables = self._reader.profile()
        return self._tables

    def table(
        self,
        name: str,
        *,
        columns: str | Sequence[str] | None = None,
        where: str | None = None,
        order: str | None = None,
        offset: int | None = None,
        limit: int | None = None,
        group: str | None = None,
        aggregate: str | None = None,
    ) -> pd.DataFrame:
        """A table, or a part of it, as a DataFrame with its index and its types.

        Args:
            name: The name of the table.
            columns: The names of the columns, in this order.
            where: The condition of the rows, such as `capacity > 80 and name ~ "port"`.
            order: What the rows are ordered by, such as `-capacity,name`.
            offset: The number of rows that are skipped.
            limit: The most rows.
            group: The columns by which rows are grouped.
            aggregate: What is computed of each group, such as `sum:capacity,count:`.

        Raises:
            MissingExtra: pandas or pyarrow is not installed.
            Unsupported: The server gives whole datasets alone, and this is a part.
        """
        part = {
            "columns": columns,
            "where": where,
            "order": order,
            "offset": offset,
            "limit": limit,
            "group": group,
            "aggregate": aggregate,
        }
        try:
            return self._reader.frame(name, **part)
        except Unsupported:
            if any(value is not None for value in part.values()):
                raise
            return frame_of(self._whole(name))

    def rows(self, name: str, **part: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - as of `table`
        """A table, or a part of it as of `table`, as rows in the values of JSON; needs neither pandas nor pyarrow."""
        try:
            return self._reader.rows(name, **part)
        except Unsupported:
            if part:
                raise
            return (self._whole(name)).data

    def parameters(self) -> list[dict[str, Any]]:
        """The descriptors of its parameters."""
        return read(self._calls.send("GET", "data", self.key, "parameters"), Parameters).parameters

    def derive(self, key: str) -> Dataset:
        """A dataset under another key, which begins as a copy of this one.

        Raises:
            Conflict: The key is taken.
        """
        self._calls.send("POST", "data", self.key, "derive", body={"new_key": key}, patience=LONG)
        return Dataset(self._calls, key)

    def delete(self) -> None:
        """Delete it.

        Raises:
            Conflict: Scenarios use it.
        """
        self._calls.send("DELETE", "data", self.key)

    def _whole(self, name: str) -> TableDocument:
        """A table from the whole dataset, for a server that gives no parts."""
        tables = read(self._calls.send("GET", "data", self.key, patience=LONG), DatasetDocument).tables
        if name not in tables:
            raise table_missing(name, tables)
        return tables[name]
