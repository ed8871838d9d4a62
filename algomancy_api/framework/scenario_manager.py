"""The thread-safe manager of one session."""

import threading
from collections.abc import Sequence
from itertools import chain, repeat
from typing import Any

from algomancy_scenario import Scenario, ScenarioStatus
from algomancy_utils import MessageStatus

from ..engines.options import RunOptions
from ..engines.run import Run
from .dataset_changes import DatasetSwitch, in_memory
from .errors import DatabaseUnavailable, StorageFull
from .history.record import HistoryRules
from .history.runs import RunHistory
from .run_outcomes import RunListener, ignore_run
from .scenario_processor import ApiScenarioProcessor
from .scenario_registry import RunQueue
from .session.changes import Changes
from .session.closing import Closing
from .session.editing import ScenarioEditing
from .session.lookups import ACTIVE
from .session.run_limits import RunLimits

#: Seconds: pauses before the first retries to store a result, and before all later ones.
_PAUSES = (0.2, 0.5, 1, 2, 5)
_LAST_PAUSE = 10


class ApiScenarioManager(ScenarioEditing):
    """The framework's scenario manager, with unique tags under concurrent calls, and reopened after a close.

    Attributes:
        changes: Tells who follows it of changes of scenarios and datasets.
        run_limits: The limits of the runs of the app.
        logs: The logs of the latest runs.
    """

    _processor: ApiScenarioProcessor

    def __init__(
        self,
        *,
        autocreate: bool = False,
        autorun: bool = False,
        on_run_ended: RunListener = ignore_run,
        run_limits: RunLimits | None = None,
        history: HistoryRules = HistoryRules(),  # noqa: B008 - immutable
        **keywords: Any,  # noqa: ANN401 - the framework's own
    ) -> None:
        # Before the framework's initialiser, which may load scenarios.
        self._creation = threading.RLock()
        self._closing = Closing()
        self.changes = Changes()
        self._on_run_ended = on_run_ended
        self.run_limits = run_limits or RunLimits()
        if keywords.get("data_manager") is None:
            keywords["data_manager"] = in_memory(keywords)
        # Without autocreate and autorun: their scenarios belong into our queue, which does not exist yet.
        super().__init__(**keywords)
        self.logs = self._registry.logs
        self.history.rules = history
        switch = DatasetSwitch(self._dm, self._registry, self._creation, self._note_dataset)
        self._switch = self._dm.switch = switch
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

    def process_scenario_async(
        self,
        scenario: Scenario[Any],
        timeout: float | None = None,
        *,
        retries: int = 0,
        sender: str | None = None,
        keeps_best: bool = False,
    ) -> None:
        """Put a scenario into the queue, whatever its status; no effect on one that is queued or running.

        Args:
            scenario: The scenario.
            timeout: Seconds: the time limit of the run; None for the ``run_timeout`` of the configuration.
            retries: How often the run is repeated after its process or its worker has died.
            sender: Who asks for it, for the limit of each; None for nobody, who has no limit.
            keeps_best: Whether the run ends with what it has at its time limit, and does not fail.

        Raises:
            ValueError: The timeout is not a positive number of seconds.
            DatabaseUnavailable: The queue is kept in a database, which cannot be reached.
            TooManyRuns: The sender has too many queued and running scenarios.
        """
        self.process_all([scenario], RunOptions(timeout, retries, sender, keeps_best), all_or_none=True)

    def process_all(
        self, scenarios: Sequence[Scenario[Any]], options: RunOptions, *, all_or_none: bool = False
    ) -> list[str]:
        """Put scenarios into the queue at once: as many as the sender may have, or all or none.

        Returns:
            The ids of those that the sender may not have in it, too.

        Raises:
            DatabaseUnavailable: The queue is kept in a database, which cannot be reached. None of them is in it.
            TooManyRuns: The sender may not have all, and none is in it.
        """
        refused = self._processor.enqueue_all(scenarios, options, all_or_none=all_or_none)
        for scenario in scenarios:
            self.changes.scenario(scenario.id)
        return refused

    @property
    def history(self) -> RunHistory:
        """The runs of the scenarios."""
        return self._registry.history

    @property
    def queue(self) -> RunQueue:
        """What is kept of the queue over a restart."""
        return self._registry.queue

    def resume(self, scenario: Scenario[Any], options: RunOptions) -> None:
        """Put a scenario into the queue of which it is kept that it is queued."""
        self._registry.pin(scenario.id)
        self.history.resumed(scenario, options.time_limit)
        self._processor.resume(scenario, options)
        self.changes.scenario(scenario.id)

    def cancel(self, scenario_id: str) -> bool:
        """Remove a scenario from the queue, or ask its run to stop; False if it is neither queued nor running.

        A queued scenario is `failed` at once; a running one is `failed` once its run has ended.
        """
        return self._processor.cancel(scenario_id)

    def stop(self, scenario_id: str, grace: float) -> bool:
        """As `cancel`, but a run is asked to end with what it has, and stopped after ``grace`` seconds."""
        return self._processor.stop(scenario_id, grace)

    def count_queued(self) -> int:
        """The number of queued scenarios."""
        return self._processor.count_queued()

    def running(self) -> list[Scenario[Any]]:
        """The scenarios that run or are being stored, the one that began first in front."""
        return self._processor.running()

    def queued_ids(self) -> list[str]:
        """The ids of the queued scenarios, in the order of the queue."""
        return self._processor.queued_ids()

    def open(self) -> bool:
        """Accept runs again after a `close`; a run from before continues beside the new ones.

        Returns:
            Whether the session was closed.
        """
        was_closed = self._closing.open()
        if was_closed:
            self.logs.open()
            self._processor = self._new_processor(self._processor.auto_run_scenarios)
        return was_closed

    def close(self) -> None:
        """End the session's worker threads, without waiting for runs.

        The result of a running scenario is stored only if the session is open again when the run ends. Otherwise the
        scenario is `created` again, like all queued ones. A database keeps the queue for the next start.
        """
        self.logs.close()
        self._closing.close()
        for scenario in self._processor.close():
            self._forget_run(scenario)
            self.logs.discard([scenario.id])

    def shutdown(self) -> None:
        """End the session's worker threads once the queue is empty."""
        self._processor.shutdown()

    def _new_processor(self, autorun: bool) -> ApiScenarioProcessor:
        ends = self._store_run, self._forget_run, self._on_run_ended
        processor = ApiScenarioProcessor(
            self.logger, *ends, begin=self._begin, keep=self._keep, limits=self.run_limits, logs=self.logs
        )
        processor.auto_run_scenarios = autorun
        return processor

    def _keep(self, scenarios: Sequence[Scenario[Any]], options: RunOptions) -> None:
        for scenario in scenarios:
            self._registry.pin(scenario.id)
            self.history.queued(scenario, options.time_limit)
        try:
            self._registry.queue.put([scenario.id for scenario in scenarios], options)
        except StorageFull as error:  # the run may free space, or need none
            self.logger.log(f"The queue is not kept over a restart: {error}", MessageStatus.ERROR)
        except BaseException:
            for scenario in scenarios:
                self._registry.unpin(scenario.id)
                self.history.drop(scenario.id)
            raise

    def _begin(self, scenario: Scenario[Any], run: Run) -> Any:  # noqa: ANN401 - a dataset of any class
        self.reports.begin(scenario.id, run.reports)
        data = self._switch.begin(scenario)
        self.changes.run(scenario.id)
        self.history.begun(scenario, data, run)
        try:
            with self._closing.writing() as is_open:
                if is_open:
                    self._registry.queue.begin(scenario.id)
        except Exception as error:  # a run needs no database
            self.logger.log(f"It is not kept that the run of '{scenario.tag}' began: {error}", MessageStatus.WARNING)
        return data

    def _auto_create_first(self) -> None:
        try:
            self.auto_create_scenarios(self.get_data_keys())
        except Exception as error:  # as in the framework: the server starts without these scenarios
            self.logger.error("Error creating the first scenarios.")
            self.logger.log_traceback(error)

    def _store_run(self, scenario: Scenario[Any], status: ScenarioStatus) -> bool:
        """Store the outcome of a run, with retries while the database is unavailable: `processing` until then.

        Args:
            scenario: The scenario, with the result of the run.
            status: The final status, which becomes visible here.

        Returns:
            Whether the run counts: False if the session is closed, and the scenario is `created` again.
        """
        for pause in chain(_PAUSES, repeat(_LAST_PAUSE)):
            with self._closing.writing() as is_open:
                if not is_open:
                    self._forget_run(scenario)
                    return False
                scenario.status = status
                try:
                    self._registry.persist_run(scenario)
                    return True
                except DatabaseUnavailable as error:
                    message = f"The result of '{scenario.tag}' cannot be stored, trying again in {pause} s: {error}"
                    self.logger.log(message, MessageStatus.ERROR)
                finally:
                    self.changes.run(scenario.id)
            self._closing.wait(pause)
        return False

    def _forget_run(self, scenario: Scenario[Any]) -> None:
        self.reports.forget(scenario.id)
        self._registry.queue.cut_off(scenario.id)
        scenario.refresh()
        self.history.cut_off(scenario.id)
        self._registry.unpin(scenario.id)
        self.changes.run(scenario.id)
