"""What is known of the datasets of a session without loading them."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple

import pandas as pd
from algomancy_data import BaseDataSource, DataManager, DataSource

from ...serialization.hooks import key_text
from ..dataset_copies import origin_of


class TableFacts(NamedTuple):
    """What is known of a table: its name, and where they are known its rows, columns and bytes in memory."""

    name: str
    rows: int | None = None
    columns: int | None = None
    bytes: int | None = None


class DatasetFacts(NamedTuple):
    """What is known of a dataset.

    Attributes:
        id: Its id.
        key: Its key.
        type: Its type, such as ``"master_data"``.
        created: When it was created, in ISO 8601, or as the text that it was created with.
        derived_from: The key that the dataset had then from which it was derived; None if that is unknown.
        used_by: The number of scenarios that use it.
        tables: Its tables; None if they are unknown until it is loaded.
    """

    id: str
    key: str
    type: str
    created: str | None
    derived_from: str | None
    used_by: int
    tables: list[TableFacts] | None


def facts_of(source: BaseDataSource, key: str, used_by: int) -> DatasetFacts:
    """What is known of a dataset in memory."""
    tables = [table_facts(name, frame) for name, frame in tables_of(source).items()]
    created = created_text(source.creation_datetime)
    return DatasetFacts(source.id, key, str(source._ds_type), created, origin_of(source), used_by, tables)


def all_facts(manager: DataManager, uses: Mapping[str, int]) -> list[DatasetFacts]:
    """What is known of the datasets of a manager. Of those that are not in memory, a database has kept it.

    Args:
        manager: The manager.
        uses: The numbers of the scenarios that use them, by key.
    """
    resident = dict(manager._data)
    stored: Mapping[str, DatasetFacts] = {}
    if (read := getattr(manager, "stored_facts", None)) is not None:
        stored = read([key for key in manager.get_data_keys() if key not in resident])
    facts = []
    for key in manager.get_data_keys():
        if (source := resident.get(key)) is not None:
            facts.append(facts_of(source, key, uses.get(key, 0)))
        elif key in stored:
            facts.append(stored[key]._replace(used_by=uses.get(key, 0)))
    return facts


def tables_of(source: BaseDataSource) -> Mapping[str, pd.DataFrame]:
    """The tables of a dataset by name; none of one whose class keeps its data in another form."""
    if isinstance(source, DataSource):
        return named_tables(source.tables)
    to_tables = getattr(source, "to_sql_tables", None)  # a class of the user's, with the layout of the framework
    return named_tables(to_tables()) if callable(to_tables) else {}


def named_tables(tables: Mapping[Any, Any]) -> Mapping[str, pd.DataFrame]:
    """The tables among some values, by the texts of their names."""
    found = dict(tables)  # an algorithm may add one meanwhile
    return {key_text(name): table for name, table in found.items() if isinstance(table, pd.DataFrame)}


def table_facts(name: str, frame: pd.DataFrame) -> TableFacts:
    """What is known of a table in memory."""
    usage = frame.memory_usage(index=True, deep=False)
    with suppress(Exception):  # the size of an object is asked of its class
        usage = frame.memory_usage(index=True, deep=True)
    return TableFacts(name, len(frame), frame.shape[1], int(usage.sum()))


def created_text(created: object) -> str | None:
    """The time at which a dataset was created, as a text."""
    if created is None:
        return None
    return created.isoformat() if isinstance(created, datetime) else str(created)
