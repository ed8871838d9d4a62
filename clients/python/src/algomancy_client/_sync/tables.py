# Generated from _async by `make client`: change that, and run it again.
"""Reads parts of tables: of datasets, and of results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..frames.arrow import frame_of
from ..wire.answers import Table, TableList
from ..wire.calls import ARROW
from ..wire.faults import read
from ..wire.queries import part_query
from .calls import Calls

if TYPE_CHECKING:
    import pandas as pd

#: What an old server lacks.
FEATURE = "route to the tables of a dataset or a result"


class Tables:
    """Reads parts of the tables of a dataset or of a result.

    Args:
        calls: The requests about its session.
        owner: The path of the dataset or the scenario below the session.
    """

    def __init__(self, calls: Calls, *owner: str) -> None:
        self._calls = calls
        self._path = (*owner, "tables")

    def profile(self) -> list[Table]:
        """The tables, with their sizes and columns."""
        return read(self._calls.send("GET", *self._path, feature=FEATURE), TableList).tables

    def frame(self, name: str, **part: Any) -> pd.DataFrame:  # noqa: ANN401 - those of `part_query`
        """A part of a table as a DataFrame."""
        query = [*part_query(**part), ("compression", "zstd")]
        response = self._calls.send("GET", *self._path, name, query=query, accept=ARROW, feature=FEATURE)
        return frame_of(response.content)

    def rows(self, name: str, **part: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - those of `part_query`
        """A part of a table as rows, in the values of JSON."""
        response = self._calls.send("GET", *self._path, name, query=part_query(**part), feature=FEATURE)
        return read(response, list[dict[str, Any]])
