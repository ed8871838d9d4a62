"""The datasets of a session, which are replaced only on request, and added as they are."""

from contextlib import AbstractContextManager
from math import inf
from typing import TYPE_CHECKING, Any

from algomancy_data import BaseDataSource, ETLResult, File
from algomancy_scenario import ScenarioManager

from ..dataset_changes import WITHOUT_RUN, DatasetSwitch, Mark, check_unused, mark_of
from ..dataset_json.faults import fault_of, words_of
from ..dataset_json.reader import dataset_from_json
from ..errors import NotADataset
from .changes import Changes

if TYPE_CHECKING:
    from ..database.scenario_repository import ApiScenarioRepository
    from ..scenario_registry import ApiScenarioRegistry


class SessionDatasets(ScenarioManager):
    """The framework's scenario manager, with datasets that are replaced only on request, and added as they are."""

    changes: Changes
    _creation: AbstractContextManager[object]
    _switch: DatasetSwitch
    _registry: ApiScenarioRegistry | ApiScenarioRepository

    def get_data(self, data_key: str) -> BaseDataSource | None:
        """A dataset, loaded from the database if it is not in memory; None if there is none."""
        dataset: BaseDataSource | None = self._dm.get_data(data_key)
        return dataset

    def dataset_marks(self) -> dict[str, Mark]:
        """What tells the datasets from others that have had their keys, by key; without loading one."""
        marks = {key: self.dataset_mark(key) for key in self.get_data_keys()}
        return {key: mark for key, mark in marks.items() if mark is not None}

    def dataset_mark(self, key: str) -> Mark | None:
        """The same of one; None if there is none."""
        return mark_of(self._dm, key, self.changes.of_datasets[key])

    def set_data(self, data_key: str, data: Any) -> None:  # noqa: ANN401 - a dataset of any class
        """Give a key a dataset of another session, without a copy."""
        self._dm.set_data(data_key, data)
        self._note_dataset(data_key)

    @property
    def data_object_type(self) -> type[BaseDataSource]:
        """The class of the datasets."""
        return self._dm.data_object_type  # type: ignore[no-any-return]

    @property
    def replacements(self) -> int:
        """How many datasets have been replaced."""
        return self._registry.replacements

    def former_data_id(self, scenario_id: str, status: str) -> str | None:
        """The id of the dataset of a run, if it was replaced; else None. The status is the scenario's."""
        return None if status in WITHOUT_RUN else self._registry.former_ids.get(scenario_id)

    def derive_data(self, existing_key: str, derived_key: str) -> None:
        """Add a derived copy of a dataset under another key.

        Raises:
            AssertionError: There is no such dataset, or the key is taken.
            NotStorable: The database cannot store it.
        """
        self._dm.derive_data(existing_key, derived_key)
        if self._auto_create_scenario:
            self.auto_create_scenarios([derived_key])

    def copy_datasets(self, target: SessionDatasets) -> None:
        """Copy each dataset to a session of the same database."""
        data_manager: Any = self._dm  # of a database
        for key in self.get_data_keys():
            data_manager.copy_to(target._dm, key)

    def delete_data(self, data_key: str, prevent_masterdata_removal: bool = False) -> None:
        """Delete a dataset and its content, if no scenario uses it.

        Raises:
            UsedByScenarios: A scenario uses it.
            AssertionError: There is no such dataset.
        """
        self.forget_data(data_key, prevent_masterdata_removal)
        self.delete_unused_data()

    def delete_unused_data(self) -> None:
        """Delete the contents of forgotten datasets from the database, which takes a second for a gigabyte."""
        data_manager: Any = self._dm  # ours, of either kind
        data_manager.delete_unused()

    def forget_data(self, data_key: str, prevent_masterdata_removal: bool = False) -> None:
        """Delete a dataset but for its content, if no scenario uses it; no scenario is created meanwhile.

        Raises:
            UsedByScenarios: A scenario uses it.
            AssertionError: There is no such dataset.
        """
        with self._creation:
            check_unused(data_key, self._registry.users_of(data_key))
            super().delete_data(data_key, prevent_masterdata_removal)
        self._note_dataset(data_key)

    def etl_data(self, files: dict[str, File], dataset_name: str, *, replace: bool = False) -> ETLResult:
        """Run the ETL over files, and store the dataset if the ETL succeeds.

        Args:
            files: The files, by the names of their schemas.
            dataset_name: The key of the dataset.
            replace: Whether it may replace one that scenarios use. Those that have run keep the id of that one.

        Raises:
            UsedByScenarios: It may not, and would.
            ETLConstructionError: The files do not match the schemas.
            NotStorable: The database cannot store the dataset.
        """
        with self._switch.to(dataset_name, replace):
            result: ETLResult = super().etl_data(files, dataset_name)
        return result

    def add_datasource_from_json(
        self, json_string: str | bytes, nesting: float = inf, *, replace: bool = False
    ) -> None:
        """Add a dataset from its `to_json()` text, under the name in the text.

        Args:
            json_string: The text.
            nesting: The most levels of nested lists and objects.
            replace: Whether it may replace a dataset that scenarios use.

        Raises:
            UsedByScenarios: It may not, and would.
            NotADataset: The text is not a dataset.
            NotStorable: The database cannot store it.
        """
        source = _dataset_of(self._dm.data_object_type, json_string, nesting)
        del json_string  # frees its memory, if the caller has not kept it
        with self._switch.to(source.name, replace):
            self._dm.add_data_source(source)
        if self._auto_create_scenario:
            self.auto_create_scenarios([source.name])

    def _note_dataset(self, key: str) -> None:
        """Tell watchers that a key has got or lost its dataset, and so perhaps scenarios that of their run."""
        self.changes.dataset(key)
        for scenario_id in list(self._registry.former_ids):
            self.changes.scenario(scenario_id)


def _dataset_of(kind: type[BaseDataSource], text: str | bytes, nesting: float) -> BaseDataSource:
    """The dataset of a `to_json()` text, with a name and an id.

    Args:
        kind: The class of the dataset.
        text: The text.
        nesting: The most levels of nested lists and objects.

    Raises:
        NotADataset: The text is not a dataset.
    """
    document = text.encode() if isinstance(text, str) else text
    try:
        source = dataset_from_json(kind, document, nesting)
    except UnicodeEncodeError as error:
        raise NotADataset(f"Not a dataset: {error.object!r} contains a lone surrogate; leave it out") from error
    except MemoryError:
        raise
    except Exception as error:  # a user's from_json may raise anything
        raise NotADataset(f"Not a dataset: {fault_of(document, nesting) or words_of(error)}") from error
    if not isinstance(source.name, str) or not source.name:
        raise NotADataset("Not a dataset: metadata.name must be a non-empty string")
    if not isinstance(source.id, str):
        source._reset_id()
    return source
