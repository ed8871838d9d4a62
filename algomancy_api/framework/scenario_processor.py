"""A session's queue and its worker thread: queued scenarios can be removed, and runs can be stopped."""

import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from algomancy_scenario import Scenario, ScenarioStatus
from algomancy_scenario.scenarioprocessor import ScenarioProcessor
from algomancy_utils import Logger, Measurement, MessageStatus

from ..engines.run import CANCELLED, Run, RunStopped
from ..engines.user_code import wrap_base_exceptions
from .run_outcomes import RunListener, ignore_run, outcome_of

#: Seconds: the time for an idle worker thread to end.
_IDLE = 1


class _Entry(NamedTuple):
    scenario: Scenario[Any]
    run: Run


class ApiScenarioProcessor(ScenarioProcessor):
    """The framework's processor with another queue: an ordered dict, which has each scenario at most once.

    Args:
        logger: The logger of the session.
        on_processed: Called when a run has ended, before the next one begins.
        on_abandoned: Called instead of `on_processed` for a run that is discarded.
        on_run_ended: Called after `on_processed`, but not for discarded runs.
    """

    def __init__(
        self,
        logger: Logger,
        on_processed: Callable[[Scenario[Any]], None],
        on_abandoned: Callable[[Scenario[Any]], None],
        on_run_ended: RunListener = ignore_run,
    ) -> None:
        # Before the framework's initialiser, which starts the worker thread.
        self._changed = threading.Condition()
        self._waiting: dict[str, _Entry] = {}
        self._current: _Entry | None = None
        self._unfinished = 0
        self._is_ending = False
        self._log = logger
        self._on_run_ended = on_run_ended
        self._when_ended = {False: on_processed, True: on_abandoned}
        super().__init__(logger)

    def is_idle(self) -> bool:
        """Whether no scenario is queued, running or being stored."""
        return not self._unfinished

    def count_queued(self) -> int:
        """The number of queued scenarios."""
        return len(self._waiting)

    def queued_ids(self) -> list[str]:
        """The ids of the queued scenarios, in the order of the queue."""
        with self._changed:
            return list(self._waiting)

    def enqueue(self, scenario: Scenario[Any], time_limit: float | None = None) -> None:
        """Append a scenario to the queue; no effect on one that is queued or running.

        Args:
            scenario: The scenario, whatever its status.
            time_limit: Seconds: the time limit of the run; None for that of the engine.
        """
        entry = _Entry(scenario, Run(scenario.id, time_limit))
        with self._changed:
            if scenario.id in self._waiting or (self._current and self._current.scenario is scenario):
                return
            scenario.set_queued()
            self._waiting[scenario.id] = entry
            self._unfinished += 1
            self._changed.notify_all()

    def cancel(self, scenario_id: str) -> bool:
        """Remove a scenario from the queue, or ask its run to stop; False if it is neither queued nor running."""
        with self._changed:
            waiting = self._waiting.pop(scenario_id, None)
            current = self._current
        if waiting is not None:
            waiting.run.stop(CANCELLED)
            fail(waiting.scenario, CANCELLED)
            self._conclude(waiting)
            return True
        return current is not None and current.scenario.id == scenario_id and current.run.stop(CANCELLED)

    def wait_for_processing(self) -> None:
        """Wait until no scenario is queued, running or being stored."""
        with self._changed:
            self._changed.wait_for(self.is_idle)

    def shutdown(self) -> None:
        """End the worker thread once the queue is empty."""
        with self._changed:
            self._is_ending = True
            self._changed.notify_all()
        self._worker_thread.join()

    def close(self) -> list[Scenario[Any]]:
        """Empty the queue and return its scenarios; end the worker thread, without waiting for a run."""
        with self._changed:
            dropped = [entry.scenario for entry in self._waiting.values()]
            self._waiting.clear()
            self._unfinished -= len(dropped)
            self._is_ending = True
            self._changed.notify_all()
        if self._currently_processing is None:
            self._worker_thread.join(_IDLE)
        return dropped

    def _process_scenarios_worker(self) -> None:
        while (entry := self._next()) is not None:
            self._log.log(f"Processing scenario '{entry.scenario.tag}'...")
            start = time.perf_counter()
            process(*entry, self._log)
            self._conclude(entry, time.perf_counter() - start)
            del entry  # an idle thread must not keep a deleted dataset alive

    def _next(self) -> _Entry | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._is_ending)
            if not self._waiting:
                return None
            entry = self._waiting.pop(next(iter(self._waiting)))
            self._current, self._currently_processing = entry, entry.scenario
            return entry

    def _conclude(self, entry: _Entry, seconds: float | None = None) -> None:
        scenario = entry.scenario
        try:
            self._when_ended[entry.run.is_abandoned](scenario)
        except Exception as error:
            self._log.log(f"The end of scenario '{scenario.tag}' could not be stored.", MessageStatus.ERROR)
            self._log.log_traceback(error)
        self._log.log(f"Scenario '{scenario.tag}' completed.")
        if (outcome := outcome_of(entry.run, scenario.status)) is not None:
            self._on_run_ended(outcome, seconds)
        with self._changed:
            if self._current is entry:
                self._current = self._currently_processing = None
            self._unfinished -= 1
            self._changed.notify_all()


def process(scenario: Scenario[Any], run: Run, logger: Logger) -> None:
    """Run a scenario's algorithm and compute its KPIs.

    It differs from the framework's `Scenario.process`: a run can be stopped; no exception of the user's code ends the
    thread; and the final status is set last, after the result and the KPIs.
    """
    scenario.status = ScenarioStatus.PROCESSING
    try:
        with run.under_way():
            _work(scenario)
    except RunStopped as stop:
        logger.log(f"Scenario '{scenario.tag}' was stopped: {stop.reason}", MessageStatus.WARNING)
        fail(scenario, stop.reason)
    except Exception as error:
        logger.log(f"Scenario '{scenario.tag}' failed to process.", MessageStatus.ERROR)
        logger.log_traceback(error)
        _set_outcome(scenario, {"error": str(error)}, ScenarioStatus.FAILED)
    else:
        scenario.status = ScenarioStatus.COMPLETE


def fail(scenario: Scenario[Any], reason: str | None) -> None:
    """Set a scenario to `failed`, with a reason and without KPI values."""
    for kpi in scenario.kpis.values():
        kpi._measurement.value = Measurement.INITIAL_VALUE
    _set_outcome(scenario, {"error": reason}, ScenarioStatus.FAILED)


@wrap_base_exceptions
def _work(scenario: Scenario[Any]) -> None:
    algorithm: Any = scenario._algorithm  # annotated with a type variable
    algorithm.set_data_params(scenario._data_params)
    scenario.result = algorithm.run(scenario._input_data)
    scenario.compute_kpis()


def _set_outcome(scenario: Scenario[Any], result: Any, status: ScenarioStatus) -> None:  # noqa: ANN401
    scenario.result = result
    scenario.status = status
