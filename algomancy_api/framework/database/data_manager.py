"""Datasets in a database: stored whole or not at all, and without keeping other writers waiting."""

import contextlib
import json
import re
import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain
from typing import Any, cast

import pandas as pd
import sqlalchemy as sa
from algomancy_data import BaseDataSource, DataClassification, ETLResult, File
from algomancy_data.database.database_manager import DatabaseDataManager, _decode_sub_tables
from algomancy_data.database.models import DATA_TABLE_PREFIX, DATASET_COL, SESSION_COL, datasets_table
from algomancy_data.database.protocols import SqlTableLayout
from algomancy_data.database.schema_translator import coerce_dataframe_to_schema

from ..errors import NotStorable
from ..names import check_name
from .dialects import dialect_of
from .engine import drop_tables
from .table_names import is_own, new_table, segment, sql_table, table_of
from .write_errors import refusal

#: A key of the catalogue: a prefix and the dataset's id. The key is unique, but two sessions may have the same id.
_KEY = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12} (.*)", re.DOTALL)

#: Rows: written in one transaction. A database may have one writer at a time. In pieces, the 600,000 rows of a long
#: ETL let others create and run scenarios meanwhile.
_ROWS_AT_A_TIME = 5_000

Tables = dict[str, pd.DataFrame]


class ApiDataManager(DatabaseDataManager):
    """The framework's database data manager, which stores a dataset completely or not at all.

    The framework puts a dataset into memory before it writes it, and writes its rows and its catalogue entry in two
    transactions. So while it writes, and after a failure, requests use a dataset that is gone after a restart. It also
    has one SQL table for all sessions. Here each dataset has tables of its own (see `table_names`).
    """

    _is_loaded = False

    def __init__(self, **keywords: Any) -> None:  # noqa: ANN401 - the framework's own
        super().__init__(**keywords)
        #: SQL tables that are not used any more, and could not be dropped yet.
        self._leftovers: list[str] = []

    def startup(self) -> None:
        """Load the catalogue; later calls do nothing."""
        if not self._is_loaded:
            super().startup()
            for entry in self._db_catalogue.values():
                entry["id"] = _id_of(entry["id"])
            self._is_loaded = True

    def get_data_keys(self) -> list[str]:
        """The keys of the datasets, oldest first. The framework returns them in the order of a set."""
        return list(dict.fromkeys([*list(self._db_catalogue), *list(self._data)]))

    def etl_data(self, files: dict[str, File], dataset_name: str) -> ETLResult:
        """Run the ETL over files, and store the dataset if the ETL succeeds.

        Raises:
            ETLConstructionError: The files do not match the schemas.
            NotStorable: The database cannot store the dataset.
        """
        self._check_name("dataset name", dataset_name)
        schemas = {schema.file_name(): schema for schema in self._schemas}
        pipeline = self._etl_factory.build_pipeline(dataset_name, files, schemas, self.logger)
        result: ETLResult = pipeline.run()
        if result.is_success:
            self._store(cast("BaseDataSource", result.datasource), dataset_name)
        return result

    def add_data_source(self, data_source: BaseDataSource) -> None:
        """Store a dataset under its own name.

        Raises:
            NotStorable: The database cannot store it.
        """
        self._store(data_source, data_source.name)

    def derive_data(self, existing_key: str, derived_key: str) -> None:
        """Store a derived copy of a dataset under another key.

        Raises:
            AssertionError: There is no such dataset, or the key is taken.
            NotStorable: The database cannot store it.
        """
        self._check_name("dataset name", derived_key)
        existing = self.get_data(existing_key)
        assert existing is not None, f"Data '{existing_key}' not found."  # noqa: S101 - the framework's own error
        assert derived_key not in self.get_data_keys(), f"Data '{derived_key}' already exists."  # noqa: S101
        self._store(existing.derive(derived_key), derived_key)

    def delete_data(self, data_key: str, prevent_masterdata_removal: bool = False) -> None:
        """Delete a dataset.

        Raises:
            AssertionError: There is no such dataset.
        """
        tables = self._stored_tables(data_key)
        super().delete_data(data_key, prevent_masterdata_removal)
        self._drop(tables)

    def _check_name(self, kind: str, name: object) -> None:
        dialect_of(self._engine).check_text(kind, name)

    def _store(self, source: BaseDataSource, key: str) -> None:
        """Write a dataset to the database, then make it visible."""
        self._check_name("dataset name", key)
        self._check_name("dataset id", source.id)
        self._persist_datasource(source, key)
        with self._cache_lock:
            self._data[key] = source  # type: ignore[assignment]  # an unbound type variable of the framework
            self._data.move_to_end(key)
            self._evict_if_needed()

    def _persist_datasource(self, data_source: BaseDataSource, dataset_name: str) -> None:
        try:
            if isinstance(data_source, SqlTableLayout):
                self._persist_tables(data_source, dataset_name, data_source.to_sql_tables())
            else:
                self._put_into_catalogue(data_source, dataset_name, data_source.to_json(), None)
        except Exception as error:
            if (reason := refusal(error, dialect_of(self._engine))) is not None:
                raise NotStorable(f"Dataset {dataset_name!r} cannot be stored: {reason}") from error
            raise

    def _persist_tables(self, source: BaseDataSource, name: str, tables: Tables) -> None:
        """Write the rows in pieces, into tables that are not read yet, and make them the dataset's in one step."""
        _check_tables(tables)
        self._drop(())  # makes space on a full disk
        stored = {table: new_table(self._session_id, table) for table in tables}
        try:
            for table, frame in tables.items():
                self._append_in_pieces(stored[table], name, frame)
            self._put_into_catalogue(source, name, None, list(stored.values()))
        except BaseException:
            self._drop(stored.values())
            raise

    def _append_in_pieces(self, stored: str, name: str, frame: pd.DataFrame) -> None:
        fitted = dialect_of(self._engine).fitted(self._engine, sql_table(DATA_TABLE_PREFIX, stored), frame)
        for piece in _pieces(fitted):
            with self._engine.begin() as connection:
                self._append_to_shared_table(connection, segment(stored), name, piece)

    def _put_into_catalogue(
        self, source: BaseDataSource, name: str, payload: str | None, stored: list[str] | None
    ) -> None:
        """Write a dataset's entry, which replaces the former dataset of that name.

        Args:
            source: The dataset.
            name: Its name.
            payload: Its text, if it is stored as a text.
            stored: The stored names of its tables, if it is stored in tables.
        """
        former = self._stored_tables(name)
        existing = set() if all(map(is_own, former)) else self._existing_tables()
        catalogue = datasets_table.c
        row = {
            "id": source.id,
            "name": name,
            "session_id": self._session_id,
            "ds_type": str(source._ds_type),
            "creation_datetime": source.creation_datetime,
            "payload": payload,
            "sub_tables": stored,
        }
        kept = {
            "id": f"{uuid.uuid4()} {source.id}",
            "creation_datetime": _as_datetime(source.creation_datetime),
            "sub_tables": None if stored is None else json.dumps(stored),
        }
        with self._engine.begin() as connection:
            self._delete_dataset_rows(connection, name, former, existing)
            own = (catalogue.session_id == self._session_id) & (catalogue.name == name)
            connection.execute(datasets_table.delete().where(own))
            connection.execute(datasets_table.insert().values(row | kept))
        self._db_catalogue[name] = row
        self._drop(former)
        self.log(f"Persisted DataSource '{name}' to database.")

    def _delete_dataset_rows(
        self, conn: sa.Connection, dataset_name: str, sub_tables: list[str], existing_tables: set[str] | None = None
    ) -> None:
        """Delete a dataset's rows from the tables that it shares with others. Its own tables are dropped elsewhere."""
        shared = [stored for stored in sub_tables if not is_own(stored)]
        super()._delete_dataset_rows(conn, dataset_name, shared, existing_tables)

    def _drop(self, stored: Iterable[str]) -> None:
        """Drop own tables that are not used any more. Those that cannot be dropped now are dropped the next time.

        A failure here neither undoes the caller's earlier steps nor prevents its later ones.
        """
        self._leftovers += [sql_table(DATA_TABLE_PREFIX, name) for name in stored if is_own(name)]
        if not self._leftovers:
            return
        try:
            # A commit can succeed in the database although it fails here: then the tables are used.
            used = self._used_tables()
            self._leftovers = drop_tables(self._engine, [table for table in self._leftovers if table not in used])
        except Exception as error:
            self.log(f"Unused tables cannot be dropped yet: {error}")

    def _used_tables(self) -> set[str]:
        catalogue = datasets_table.c
        with self._engine.connect() as connection:
            of_session = sa.select(catalogue.sub_tables).where(catalogue.session_id == self._session_id)
            lists = [_decode_sub_tables(text) or () for text in connection.execute(of_session).scalars()]
        return {sql_table(DATA_TABLE_PREFIX, stored) for stored in chain.from_iterable(lists)}

    def _stored_tables(self, name: str) -> list[str]:
        stored: list[str] = self._db_catalogue.get(name, {}).get("sub_tables") or []
        return stored

    def _load_datasource_from_db(self, dataset_name: str) -> Any:  # noqa: ANN401 - a type variable that is left open
        """A dataset from its tables, or from the new tables if it is replaced while it is read."""
        while (entry := self._db_catalogue.get(dataset_name)) is not None:
            try:
                source = self._read(dataset_name, entry)
            except sa.exc.DBAPIError, pd.errors.DatabaseError:
                if self._db_catalogue.get(dataset_name) is entry:
                    raise
                continue
            if self._db_catalogue.get(dataset_name) is entry:
                return source
        return None

    def _read(self, name: str, entry: dict[str, Any]) -> BaseDataSource | None:
        stored = entry["sub_tables"] or []
        if not any(map(is_own, stored)):
            return cast("BaseDataSource | None", super()._load_datasource_from_db(name))
        source = self._data_object_type(
            ds_type=DataClassification(entry["ds_type"]),
            name=name,
            ds_id=entry["id"],
            creation_datetime=entry["creation_datetime"],
        )
        if not isinstance(source, SqlTableLayout):
            kind = self._data_object_type.__name__
            raise TypeError(f"DataSource '{name}' is stored in tables, which {kind} cannot read")
        with self._engine.connect() as connection:
            source.from_sql_tables({table_of(table): self._read_table(connection, table) for table in stored})
        return source

    def _read_table(self, connection: sa.Connection, stored: str) -> pd.DataFrame:
        query = sa.text(f'SELECT * FROM "{sql_table(DATA_TABLE_PREFIX, stored)}"')  # noqa: S608 - letters and digits
        frame = pd.read_sql(query, connection).drop(columns=[SESSION_COL, DATASET_COL])
        schema = self._schema_for_subtable(table_of(stored))
        return frame if schema is None else coerce_dataframe_to_schema(frame, cast("Any", schema))

    def _existing_tables(self) -> set[str]:
        return set(sa.inspect(self._engine).get_table_names())


def _check_tables(tables: Tables) -> None:
    """Refuse tables and columns whose names the database cannot store.

    If the names of columns are lists, pandas has levels of names. The framework's own two columns would get such names,
    too, so that no session would find the table.
    """
    for name, frame in tables.items():
        check_name("table name", name)
        if isinstance(frame.columns, pd.MultiIndex):
            raise NotStorable(f"the columns of table {name!r} have several levels")
        for column in frame.columns:
            check_name("column name", column)
            if column in (SESSION_COL, DATASET_COL):
                raise NotStorable(f"the column name {column!r} is reserved")


def _id_of(key: str) -> str:
    """A dataset's id, from its key in the catalogue. Earlier versions had the id alone."""
    keyed = _KEY.fullmatch(key)
    return key if keyed is None else keyed[1]


def _pieces(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """A table in pieces, at least one. In one piece if the types of its columns depend on all their values."""
    if any(pd.api.types.is_object_dtype(dtype) for dtype in frame.dtypes):
        yield frame
        return
    for start in range(0, max(len(frame), 1), _ROWS_AT_A_TIME):
        yield frame.iloc[start : start + _ROWS_AT_A_TIME]


def _as_datetime(value: object) -> datetime | None:
    """A creation time, which is a string if it was read from JSON. None if it is malformed."""
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            return datetime.fromisoformat(value)
    return value if isinstance(value, datetime) else None
