"""The operations on the datasets of a session."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

from algomancy_data import BaseDataSource, ETLResult

from .. import free_memory
from ..concurrency.decorators import long_serial_with_datasets, on_worker, serial_with_datasets
from ..concurrency.gate import Gate
from ..concurrency.memory import MEMORY
from ..concurrency.serial import SerialCalls
from ..concurrency.workers import Workers
from ..errors import ApiError, Conflict, Failed, NotFound
from ..framework import ApiScenarioManager, UsedByScenarios
from ..framework.idempotency.pending import Effect, answer_with
from ..limits import Limits
from ..schemas import DatasetKeys, EtlOutcome, ValidationMessage
from ..serialization.json_encoder import encode
from ..serialization.parameters.descriptors import describe_parameters
from ..uploads.receive import Upload
from ..uploads.tables import TableUpload

_HOW_TO_REPLACE = "choose another name, or send ?replace=true to replace it"


class TablesOutcome(NamedTuple):
    """What a client is told about uploaded tables, and whether their dataset is a new one."""

    answer: EtlOutcome
    is_new: bool


class Datasets:
    """A mixin of `Session`, which sets its attributes."""

    manager: ApiScenarioManager
    workers: Workers
    limits: Limits
    gate: Gate
    scenario_calls: SerialCalls
    dataset_calls: SerialCalls

    def datasets(self) -> DatasetKeys:
        """The keys of the datasets."""
        return DatasetKeys(self.manager.get_data_keys())

    @on_worker
    def dataset_parameters(self, key: str) -> bytes:
        """A dataset's parameters as descriptors."""
        return encode(describe_parameters(self._dataset(key).initialize_data_parameters()))

    @on_worker
    def dataset(self, key: str) -> BaseDataSource:
        """A dataset, loaded from the database if necessary."""
        return self._dataset(key)

    async def delete_dataset(self, key: str) -> None:
        """Delete a dataset that no scenario uses. Others can change datasets while its content is deleted."""
        await self._forget_dataset(key)
        with suppress(ApiError):  # it is deleted; the next deletion or start takes the content that is left
            await self._delete_unused_data()

    @serial_with_datasets
    def _forget_dataset(self, key: str) -> None:
        self._check_dataset(key)
        with _saying("delete them first (DELETE …/scenarios/{scenario_id})"):
            self.manager.forget_data(key)
        MEMORY.plan()

    @on_worker
    def _delete_unused_data(self) -> None:
        self.manager.delete_unused_data()

    @long_serial_with_datasets
    def derive_dataset(self, key: str, new_key: str) -> DatasetKeys:
        """Derive a dataset from another, under a new key."""
        self._check_dataset(key)
        if new_key in self.manager.get_data_keys():
            raise Conflict(f"Dataset '{new_key}' already exists")
        self._answer_with_keys()
        try:
            self.manager.derive_data(key, new_key)
        except TypeError as error:  # the framework copies through JSON, which lacks some types
            raise Failed(f"Dataset '{key}' cannot be derived: {error}") from error
        return self.datasets()

    @long_serial_with_datasets
    def add_dataset(self, chunks: list[bytes], replace: bool) -> DatasetKeys:
        """Add a dataset from the text of its `to_json()`; replace one that scenarios use only if ``replace``."""
        self._answer_with_keys()
        with _saying(_HOW_TO_REPLACE):
            self.manager.add_datasource_from_json(_taken(chunks), self.limits.nesting, replace=replace)
        MEMORY.plan()
        return self.datasets()

    @long_serial_with_datasets
    def run_etl(self, upload: Upload, replace: bool) -> EtlOutcome:
        """Run the ETL on uploaded files; replace a dataset that scenarios use only if ``replace``."""
        free_memory.require(upload.size)  # a table takes about as much as its text
        name = upload.dataset_name
        answer_with(Effect.DATASET, lambda added: encode(_outcome(name, added[1], self._keys_with(added[0]))))
        with _saying(_HOW_TO_REPLACE):
            result: ETLResult = self.manager.etl_data(upload.unread_files(self.limits), name, replace=replace)
        MEMORY.plan()
        return _outcome(name, result, self.datasets().keys)

    def _answer_with_keys(self) -> None:
        """Let the answer to a request with a key be the keys with that of the dataset that it adds."""
        answer_with(Effect.DATASET, lambda added: encode(DatasetKeys(self._keys_with(added[0]))))

    def _keys_with(self, key: str) -> list[str]:
        keys = self.manager.get_data_keys()
        return keys if key in keys else [*keys, key]

    @long_serial_with_datasets
    def put_dataset(self, key: str, upload: TableUpload, replace: bool, validate: bool) -> TablesOutcome:
        """Make a dataset of uploaded tables; replace one that scenarios use only if ``replace``."""
        is_new = key not in self.manager.get_data_keys()
        tables = upload.unread_tables(self.manager.data_object_type, key, self.limits, is_validated=validate)
        with _saying(_HOW_TO_REPLACE):
            result: ETLResult = self.manager.etl_data(tables, key, replace=replace)
        MEMORY.plan()
        return TablesOutcome(_outcome(key, result, self.datasets().keys), is_new=is_new and result.is_success)

    def _check_dataset(self, key: str) -> None:
        if key not in self.manager.get_data_keys():
            raise NotFound("Dataset", key)

    def _dataset(self, key: str) -> BaseDataSource:
        self._check_dataset(key)
        dataset = self.manager.get_data(key)
        if dataset is None:  # deleted meanwhile
            raise NotFound("Dataset", key)
        return dataset


def _outcome(name: str, result: ETLResult, keys: list[str]) -> EtlOutcome:
    """The outcome of an ETL, as the client reads it."""
    messages = [
        ValidationMessage(str(m.severity), m.message, m.table, m.code, m.column, m.row, getattr(m, "value", None))
        for m in result.messages
    ]
    return EtlOutcome(name, result.is_success, keys, messages)


@contextmanager
def _saying(remedy: str) -> Iterator[None]:
    try:
        yield
    except UsedByScenarios as error:
        raise Conflict(f"{error}; {remedy}") from error


def _taken(chunks: list[bytes]) -> bytes:
    """Join the chunks and clear the list, which frees as much memory as the document has."""
    document = b"".join(chunks)
    chunks.clear()
    return document
