"""The entry of a dataset in the framework's catalogue, and what of the dataset is kept beside its tables."""

import contextlib
import json
import re
import uuid
from collections.abc import Mapping
from datetime import datetime
from itertools import zip_longest
from typing import Any

import sqlalchemy as sa
from algomancy_data import BaseDataSource, DataClassification
from algomancy_data.database.models import datasets_table
from algomancy_data.database.protocols import SqlTableLayout

from ....serialization.hooks import key_text
from ...dataset_copies import origin_of, set_origin
from ...session.dataset_facts import DatasetFacts, TableFacts, created_text, table_facts
from .columns import Description, Tables
from .markers import dataset_marker, marked_type
from .table_names import table_of

#: A key of the catalogue: the owner of the dataset's BLOBs, and its id. The key is unique; the ids of two sessions may
#: be the same.
_KEY = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}) (.*)", re.DOTALL)

#: Values of ``dataset_storage``.
COLUMNS, SQL_TABLES = "columns", "tables"

#: Attributes of a dataset beside its tables: the creation time, which is a text or a time in the dataset, too.
_CREATED_TEXT, _CREATED_TIME = "created_text", "created_time"

#: Attributes, too: the key of the dataset that it was derived from, and the rows, columns and bytes of each table.
_ORIGIN, _SIZES = "derived_from", "sizes"

#: The framework's entry of a dataset, and the `owner` of its BLOBs, if it is stored as columns.
type Entry = dict[str, Any]


def new_entry(source: BaseDataSource, name: str, session_id: str) -> Entry:
    """The entry of a dataset that is stored as columns."""
    return {
        "id": source.id,
        "name": name,
        "session_id": session_id,
        "ds_type": str(source._ds_type),
        "creation_datetime": source.creation_datetime,
        "payload": None,
        "sub_tables": None,
        "owner": str(uuid.uuid4()),
    }


def copied_entry(entry: Entry, session_id: str) -> Entry:
    """The entry of a copy in a session."""
    return entry | {"id": str(uuid.uuid4()), "session_id": session_id, "owner": str(uuid.uuid4())}


def read_entry(row: Entry) -> Entry:
    """The entry of a row of the catalogue, as the framework reads it."""
    keyed, ds_type = _KEY.fullmatch(row["id"]), marked_type(row["ds_type"])
    return row | {
        "id": row["id"] if keyed is None else keyed[2],  # earlier versions had the id alone
        "ds_type": row["ds_type"] if ds_type is None else ds_type,
        "owner": owner_of_row(row["id"], row["ds_type"]),
    }


def owner_of_row(key: str, ds_type: str) -> str | None:
    """The owner of a dataset's BLOBs, from its row in the catalogue; None if it is not stored as columns."""
    keyed = _KEY.fullmatch(key)
    return None if keyed is None or marked_type(ds_type) is None else keyed[1]


def storage_of(entry: Entry) -> str | None:
    """The storage of a dataset; empty for a form of earlier versions, None for a text."""
    if entry["payload"] is not None:
        return None
    if entry["owner"] is None:
        return ""
    return SQL_TABLES if entry["sub_tables"] else COLUMNS


def put(connection: sa.Connection, entry: Entry) -> None:
    """Write an entry, which replaces the former one of that name."""
    columns = datasets_table.c
    connection.execute(
        sa.delete(datasets_table).where((columns.session_id == entry["session_id"]) & (columns.name == entry["name"]))
    )
    owner, stored = entry["owner"] or uuid.uuid4(), entry["sub_tables"]
    changed = {
        "id": f"{owner} {entry['id']}",
        "ds_type": entry["ds_type"] if entry["owner"] is None else dataset_marker(entry["ds_type"]),
        "creation_datetime": _as_time(entry["creation_datetime"]),
        "sub_tables": None if stored is None else json.dumps(stored),
    }
    row = {column.name: entry[column.name] for column in columns} | changed
    connection.execute(sa.insert(datasets_table).values(row))


def refers_to(connection: sa.Connection, owner: str) -> bool:
    """Whether the catalogue has the dataset of an owner of BLOBs."""
    key = datasets_table.c.id
    found = sa.select(key).where((key >= f"{owner} ") & (key < f"{owner}!"))  # the character after a space
    return connection.execute(found.limit(1)).first() is not None


def attributes(source: BaseDataSource, tables: Tables) -> dict[str, str | None]:
    """What of a dataset is kept beside its tables."""
    created: object = source.creation_datetime
    kept: dict[str, str | None] = {_CREATED_TEXT: str(created)}
    if isinstance(created, datetime):
        kept = {_CREATED_TIME: created.isoformat()}
    sizes = [table_facts(name, frame)[1:] for name, frame in tables.items()]
    return kept | {_ORIGIN: origin_of(source), _SIZES: json.dumps(sizes)}


def facts_of_entry(entry: Entry, description: Description | None) -> DatasetFacts:
    """What the catalogue knows of a dataset, and what is kept beside its tables."""
    created = created_text(entry["creation_datetime"])
    if description is None:
        stored = entry["sub_tables"]
        tables = None if stored is None else [TableFacts(table_of(name)) for name in stored]
        return DatasetFacts(entry["id"], entry["name"], entry["ds_type"], created, None, 0, tables)
    kept = description.attributes
    names, sizes = description.tables, json.loads(kept.get(_SIZES) or "[]")
    tables = [TableFacts(key_text(name), *size) for name, size in zip_longest(names, sizes, fillvalue=())]
    created = created_text(_created(kept)) or created
    return DatasetFacts(entry["id"], entry["name"], entry["ds_type"], created, kept.get(_ORIGIN), 0, tables)


def dataset_of(
    kind: type[BaseDataSource], entry: Entry, tables: Tables, kept: Mapping[str, str | None] | None = None
) -> BaseDataSource:
    """A dataset of a class, from its entry, its tables and what was kept beside them.

    Raises:
        TypeError: The class cannot take tables.
        ValueError: The entry has a type that the framework does not know.
    """
    source = kind(
        ds_type=DataClassification(entry["ds_type"]),
        name=entry["name"],
        ds_id=entry["id"],
        creation_datetime=_created(kept) if kept else entry["creation_datetime"],
    )
    if not isinstance(source, SqlTableLayout):
        raise TypeError(f"DataSource {entry['name']!r} is stored in tables, which {kind.__name__} cannot read")
    source.from_sql_tables(tables)
    if kept and (origin := kept.get(_ORIGIN)) is not None:
        set_origin(source, origin)
    return source


def _created(kept: Mapping[str, str | None]) -> Any:  # noqa: ANN401 - a text after `from_json`
    time = kept.get(_CREATED_TIME)
    return kept.get(_CREATED_TEXT) if time is None else datetime.fromisoformat(time)


def _as_time(value: object) -> datetime | None:
    """A creation time, which is a text if it was read from JSON. None if it is malformed."""
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            return datetime.fromisoformat(value)
    return value if isinstance(value, datetime) else None
