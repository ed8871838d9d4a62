"""New datasets of a session: how a key gets one, in place of another that scenarios may use."""

import copy
import reprlib
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NamedTuple

from algomancy_data import BaseDataSource, DataManager, ETLResult, File, StatefulDataManager, StatelessDataManager
from algomancy_scenario import Scenario, ScenarioStatus

from .dataset_copies import derived
from .errors import UsedByScenarios

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from .database.scenario_repository import ApiScenarioRepository
    from .scenario_registry import ApiScenarioRegistry

#: Writes into the transaction of a database that gives a key its dataset.
type Write = Callable[[Connection], None]

#: A context in which a key gets a dataset. Its arguments: the key, the dataset.
type Switch = Callable[[str, BaseDataSource], AbstractContextManager[Write]]

#: Statuses of a scenario that has no run, and so depends on no data yet.
WITHOUT_RUN = (ScenarioStatus.CREATED, ScenarioStatus.QUEUED)

#: Scenarios: named in the error about a dataset that they use.
_NAMED = 5

#: Shortens long tags in that error.
_tags = reprlib.Repr(maxstring=80)

_may_replace: ContextVar[bool] = ContextVar("a dataset that scenarios use may be replaced", default=False)


def write_nothing(_connection: Connection) -> None:
    """Write nothing else into the transaction."""


@contextmanager
def unchecked(_key: str, _source: BaseDataSource) -> Iterator[Write]:
    """The switch of a data manager that no scenario manager has."""
    yield write_nothing


class DatasetSwitch:
    """The switch of a session: at one moment, a key gets a dataset, and with it the scenarios that have not run.

    Args:
        data_manager: The datasets of the session.
        registry: Its scenarios.
        creation: The lock during which scenarios are created.
        note_dataset: Called with a key that has got a dataset.
    """

    def __init__(
        self,
        data_manager: DataManager,
        registry: ApiScenarioRegistry | ApiScenarioRepository,
        creation: AbstractContextManager[object],
        note_dataset: Callable[[str], None],
    ) -> None:
        self._data_manager = data_manager
        self._registry = registry
        self._creation = creation
        self._note_dataset = note_dataset
        self._beginning = threading.Lock()

    @contextmanager
    def to(self, key: str, replace: bool) -> Iterator[None]:
        """A context in which a dataset for a key is made, and stored in the end.

        Args:
            key: The key.
            replace: Whether the dataset may replace one that scenarios use.

        Raises:
            UsedByScenarios: It may not, and would.
        """
        token = _may_replace.set(replace)
        try:
            self._check(key)  # before the work; the switch checks again, because scenarios may be created meanwhile
            yield
        finally:
            _may_replace.reset(token)

    @contextmanager
    def __call__(self, key: str, source: BaseDataSource) -> Iterator[Write]:
        """The context in which a key gets a dataset.

        Raises:
            UsedByScenarios: Scenarios use its predecessor, which may not be replaced.
        """
        with self._creation, self._beginning:
            self._check(key)
            former = mark_of(self._data_manager, key)
            if former is None:
                yield write_nothing
            else:
                with self._registry.replacing(key, source, former.id) as write:
                    yield write
        self._note_dataset(key)

    def begin(self, scenario: Scenario[Any]) -> Any:  # noqa: ANN401 - a dataset of any class
        """Set a scenario to `processing`, and return the dataset of its run, whatever the scenario gets meanwhile."""
        with self._beginning:
            scenario.status = ScenarioStatus.PROCESSING
            self._registry.begin_run(scenario.id)
            return scenario._input_data

    def _check(self, key: str) -> None:
        if _may_replace.get() or key not in self._data_manager.get_data_keys():
            return
        check_unused(key, self._registry.users_of(key))


def check_unused(key: str, tags: list[str]) -> None:
    """Raise `UsedByScenarios` if there are tags: those of the scenarios that use a dataset."""
    if tags:
        named = ", ".join(map(_tags.repr, tags[:_NAMED]))
        more = f" and {len(tags) - _NAMED} more" if len(tags) > _NAMED else ""
        kind = "scenario" if len(tags) == 1 else "scenarios"
        raise UsedByScenarios(f"Dataset {key!r} is used by the {kind} {named}{more}")


class Mark(NamedTuple):
    """What tells a dataset from others that have had its key.

    Attributes:
        id: Its id, which another one from JSON may have, too.
        content: The owner of its content in a database, or else the number that the caller has given.
    """

    id: str
    content: str


def mark_of(data_manager: Any, key: str, number: int = 0) -> Mark | None:  # noqa: ANN401 - in a database or not
    """The mark of the dataset of a key, which need not be in memory; None if there is none."""
    catalogue: Mapping[str, Any] = getattr(data_manager, "_db_catalogue", {})
    if (entry := catalogue.get(key)) is not None:
        return Mark(str(entry["id"]), str(entry["owner"] or number))
    source = data_manager._data.get(key)
    return None if source is None else Mark(str(source.id), str(number))


class _InMemory(DataManager):
    """A data manager of the framework, which gives a key its dataset inside of its ``switch``."""

    switch: Switch = staticmethod(unchecked)

    def etl_data(self, files: dict[str, File], dataset_name: str) -> ETLResult:
        apart = copy.copy(self)  # the framework stores the dataset as soon as it is made
        apart._data = {}
        result: ETLResult = super(_InMemory, apart).etl_data(files, dataset_name)
        for key, source in apart._data.items():
            self._put(key, source)
        return result

    def add_data_source(self, data_source: BaseDataSource) -> None:
        self._put(str(data_source.name), data_source)
        self.log(f"Loaded DataSource '{data_source.name}'.")

    def derive_data(self, existing_key: str, derived_key: str) -> None:
        """Add a derived copy. The framework's own method would always convert to JSON.

        Raises:
            AssertionError: There is no such dataset, or the key is taken.
        """
        existing = self.get_data(existing_key)
        assert existing is not None, f"Data '{existing_key}' not found."  # noqa: S101 - the framework's own error
        assert derived_key not in self.get_data_keys(), f"Data '{derived_key}' already exists."  # noqa: S101
        self._put(derived_key, derived(existing, derived_key))

    def delete_unused(self) -> None:
        """Delete nothing: a deleted dataset has no content elsewhere."""

    def _put(self, key: str, source: BaseDataSource) -> None:
        with self.switch(key, source):
            self._data[key] = source  # type: ignore[assignment]  # an unbound type variable of the framework


class _Stateless(_InMemory, StatelessDataManager):
    """Datasets in memory alone."""


class _Stateful(_InMemory, StatefulDataManager):
    """Datasets in memory, at first those of a folder."""


def in_memory(keywords: Mapping[str, Any]) -> DataManager:
    """The data manager of a session without a database.

    Args:
        keywords: Those of the framework's `ScenarioManager`.
    """
    shared = {name: keywords.get(name) for name in ("etl_factory", "schemas", "data_object_type", "logger")}
    shared["save_type"] = keywords.get("save_type", "json")
    if not keywords.get("has_persistent_state"):
        return _Stateless(**shared)  # type: ignore[arg-type]
    return _Stateful(data_folder=keywords.get("data_folder"), **shared)  # type: ignore[arg-type]
