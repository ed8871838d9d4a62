"""The tables of a session's datasets, and of the results of its scenarios."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ..concurrency.decorators import on_worker
from ..engines.user_code import wrap_base_exceptions
from ..errors import Conflict, NotFound
from ..framework.session.dataset_facts import named_tables, table_facts, tables_of
from ..schemas import (
    ColumnProfile,
    DatasetDetails,
    DatasetList,
    DatasetProfile,
    ResultTables,
    TableProfile,
    TableSize,
)
from ..serialization.json_encoder import encode
from ..tables.formats import Part, Wanted, part_of
from ..tables.profile import profiles
from .runs import Runs


class Tables(Runs):
    """A mixin of `Session`, which has the methods that it does not define."""

    @on_worker
    def dataset_details(self) -> bytes:
        """The keys of the datasets, and what is known of each without loading it."""
        details = [
            DatasetDetails(*facts[:-1], None if facts.tables is None else [TableSize(*table) for table in facts.tables])
            for facts in self.manager.dataset_facts()
        ]
        return encode(DatasetList([each.key for each in details], details))

    @on_worker
    def dataset_tables(self, key: str) -> bytes:
        """A dataset and its tables, with what their columns hold."""
        dataset = self._dataset(key)
        facts = self.manager.facts_of(dataset, key)
        return encode(DatasetProfile(*facts[:-1], _profiles(tables_of(dataset))))

    @on_worker
    def dataset_table(self, key: str, table: str, wanted: Wanted) -> Part:
        """A part of a table of a dataset."""
        return part_of(_table(tables_of(self._dataset(key)), table), wanted)

    @on_worker
    def result_tables(self, scenario_id: str) -> bytes:
        """The tables of the result of a scenario, with what their columns hold."""
        return encode(ResultTables(scenario_id, _profiles(self._result_tables(scenario_id))))

    @on_worker
    def result_table(self, scenario_id: str, table: str, wanted: Wanted) -> Part:
        """A part of a table of the result of a scenario."""
        return part_of(_table(self._result_tables(scenario_id), table), wanted)

    def _result_tables(self, scenario_id: str) -> Mapping[str, pd.DataFrame]:
        scenario, status = self._scenario(scenario_id), self.state(scenario_id).status
        result: Any = scenario.result
        if status != "complete" or result is None:
            raise Conflict(f"Scenario '{scenario_id}' has no result: it is {status}")
        return _tables_of_result(result)


@wrap_base_exceptions
def _tables_of_result(result: Any) -> Mapping[str, pd.DataFrame]:  # noqa: ANN401 - of any class
    """The tables of a result: those of its layout in tables, else those that it holds at the top level."""
    to_tables = getattr(result, "to_sql_tables", None)
    if callable(to_tables):
        return named_tables(to_tables())
    held: Mapping[Any, Any] = result if isinstance(result, Mapping) else getattr(result, "__dict__", {})
    return {name: table for name, table in named_tables(held).items() if not name.startswith("_")}


def _table(tables: Mapping[str, pd.DataFrame], name: str) -> pd.DataFrame:
    if name not in tables:
        raise NotFound("Table", name)
    return tables[name]


def _profiles(tables: Mapping[str, pd.DataFrame]) -> list[TableProfile]:
    return [_profile(name, frame) for name, frame in tables.items()]


def _profile(name: str, frame: pd.DataFrame) -> TableProfile:
    _, _, _, size = table_facts(name, frame)
    fields = [ColumnProfile(*profile) for profile in profiles(frame)]
    return TableProfile(name, len(frame), frame.shape[1], size or 0, fields)
