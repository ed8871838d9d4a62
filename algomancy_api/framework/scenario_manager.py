"""The thread-safe manager of one session."""

import threading
from collections import deque
from itertools import chain, repeat
from math import inf
from typing import TYPE_CHECKING, Any

from algomancy_data import BaseDataSource
from algomancy_scenario import Scenario, ScenarioManager, ScenarioStatus
from algomancy_scenario.records import ScenarioRecord
from algomancy_utils import MessageStatus

from .dataset_reader import dataset_from_json
from .errors import DatabaseUnavailable
from .run_outcomes import RunListener, ignore_run
from .scenario_processor import ApiScenarioProcessor
from .scenario_registry import ApiScenarioRegistry

if TYPE_CHECKING:
    from .database.scenario_repository import ApiScenarioRepository

#: Statuses of a scenario that is in the queue or running.
ACTIVE = (ScenarioStatus.QUEUED, ScenarioStatus.PROCESSING)

#: Fields of the result of `get_status`.
_STATUS_FIELDS = ("id", "tag", "status", "progress")

#: Seconds: pauses before the first retries to store a result, and before all later ones.
_PAUSES = (0.2, 0.5, 1, 2, 5)
_LAST_PAUSE = 10


class NotADataset(ValueError):
    """A text that is not the output of `DataSource.to_json()`; the message has the reason."""


class ApiScenarioManager(ScenarioManager):
    """The framework's scenario manager, with unique tags under concurrent calls, and reopened after a close.

    Attributes:
        changes: A queue of the ids of scenarios that were created, deleted, reset or queued, for the watcher of the
            session; None without a watcher.
    """

    _processor: ApiScenarioProcessor

    def __init__(
        self,
        *,
        autocreate: bool = False,
        autorun: bool = False,
        on_run_ended: RunListener = ignore_run,
        **keywords: Any,  # noqa: ANN401 - the framework's own
    ) -> None:
        # Before the framework's initialiser, which may load scenarios.
        self._creation = threading.RLock()
        self._storing = threading.Lock()
        self._closed = threading.Event()
        self.changes: deque[str] | None = None
        self._on_run_ended = on_run_ended
        # Without autocreate and autorun: their scenarios belong into our queue, which does not exist yet.
        super().__init__(**keywords)
        self._registry: ApiScenarioRegistry | ApiScenarioRepository
        self._processor.shutdown()
        self._processor = self._new_processor(autorun)
        self._auto_create_scenario = autocreate
        if autocreate:
            self._auto_create_first()

    def is_busy(self) -> bool:
        """Whether a scenario of this session is queued or processing."""
        if self._processor.is_idle():
            return False
        # The processor counts a scenario as unfinished for a moment after its final status.
        states = (self._registry.status_of(scenario_id) for scenario_id in self._registry.list_ids())
        return any(state is not None and state[0] in ACTIVE for state in states)

    def has_tag(self, tag: str) -> bool:
        """Whether a scenario of this session has that tag."""
        return self._registry.has_tag(tag)

    def get_data(self, data_key: str) -> BaseDataSource | None:
        """A dataset, loaded from the database if it is not in memory; None if there is none."""
        dataset: BaseDataSource | None = self._dm.get_data(data_key)
        return dataset

    def scenario_ids(self) -> list[str]:
        """The ids of the scenarios, the oldest first."""
        return list(self._registry.list_ids())

    def count_scenarios(self) -> int:
        """The number of scenarios."""
        return len(self._registry)

    def summarised(self) -> list[Scenario[Any]] | list[ScenarioRecord]:
        """The scenarios, or their records: the source of summaries, without access to a disk or a database."""
        return self._registry.summarised()

    def resident(self, scenario_id: str) -> Scenario[Any] | None:
        """A scenario that is in memory; None if it has to be loaded or does not exist."""
        return self._registry.resident(scenario_id)

    def get_status(self, scenario_id: str) -> dict[str, Any] | None:
        """A scenario's id, tag, status and progress, without the full record that the framework makes."""
        position = self.position(scenario_id)
        return None if position is None else dict(zip(_STATUS_FIELDS, (scenario_id, *position), strict=True))

    def position(self, scenario_id: str) -> tuple[str, Any, float] | None:
        """A scenario's tag, status and progress."""
        tag, state = self._registry.tag_of(scenario_id), self._registry.status_of(scenario_id)
        if tag is None or state is None:
            return None
        return tag, str(state[0]), float(state[1])

    def create_scenario(self, *arguments: Any, **keywords: Any) -> Scenario[Any]:  # noqa: ANN401 - the framework's own
        """Create a scenario; of concurrent calls with the same tag, one succeeds.

        Raises:
            ValueError: The tag is taken.
            ParameterError: A parameter's name or value is wrong.
            AssertionError: There is no such algorithm or dataset.
        """
        with self._creation:
            scenario = super().create_scenario(*arguments, **keywords)
        self._note_change(scenario.id)
        return scenario

    def delete_scenario(self, scenario_id: str) -> bool:
        """Delete a scenario with its result; False if there is none."""
        is_deleted = super().delete_scenario(scenario_id)
        self._note_change(scenario_id)
        return is_deleted

    def refresh_scenario(self, scenario_id: str) -> Scenario[Any] | None:
        """Delete a scenario's result, so that it can be run again."""
        scenario = super().refresh_scenario(scenario_id)
        self._note_change(scenario_id)
        return scenario

    def auto_create_scenarios(self, keys: list[str] | None = None) -> None:
        """Create the configured scenario of each dataset that has none.

        The framework's own method raises for a dataset that is replaced, although it has been stored.
        """
        for key in keys or ():
            with self._creation:
                if not self._registry.has_tag(f"{key} [auto]"):
                    super().auto_create_scenarios([key])

    def delete_data(self, data_key: str, prevent_masterdata_removal: bool = False) -> None:
        """Delete a dataset, if no scenario uses it; no scenario is created meanwhile.

        Raises:
            AssertionError: A scenario uses it, or there is no such dataset.
        """
        with self._creation:
            super().delete_data(data_key, prevent_masterdata_removal)

    def add_datasource_from_json(self, json_string: str | bytes, nesting: float = inf) -> None:
        """Add a dataset from its `to_json()` text, under the name in the text.

        Args:
            json_string: The text.
            nesting: The most levels of nested lists and objects.

        Raises:
            NotADataset: The text is not a dataset.
            NotStorable: The database cannot store it.
        """
        try:
            document = json_string.encode() if isinstance(json_string, str) else json_string
            source = dataset_from_json(self._dm.data_object_type, document, nesting)
        except Exception as error:  # a user's from_json may raise anything
            raise NotADataset(f"Not a dataset: {type(error).__name__}: {error}") from error
        if not isinstance(source.name, str) or not source.name:
            raise NotADataset("Not a dataset: metadata.name must be a non-empty string")
        if not isinstance(source.id, str):
            source._reset_id()
        self._dm.add_data_source(source)
        if self._auto_create_scenario:
            self.auto_create_scenarios([source.name])

    def process_scenario_async(self, scenario: Scenario[Any], timeout: float | None = None) -> None:
        """Put a scenario into the queue, whatever its status; no effect on one that is queued or running.

        Args:
            scenario: The scenario.
            timeout: Seconds: the time limit of the run; None for the ``run_timeout`` of the configuration.

        Raises:
            ValueError: The timeout is not a positive number of seconds.
        """
        self._registry.pin(scenario.id)
        self._processor.enqueue(scenario, timeout)
        self._note_change(scenario.id)

    def cancel(self, scenario_id: str) -> bool:
        """Remove a scenario from the queue, or ask its run to stop; False if it is neither queued nor running.

        A queued scenario is `failed` at once; a running one is `failed` once its run has ended.
        """
        return self._processor.cancel(scenario_id)

    def count_queued(self) -> int:
        """The number of queued scenarios."""
        return self._processor.count_queued()

    def queued_ids(self) -> list[str]:
        """The ids of the queued scenarios, in the order of the queue."""
        return self._processor.queued_ids()

    def open(self) -> None:
        """Start a new worker thread after a `close`; a run of the former thread continues beside it."""
        with self._storing:
            if self._closed.is_set():
                self._closed.clear()
                self._processor = self._new_processor(self._processor.auto_run_scenarios)

    def close(self) -> None:
        """End the session's worker thread, without waiting for a run.

        The result of a running scenario is stored only if the session is open again when the run ends. Otherwise the
        scenario is `created` again, like all queued ones.
        """
        self._closed.set()
        with self._storing:  # wait for a result that is being stored
            pass
        for scenario in self._processor.close():
            self._forget_run(scenario)

    def shutdown(self) -> None:
        """End the session's worker thread once the queue is empty."""
        self._processor.shutdown()

    def _note_change(self, scenario_id: str) -> None:
        if (changes := self.changes) is not None:
            changes.append(scenario_id)

    def _new_processor(self, autorun: bool) -> ApiScenarioProcessor:
        processor = ApiScenarioProcessor(self.logger, self._store_run, self._forget_run, self._on_run_ended)
        processor.auto_run_scenarios = autorun
        return processor

    def _auto_create_first(self) -> None:
        try:
            self.auto_create_scenarios(self.get_data_keys())
        except Exception as error:  # as in the framework: the server starts without these scenarios
            self.logger.error("Error creating the first scenarios.")
            self.logger.log_traceback(error)

    def _store_run(self, scenario: Scenario[Any]) -> None:
        """Store the result of a run, with retries while the database is unavailable: `processing` until then."""
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
                    message = f"The result of '{scenario.tag}' cannot be stored, trying again in {pause} s: {error}"
                    self.logger.log(message, MessageStatus.ERROR)
            self._closed.wait(pause)

    def _forget_run(self, scenario: Scenario[Any]) -> None:
        scenario.refresh()
        self._registry.unpin(scenario.id)
