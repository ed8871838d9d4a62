"""Datasets in a database: stored whole or not at all, and without keeping other writers waiting."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import partial
from typing import Any, cast

import pandas as pd
import sqlalchemy as sa
from algomancy_data import BaseDataSource, ETLResult, File
from algomancy_data.database.database_manager import DatabaseDataManager
from algomancy_data.database.protocols import SqlTableLayout

from ..dataset_changes import Switch, Write, unchecked, write_nothing
from ..dataset_copies import derived, renewed
from ..errors import NotStorable
from ..idempotency.pending import Effect
from ..session.dataset_facts import DatasetFacts
from .dialects import dialect_of
from .idempotency.transactions import with_answer
from .storage import blobs, catalogue
from .storage.catalogue import COLUMNS, SQL_TABLES, Entry, storage_of
from .storage.columns import EncodedTables, Tables, UnreadableTables, read_descriptions, read_tables
from .storage.leftovers import Leftovers
from .storage.sql_tables import SqlTables
from .storage.table_names import is_own
from .storage.unused import UnusedContents
from .write_errors import refusal

#: Attribute of a dataset that is in SQL tables, too: the digest of their rows.
_DIGEST = "sql_rows"

#: The switch of a dataset that does not become another one.
_UNCHANGED = nullcontext(write_nothing)


class ApiDataManager(DatabaseDataManager):
    """The framework's database data manager, which stores a dataset completely or not at all.

    The framework puts a dataset into memory before it writes it, and its rows into SQL tables of all sessions, which
    change their types. Here a dataset is stored as columns, to which only its entry in the catalogue refers (see
    `storage`). Datasets of earlier versions are read from their SQL tables.

    Args:
        storage: ``"columns"``, or ``"tables"`` to write datasets to SQL tables, too.
        keywords: The framework's own arguments.
    """

    _is_loaded = False

    def __init__(self, storage: str = COLUMNS, **keywords: Any) -> None:  # noqa: ANN401 - the framework's own
        super().__init__(**keywords)
        self.switch: Switch = unchecked
        self._storage = storage
        self._leftovers = Leftovers(self._engine, self._is_used)
        self._sql_tables = SqlTables(self._engine, self._session_id, self._schema_for_subtable)
        self._unused = UnusedContents(self._leftovers, self._sql_tables)

    def startup(self) -> None:
        """Load the catalogue; later calls do nothing."""
        if not self._is_loaded:
            blobs.create(self._engine)
            super().startup()
            self._db_catalogue = {name: catalogue.read_entry(row) for name, row in self._db_catalogue.items()}
            self._is_loaded = True

    def get_data_keys(self) -> list[str]:
        """The keys of the datasets, oldest first. The framework returns them in the order of a set."""
        return list(dict.fromkeys([*list(self._db_catalogue), *list(self._data)]))

    def get_data(self, data_key: str) -> Any:  # noqa: ANN401 - a type variable that is left open
        """A dataset, loaded from the database if it is not in memory; None if there is none.

        The framework would keep one in memory that was replaced while it was loaded.
        """
        while True:
            with self._cache_lock:
                entry = self._db_catalogue.get(data_key)
                if data_key in self._data:
                    self._data.move_to_end(data_key)
                    return self._data[data_key]
            if entry is None:
                return None
            source = self._load_datasource_from_db(data_key)
            with self._cache_lock:
                if self._db_catalogue.get(data_key) is entry:
                    if source is not None:
                        self._data[data_key] = source
                        self._data.move_to_end(data_key)
                        self._evict_if_needed()
                    return source

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
            self._store(cast("BaseDataSource", result.datasource), dataset_name, result)
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
        self._store(derived(existing, derived_key), derived_key)

    def delete_data(self, data_key: str, prevent_masterdata_removal: bool = False) -> None:
        """Delete a dataset. `delete_unused` deletes its content, which takes longer.

        Raises:
            AssertionError: There is no such dataset.
        """
        former = self._db_catalogue.get(data_key)
        super().delete_data(data_key, prevent_masterdata_removal)
        self._unused.put_off(former)

    def delete_unused(self) -> None:
        """Delete the contents of deleted datasets."""
        self._unused.delete_put_off()

    def copy_to(self, target: ApiDataManager, data_key: str) -> None:
        """Copy a dataset to another session of the same database, under its key and with a new id.

        With SQL tables it is written anew: these belong to one dataset, and end with it.
        """
        entry = self._db_catalogue.get(data_key)
        if entry is not None and storage_of(entry) == target._storage == COLUMNS:
            copied = catalogue.copied_entry(entry, target._session_id)
            target._publish(copied, partial(blobs.copy, self._engine, entry["owner"], copied["owner"]))
        elif (source := self.get_data(data_key)) is not None:  # else deleted meanwhile
            target.add_data_source(renewed(source, data_key))

    def stored_facts(self, keys: Iterable[str]) -> dict[str, DatasetFacts]:
        """What is known of datasets by key, without loading one."""
        entries = [entry for key in keys if (entry := self._db_catalogue.get(key)) is not None]
        owners = [entry["owner"] for entry in entries if entry["owner"] is not None]
        found = read_descriptions(self._engine, owners)
        return {entry["name"]: catalogue.facts_of_entry(entry, found.get(entry["owner"])) for entry in entries}

    def keys_not_stored_as(self, storage: str) -> list[str]:
        """The keys of the datasets with tables that are stored in another form."""
        return [name for name, entry in self._db_catalogue.items() if storage_of(entry) not in (storage, None)]

    def convert(self, data_key: str, storage: str) -> None:
        """Store a dataset in another form, and forget it in memory.

        Raises:
            AssertionError: There is no such dataset.
            NotStorable: It cannot be stored in this form.
        """
        source = self.get_data(data_key)
        assert source is not None, f"Data '{data_key}' not found."  # noqa: S101 - the framework's own error
        usual, self._storage = self._storage, storage
        try:
            self._persist_datasource(source, data_key)
        finally:
            self._storage = usual
        with self._cache_lock:
            self._data.pop(data_key, None)

    def _check_name(self, kind: str, name: object) -> None:
        dialect_of(self._engine).check_text(kind, name)

    def _store(self, source: BaseDataSource, key: str, result: ETLResult | None = None) -> None:
        """Write a dataset, perhaps the result of an ETL, to the database, then make it visible."""
        self._check_name("dataset name", key)
        self._check_name("dataset id", source.id)
        self._persist_datasource(source, key, self._switched(source, key, result))

    @contextmanager
    def _switched(self, source: BaseDataSource, key: str, result: ETLResult | None = None) -> Iterator[Write]:
        with self.switch(key, source) as write:
            yield with_answer(write, Effect.DATASET, (key, result))
            with self._cache_lock:
                self._data[key] = source  # type: ignore[assignment]  # an unbound type variable of the framework
                self._data.move_to_end(key)
                self._evict_if_needed()

    def _persist_datasource(
        self, data_source: BaseDataSource, dataset_name: str, switch: AbstractContextManager[Write] = _UNCHANGED
    ) -> None:
        self._leftovers.delete()  # makes space on a full disk
        try:
            if isinstance(data_source, SqlTableLayout):
                self._persist_tables(data_source, dataset_name, data_source.to_sql_tables(), switch)
            else:
                entry = catalogue.new_entry(data_source, dataset_name, self._session_id)
                text = entry | {"owner": None, "payload": data_source.to_json()}
                self._publish(text, partial(blobs.write, self._engine, "", ()), switch)
        except Exception as error:
            if (reason := refusal(error, dialect_of(self._engine))) is not None:
                raise NotStorable(f"Dataset {dataset_name!r} cannot be stored: {reason}") from error
            raise
        self.log(f"Persisted DataSource '{dataset_name}' to database.")

    def _persist_tables(
        self, source: BaseDataSource, name: str, tables: Tables, switch: AbstractContextManager[Write]
    ) -> None:
        entry = catalogue.new_entry(source, name, self._session_id)
        with EncodedTables(tables) as encoded:  # refuses names of which no size could be told
            kept = catalogue.attributes(source, tables)
            if self._storage == SQL_TABLES:
                entry["sub_tables"], digest = self._sql_tables.write(name, tables)
                kept |= {_DIGEST: digest}
            write = partial(blobs.write, self._engine, entry["owner"], encoded.pieces(kept))
            self._publish(entry, write, switch)

    def _publish(
        self,
        entry: Entry,
        write: Callable[[blobs.Reference], None],
        switch: AbstractContextManager[Write] = _UNCHANGED,
    ) -> None:
        """Write a dataset, which replaces the former one of that name in the transaction that writes its entry.

        Args:
            entry: Its entry in the catalogue.
            write: Writes its content, and with the last of it the entry.
            switch: The context of the transaction that writes the entry.
        """
        former = self._db_catalogue.get(entry["name"])
        try:
            write(self._reference(entry, switch))
        except BaseException:
            self._withdraw(entry)
            raise
        self._unused.delete(former)

    @contextmanager
    def _reference(self, entry: Entry, switch: AbstractContextManager[Write]) -> Iterator[Callable[..., object]]:
        with switch as write_also:

            def refer(connection: sa.Connection) -> None:
                catalogue.put(connection, entry)
                write_also(connection)

            yield refer
            self._db_catalogue[entry["name"]] = entry

    def _withdraw(self, entry: Entry) -> None:
        """Delete content that no entry refers to. A commit can succeed in the database although it fails here."""
        with suppress(Exception):  # the next start does it
            if entry["owner"] is not None and not self._is_used(entry["owner"]):
                self._unused.delete(entry)

    def _delete_dataset_rows(self, *_arguments: Any, **_keywords: Any) -> None:  # noqa: ANN401 - the framework's own
        """Delete nothing while the entry is deleted: `delete_unused` does, in small transactions."""

    def _is_used(self, owner: str) -> bool:
        with self._engine.connect() as connection:
            return catalogue.refers_to(connection, owner)

    def _load_datasource_from_db(self, dataset_name: str) -> Any:  # noqa: ANN401 - a type variable that is left open
        """A dataset from its content, or from the new content if it is replaced while it is read."""
        while (entry := self._db_catalogue.get(dataset_name)) is not None:
            try:
                source = self._read(dataset_name, entry)
            except UnreadableTables, sa.exc.DBAPIError, pd.errors.DatabaseError:
                if self._db_catalogue.get(dataset_name) is entry:
                    raise
                continue
            if self._db_catalogue.get(dataset_name) is entry:
                return source
        return None

    def _read(self, name: str, entry: Entry) -> BaseDataSource | None:
        stored = entry["sub_tables"] or []
        if entry["owner"] is not None:
            tables, kept = read_tables(self._engine, entry["owner"])
            if not stored or self._sql_tables.digest(stored) in ("", kept.get(_DIGEST)):
                return catalogue.dataset_of(self._data_object_type, entry, tables, kept)
        if any(map(is_own, stored)):
            return catalogue.dataset_of(self._data_object_type, entry, self._sql_tables.read(stored))
        return cast("BaseDataSource | None", super()._load_datasource_from_db(name))
