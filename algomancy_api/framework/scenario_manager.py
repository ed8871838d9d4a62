"""A session's manager, for callers on many threads."""

import contextlib
import threading
from itertools import chain, repeat
from queue import Empty
from typing import TYPE_CHECKING, Any

from algomancy_data import BaseDataSource
from algomancy_scenario import Scenario, ScenarioManager, ScenarioStatus
from algomancy_scenario.records import ScenarioRecord
from algomancy_scenario.scenarioprocessor import ScenarioProcessor
from algomancy_utils import MessageStatus

from .documents import dataset_from_json
from .failures import DatabaseUnavailable
from .registry import ApiScenarioRegistry

if TYPE_CHECKING:
    from .repository import ApiScenarioRepository

#: The statuses of a scenario that the worker thread has, or will have.
ACTIVE = (ScenarioStatus.QUEUED, ScenarioStatus.PROCESSING)

#: How long an idle worker thread may take to end, in seconds.
_IDLE = 1


#: How long to wait before each further attempt to store a result, in seconds: the first ones, and all that follow.
_PAUSES = (0.2, 0.5, 1, 2, 5)
_LAST_PAUSE = 10


class NotADataset(ValueError):
    """A text that is not what `DataSource.to_json()` writes, and why."""


class ApiScenarioManager(ScenarioManager):
    """The framework's scenario manager: one tag gives one scenario, and a closed one can be opened again."""

    def __init__(self, **keywords: Any) -> None:  # noqa: ANN401 - the framework's own
        # Before the framework's own set-up, which may create scenarios.
        self._creation = threading.RLock()
        self._storing = threading.Lock()
        self._closed = threading.Event()
        super().__init__(**keywords)
        self._registry: ApiScenarioRegistry | ApiScenarioRepository
        self._processor._on_processed = self._store_run

    def is_busy(self) -> bool:
        """Whether a scenario of this session is queued or processing."""
        if not self._processor._process_queue.unfinished_tasks:
            return False
        # The worker counts a scenario as finished a little later than its status says so.
        states = (self._registry.status_of(scenario_id) for scenario_id in self._registry.list_ids())
        return any(state is not None and state[0] in ACTIVE for state in states)

    def has_tag(self, tag: str) -> bool:
        """Whether a scenario of this session has that tag."""
        return self._registry.has_tag(tag)

    def get_data(self, data_key: str) -> BaseDataSource | None:
        """A dataset, loaded from the database if need be."""
        dataset: BaseDataSource | None = self._dm.get_data(data_key)
        return dataset

    def count_scenarios(self) -> int:
        """How many scenarios there are."""
        return len(self._registry)

    def summarised(self) -> list[Scenario[Any]] | list[ScenarioRecord]:
        """What a summary of each scenario can be read from, without a disk or a database."""
        return self._registry.summarised()

    def resident(self, scenario_id: str) -> Scenario[Any] | None:
        """A scenario that is in memory already; None for one that has to be loaded, and for one that is not there."""
        return self._registry.resident(scenario_id)

    def get_status(self, scenario_id: str) -> dict[str, Any] | None:
        """A scenario's id, tag, status and progress, for polling; the framework makes a whole record of it first."""
        tag, state = self._registry.tag_of(scenario_id), self._registry.status_of(scenario_id)
        if tag is None or state is None:
            return None
        return {"id": scenario_id, "tag": tag, "status": str(state[0]), "progress": float(state[1])}

    def create_scenario(self, *arguments: Any, **keywords: Any) -> Scenario[Any]:  # noqa: ANN401 - the framework's own
        """Create a scenario; of several callers with one tag, one succeeds.

        Raises:
            ValueError: The tag is taken.
            ParameterError: A parameter's name or value is wrong.
            AssertionError: There is no such algorithm or dataset.
        """
        with self._creation:
            return super().create_scenario(*arguments, **keywords)

    def auto_create_scenarios(self, keys: list[str] | None = None) -> None:
        """Create the configured scenario of each dataset that has none.

        The framework raises for a dataset that is loaded a second time, after it has stored it.
        """
        for key in keys or ():
            with self._creation:
                if not self._registry.has_tag(f"{key} [auto]"):
                    super().auto_create_scenarios([key])

    def delete_data(self, data_key: str, prevent_masterdata_removal: bool = False) -> None:
        """Delete a dataset that no scenario uses, nor begins to use meanwhile.

        Raises:
            AssertionError: A scenario uses it, or there is no such dataset.
        """
        with self._creation:
            super().delete_data(data_key, prevent_masterdata_removal)

    def add_datasource_from_json(self, json_string: str | bytes) -> None:
        """Add a dataset from its `to_json()` text, under the name it carries.

        Raises:
            NotADataset: The text is no such thing.
            NotStorable: The database cannot hold it.
        """
        try:
            document = json_string.encode() if isinstance(json_string, str) else json_string
            source = dataset_from_json(self._dm.data_object_type, document)
        except Exception as error:  # a user's from_json may raise anything
            raise NotADataset(f"Not a dataset: {type(error).__name__}: {error}") from error
        if not isinstance(source.name, str) or not source.name:
            raise NotADataset("Not a dataset: metadata.name must be a non-empty string")
        if not isinstance(source.id, str):
            source._reset_id()
        self._dm.add_data_source(source)
        if self._auto_create_scenario:
            self.auto_create_scenarios([source.name])

    def process_scenario_async(self, scenario: Scenario[Any]) -> None:
        """Put a scenario into the queue, whatever its status."""
        self._registry.pin(scenario.id)
        self._processor.enqueue(scenario)

    def open(self) -> None:
        """Have a worker thread again after a `close`; what the former one is still running goes on beside it."""
        with self._storing:
            if self._closed.is_set():
                self._closed.clear()
                self._processor = self._new_processor()

    def close(self) -> None:
        """End the session's worker thread, at once if it is idle.

        A scenario that is being run is not waited for. It is not stored either, unless the session is open again by
        then: like those that wait in the queue, it is one to be run again.
        """
        self._closed.set()
        with self._storing:  # not in the middle of a result
            pass
        queue = self._processor._process_queue
        with contextlib.suppress(Empty):
            while True:
                scenario = queue.get_nowait()
                if scenario is not None:
                    self._forget_run(scenario)
                queue.task_done()
        queue.put(None)
        if self._processor.currently_processing is None:
            self._processor._worker_thread.join(_IDLE)

    def shutdown(self) -> None:
        """End the session's worker thread, after what is queued."""
        self._processor.shutdown()

    def _new_processor(self) -> ScenarioProcessor:
        processor = ScenarioProcessor(logger=self.logger, on_processed=self._store_run)
        processor.auto_run_scenarios = self._processor.auto_run_scenarios
        return processor

    def _store_run(self, scenario: Scenario[Any]) -> None:
        """Store how a run has ended, as soon as the database is there; until then it is still `processing`."""
        for pause in chain(_PAUSES, repeat(_LAST_PAUSE)):
            with self._storing:
                if self._closed.is_set():
                    self._forget_run(scenario)
                    return
                try:
                    if hasattr(self._registry, "persist_run"):
                        self._registry.persist_run(scenario)
                    return
                except DatabaseUnavailable as error:
                    said = f"The result of '{scenario.tag}' cannot be stored, trying again in {pause} s: {error}"
                    self.logger.log(said, MessageStatus.ERROR)
            self._closed.wait(pause)

    def _forget_run(self, scenario: Scenario[Any]) -> None:
        scenario.refresh()
        self._registry.unpin(scenario.id)
