"""Datasets in a database: all or nothing, and without keeping other writers waiting."""

import contextlib
import json
import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any, cast

import pandas as pd
import sqlalchemy as sa
from algomancy_data import BaseDataSource, ETLResult, File
from algomancy_data.database.database_manager import DatabaseDataManager, _data_table_name
from algomancy_data.database.models import DATASET_COL, SESSION_COL, datasets_table
from algomancy_data.database.protocols import SqlTableLayout

from .failures import DatabaseUnavailable, NotStorable, StorageFull
from .refusals import refusal
from .strict_tables import fitted, making_tables

#: How many rows one transaction writes. SQLite has one writer at a time, and whoever creates or runs a scenario
#: waits for it: in pieces, the 600,000 rows of a long ETL leave them their turn.
_ROWS_AT_A_TIME = 5_000

Tables = dict[str, pd.DataFrame]


class ApiDataManager(DatabaseDataManager):
    """The framework's database data manager: a dataset is stored whole or not at all.

    The framework puts a dataset into memory before it writes it, and writes its rows and its catalogue entry in
    two transactions: while it writes, and after a failure, a dataset is used that the next start does not find.
    """

    _is_loaded = False

    def __init__(self, **keywords: Any) -> None:  # noqa: ANN401 - the framework's own
        super().__init__(**keywords)
        #: The tables of what is being written, and of what could not even be deleted again, by the name it is under.
        self._unfinished: dict[str, list[str]] = {}

    def startup(self) -> None:
        """Load the catalogue, the first time."""
        if not self._is_loaded:
            super().startup()
            self._is_loaded = True

    def get_data_keys(self) -> list[str]:
        """The keys of the datasets, oldest first (the framework gives them in the order of a set)."""
        return list(dict.fromkeys([*list(self._db_catalogue), *list(self._data)]))

    def etl_data(self, files: dict[str, File], dataset_name: str) -> ETLResult:
        """Run the ETL over files, and store the dataset if they are valid.

        Raises:
            ETLConstructionError: The files are not what the schemas want.
            NotStorable: The tables of the database cannot hold it.
        """
        schemas = {schema.file_name(): schema for schema in self._schemas}
        pipeline = self._etl_factory.build_pipeline(dataset_name, files, schemas, self.logger)
        result: ETLResult = pipeline.run()
        if result.is_success:
            self._store(cast("BaseDataSource", result.datasource), dataset_name)
        return result

    def add_data_source(self, data_source: BaseDataSource) -> None:
        """Store a dataset under its own name.

        Raises:
            NotStorable: The tables of the database cannot hold it.
        """
        self._store(data_source, data_source.name)

    def derive_data(self, existing_key: str, derived_key: str) -> None:
        """Store a copy of a dataset, as its class derives it, under another key.

        Raises:
            AssertionError: There is no such dataset, or the key is taken.
            NotStorable: The tables of the database cannot hold it.
        """
        existing = self.get_data(existing_key)
        assert existing is not None, f"Data '{existing_key}' not found."  # noqa: S101 - the framework's own error
        assert derived_key not in self.get_data_keys(), f"Data '{derived_key}' already exists."  # noqa: S101
        self._store(existing.derive(derived_key), derived_key)

    def _store(self, source: BaseDataSource, key: str) -> None:
        """Write a dataset to the database, then let it be seen."""
        self._persist_datasource(source, key)
        with self._cache_lock:
            self._data[key] = source  # type: ignore[assignment]  # a type variable that the framework leaves open
            self._data.move_to_end(key)
            self._evict_if_needed()

    def _persist_datasource(self, data_source: BaseDataSource, dataset_name: str) -> None:
        try:
            if isinstance(data_source, SqlTableLayout):
                self._persist_tables(data_source, dataset_name, data_source.to_sql_tables())
            else:
                super()._persist_datasource(data_source, dataset_name)
        except Exception as error:
            if (reason := refusal(error)) is not None:
                raise NotStorable(f"Dataset '{dataset_name}' cannot be stored: {reason}") from error
            raise

    def _persist_tables(self, source: BaseDataSource, name: str, tables: Tables) -> None:
        """Write the rows in pieces, where nobody reads them yet, and make them the dataset's in one step."""
        self._check_table_names(tables)
        _check_column_names(tables)
        # The rows of a key that is not in the catalogue are read by nobody; those of another replace nothing yet.
        staged = name if name not in self._db_catalogue else f"{name} {uuid.uuid4()}"
        self._unfinished[staged] = list(tables)
        try:
            self._delete_unfinished()  # a former attempt of this name included, that was cut short
            self._unfinished[staged] = list(tables)
            for table, frame in tables.items():
                self._append_in_pieces(table, staged, frame)
            with self._engine.begin() as connection:
                if staged != name:
                    self._replace_rows(connection, name, staged, list(tables))
                self._replace_catalogue_row(connection, source, name, list(tables))
        except BaseException:
            with contextlib.suppress(DatabaseUnavailable, StorageFull):  # then the next attempt does it
                self._delete_unfinished()
            raise
        del self._unfinished[staged]
        self._db_catalogue[name] = self._catalogue_row(source, name) | {"sub_tables": list(tables)}
        self.log(f"Persisted DataSource '{name}' to database ({len(tables)} sub-tables).")

    def _append_in_pieces(self, table: str, name: str, frame: pd.DataFrame) -> None:
        first, *others = _pieces(fitted(self._engine, _data_table_name(table), frame))
        with making_tables:
            self._append_piece(table, name, first)
        for piece in others:
            self._append_piece(table, name, piece)

    def _append_piece(self, table: str, name: str, piece: pd.DataFrame) -> None:
        with self._engine.begin() as connection:
            self._append_to_shared_table(connection, table, name, piece)

    def _delete_unfinished(self) -> None:
        for name, tables in list(self._unfinished.items()):
            self._delete_rows(name, tables)
            del self._unfinished[name]

    def _delete_rows(self, name: str, tables: list[str]) -> None:
        # The tables are looked up first: within a transaction, that would end it on a SQLite in memory.
        existing = self._existing_tables()
        with self._engine.begin() as connection:
            self._delete_dataset_rows(connection, name, tables, existing)

    def _replace_rows(self, connection: sa.Connection, name: str, staged: str, tables: list[str]) -> None:
        """Put staged rows in the place of a dataset's present ones."""
        present = self._db_catalogue[name].get("sub_tables") or []
        existing = {_data_table_name(table) for table in [*present, *tables]}
        self._delete_dataset_rows(connection, name, list(dict.fromkeys([*present, *tables])), existing)
        for table in tables:
            rows = sa.table(_data_table_name(table), sa.column(SESSION_COL), sa.column(DATASET_COL))
            of_staged = (rows.c[SESSION_COL] == self._session_id) & (rows.c[DATASET_COL] == staged)
            connection.execute(sa.update(rows).where(of_staged).values({DATASET_COL: name}))

    def _replace_catalogue_row(
        self, connection: sa.Connection, source: BaseDataSource, name: str, tables: list[str]
    ) -> None:
        catalogue = datasets_table.c
        own = (catalogue.session_id == self._session_id) & (catalogue.name == name)
        connection.execute(datasets_table.delete().where(own))
        # A document that was downloaded and is uploaded elsewhere brings its id along, which is a primary key.
        if connection.execute(sa.select(catalogue.id).where(catalogue.id == source.id)).first():
            source._reset_id()
        row = self._catalogue_row(source, name) | {"sub_tables": json.dumps(tables)}
        row["creation_datetime"] = _as_datetime(row["creation_datetime"])
        connection.execute(datasets_table.insert().values(row))

    def _catalogue_row(self, source: BaseDataSource, name: str) -> dict[str, Any]:
        return {
            "id": source.id,
            "name": name,
            "session_id": self._session_id,
            "ds_type": str(source._ds_type),
            "creation_datetime": source.creation_datetime,
            "payload": None,
        }

    def _existing_tables(self) -> set[str]:
        return set(sa.inspect(self._engine).get_table_names())

    def _check_table_names(self, tables: Tables) -> None:
        """Refuse table names that would share one table of the database.

        The framework spells them with letters, digits and underscores alone, and SQLite ignores their case:
        rows of two such tables would be mixed, or not found again.
        """
        fold = str.casefold if self._engine.dialect.name == "sqlite" else str
        existing = {fold(table): table for table in self._existing_tables()}
        taken: dict[str, str] = {}
        for name in tables:
            table = _data_table_name(name)
            if (other := taken.setdefault(fold(table), name)) != name:
                raise NotStorable(f"tables '{other}' and '{name}' would share one table of the database")
            if existing.get(fold(table), table) != table:
                raise NotStorable(f"the database has a table '{existing[fold(table)]}': '{name}' differs only in case")


def _check_column_names(tables: Tables) -> None:
    """Refuse columns whose names are lists, which pandas reads as names of levels.

    The framework's own two columns would get such names, too: in a table that is then found by no session, and
    that fails whoever deletes the rows of one.
    """
    for name, frame in tables.items():
        if isinstance(frame.columns, pd.MultiIndex):
            raise NotStorable(f"the columns of table '{name}' are lists of names")


def _pieces(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """A table in pieces, at least one; in one piece where the types of its columns depend on all their values."""
    if any(pd.api.types.is_object_dtype(dtype) for dtype in frame.dtypes):
        yield frame
        return
    for start in range(0, max(len(frame), 1), _ROWS_AT_A_TIME):
        yield frame.iloc[start : start + _ROWS_AT_A_TIME]


def _as_datetime(value: object) -> datetime | None:
    """A creation time, which is a string after its way through JSON; None if it is no time."""
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            return datetime.fromisoformat(value)
    return value if isinstance(value, datetime) else None
