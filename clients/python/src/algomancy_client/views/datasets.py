"""The datasets of a session, as a list that a notebook shows as a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from ..wire.answers import DatasetFacts
from . import markup
from .dataset import DatasetView

DatasetT = TypeVar("DatasetT", bound=DatasetView)


class DatasetsView(list[DatasetT]):
    """Datasets.

    Args:
        datasets: The datasets.
        facts: What is known of each, by its key; nothing of those of an old server.
    """

    def __init__(self, datasets: Iterable[DatasetT], facts: Mapping[str, DatasetFacts]) -> None:
        super().__init__(datasets)
        self._facts = facts

    def _repr_html_(self) -> str:
        if not self._facts:
            return markup.table("Datasets", ["key"], [[dataset.key] for dataset in self])
        header = ["key", "tables", "created", "derived from", "scenarios"]
        return markup.table("Datasets", header, [[each.key, *self._row(each.key)] for each in self])

    def _row(self, key: str) -> list[object]:
        facts = self._facts[key]
        tables = [
            f"{each.name} ({markup.text_of(each.rows)} {'row' if each.rows == 1 else 'rows'})"
            for each in facts.tables or ()
        ]
        return [", ".join(tables), facts.created, facts.derived_from, facts.used_by]
