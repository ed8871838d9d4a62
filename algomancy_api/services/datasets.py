"""The operations on the datasets of a session."""

from algomancy_data import BaseDataSource, ETLResult

from ..concurrency.decorators import long_serial_with_datasets, on_worker, serial_with_datasets
from ..concurrency.gate import Gate
from ..concurrency.serial import SerialCalls
from ..concurrency.workers import Workers
from ..errors import Conflict, Failed, NotFound
from ..framework import ApiScenarioManager
from ..limits import Limits
from ..schemas import DatasetKeys
from ..serialization.json_encoder import encode
from ..serialization.parameters import describe_parameters
from ..uploads.receive import Upload


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

    @serial_with_datasets
    def delete_dataset(self, key: str) -> None:
        """Delete a dataset that no scenario uses."""
        self._check_dataset(key)
        self.manager.delete_data(key)

    @long_serial_with_datasets
    def derive_dataset(self, key: str, new_key: str) -> DatasetKeys:
        """Derive a dataset from another, under a new key."""
        self._check_dataset(key)
        if new_key in self.manager.get_data_keys():
            raise Conflict(f"Dataset '{new_key}' already exists")
        try:
            self.manager.derive_data(key, new_key)
        except TypeError as error:  # the framework copies through JSON, which lacks some types
            raise Failed(f"Dataset '{key}' cannot be derived: {error}") from error
        return self.datasets()

    @long_serial_with_datasets
    def add_dataset(self, chunks: list[bytes]) -> DatasetKeys:
        """Add a dataset from the text of its `to_json()`."""
        self.manager.add_datasource_from_json(b"".join(chunks), self.limits.nesting)
        return self.datasets()

    @long_serial_with_datasets
    def run_etl(self, upload: Upload) -> ETLResult:
        """Run the ETL on uploaded files. They become a dataset if they are valid."""
        result: ETLResult = self.manager.etl_data(upload.unread_files(self.limits), upload.dataset_name)
        return result

    def _check_dataset(self, key: str) -> None:
        if key not in self.manager.get_data_keys():
            raise NotFound("Dataset", key)

    def _dataset(self, key: str) -> BaseDataSource:
        self._check_dataset(key)
        dataset = self.manager.get_data(key)
        if dataset is None:  # deleted meanwhile
            raise NotFound("Dataset", key)
        return dataset
