"""The operations on one session and its scenarios, and which of them run on the event loop or on a worker thread.

Lookups in memory run on the event loop. Calls that may use a disk, a database or megabytes, or that run user code, run
on a worker thread. The decorator of each method of `Session` and its base `Datasets` says which:

- none: on the event loop. An ``async`` method uses a worker thread if it would not be quick
  (`concurrency.loop_or_thread`).
- ``@on_worker``: on a worker thread, in parallel with other calls.
- ``@serial_with_scenarios``: on a worker thread, one at a time in a session: changes of scenarios.
- ``@serial_with_datasets``: on a worker thread, one at a time in a session: changes of datasets.
- ``@long_serial_with_datasets``: the same, on one of the few threads for calls that may take minutes.

A session is not deleted while one of its calls is in progress. Sessions never wait for each other. Only changes of the
datasets of the same session wait for an ETL.
"""

import logging
from collections.abc import Sequence
from typing import Any

from algomancy_scenario import Scenario, ScenarioStatus
from algomancy_utils.baseparameterset import BaseParameterSet

from ..concurrency.decorators import on_worker, serial_with_scenarios
from ..concurrency.gate import Gate
from ..concurrency.loop_or_thread import CallTimings
from ..concurrency.serial import SerialCalls
from ..concurrency.shared import SharedResults
from ..concurrency.workers import Workers
from ..engines.user_code import wrap_base_exceptions
from ..errors import ApiError, Conflict, NotFound, TooMany
from ..framework import ACTIVE, ApiScenarioManager
from ..limits import Limits
from ..live.watched_scenario import State, state_of, states_of
from ..live.watcher import Watcher
from ..schemas import CreateScenario, RunOutcome
from ..serialization.json_encoder import encode
from ..serialization.parameters import describe_parameters, with_datetimes
from .datasets import Datasets
from .scenario_views import encoded_summaries, full_form

_logger = logging.getLogger("algomancy_api")

#: Seconds: Retry-After when the queue is full.
_RETRY_AFTER = 10


class Session(Datasets):
    """One session. Scenarios are returned as encoded JSON, since a result may have megabytes."""

    def __init__(
        self, session_id: str, manager: ApiScenarioManager, workers: Workers, watcher: Watcher, limits: Limits
    ) -> None:
        self.id = session_id
        self.manager = manager
        self.workers = workers
        self.watcher = watcher
        self.limits = limits
        self.gate = Gate(closed_error=lambda: NotFound("Session", session_id))
        self.scenario_calls = SerialCalls(workers)
        self.dataset_calls = SerialCalls(workers)
        self._timings = CallTimings()
        self._encodings: SharedResults[object, bytes] = SharedResults()

    # Lookups in memory -----------------------------------------------------------------------------------------

    def algorithms(self) -> list[str]:
        """The names of the algorithms."""
        return list(self.manager.available_algorithms)

    def kpis(self) -> list[str]:
        """The names of the KPIs."""
        return list(self.manager.available_kpis)

    def state(self, scenario_id: str) -> State:
        """The status and progress of a scenario."""
        state = state_of(self.manager, scenario_id)
        if state is None:
            raise NotFound("Scenario", scenario_id)
        return state

    # Reads -----------------------------------------------------------------------------------------------------

    @on_worker
    def algorithm_parameters(self, name: str) -> bytes:
        """An algorithm's parameters as descriptors."""
        self._check_algorithm(name)
        return encode(describe_parameters(self.manager.get_algorithm_parameters(name)))

    async def summaries(self) -> bytes:
        """The summaries of all scenarios, encoded on the event loop if that is quick."""
        if self._timings.are_quick(self.manager, amount=self.manager.count_scenarios()):
            return self._timings.on_loop(self._encoded_summaries, self.manager)
        return await self._summaries_on_worker()

    async def scenario(self, scenario_id: str) -> bytes:
        """The full form of a scenario, encoded on the event loop if it is in memory and that is quick.

        Concurrent requests for the same state share one encoding, since a result may have megabytes.
        """
        scenario = self.manager.resident(scenario_id)
        if scenario is None:
            state: object = scenario_id, self.state(scenario_id).status
        elif self._timings.are_quick(scenario, state := _state(scenario)):
            return self._timings.on_loop(self._encoded, scenario, state)
        source: object = self.manager if scenario is None else scenario
        async with self._encodings.of(source, state, lambda _: self._scenario_on_worker(scenario_id)) as encoding:
            return encoding

    @on_worker
    def processing(self) -> bytes:
        """The full form of the running scenario, or null."""
        scenario = self.manager.currently_processing
        if scenario is None or self.state(scenario.id).status != "processing":
            return encode(None)
        return self._encoded(scenario)

    @on_worker
    def queue(self) -> list[State]:
        """The queued scenarios, the next one first."""
        return [state for state in states_of(self.manager, self.manager.queued_ids()) if state.status == "queued"]

    @on_worker
    def states(self) -> list[State]:
        """The status and progress of all scenarios."""
        return list(states_of(self.manager, self.manager.scenario_ids()))

    # Changes ---------------------------------------------------------------------------------------------------

    @serial_with_scenarios
    def create_scenario(self, body: CreateScenario) -> bytes:
        """Create a scenario, queue it if the request asks for that, and return its full form."""
        self._check_algorithm(body.algo_name)
        dataset = self._dataset(body.dataset_key)
        if self.manager.has_tag(body.tag):
            raise Conflict(f"A scenario with tag '{body.tag}' already exists")
        if body.run or self.manager.auto_run_scenarios:
            self._check_queue()
        algorithm_parameters: BaseParameterSet = self.manager.get_algorithm_parameters(body.algo_name)
        scenario = self.manager.create_scenario(
            tag=body.tag,
            dataset_key=body.dataset_key,
            algo_name=body.algo_name,
            algo_params=with_datetimes(algorithm_parameters, body.algo_params or {}),
            data_params=with_datetimes(dataset.initialize_data_parameters(), body.data_params or {}),
        )
        if body.run and not self.manager.auto_run_scenarios:  # else the framework has queued it
            return encode(self._enqueued(scenario))
        return self._timings.on_worker(self._encoded, scenario, _state(scenario))

    async def run_scenario(self, scenario_id: str, time_limit: float | None = None) -> bytes:
        """Queue a created scenario and return its full form; on the event loop if that is quick."""
        async with self.gate.shared():
            async with self.scenario_calls.on_loop():
                if self._quick(scenario_id) is not None:
                    return self._run(scenario_id, time_limit)
            return await self.scenario_calls.run(self._run, scenario_id, time_limit)

    @serial_with_scenarios
    def run_scenarios(self, scenario_ids: Sequence[str]) -> list[RunOutcome]:
        """Queue the scenarios that can be run, in their order, and return the outcome of each."""
        return [self._outcome_of_run(scenario_id) for scenario_id in scenario_ids]

    @serial_with_scenarios
    def cancel_scenario(self, scenario_id: str) -> bytes:
        """Remove a scenario from the queue, or ask its run to stop, and return its full form."""
        scenario = self._scenario(scenario_id)
        if not self.manager.cancel(scenario_id):
            status = self.state(scenario_id).status
            state = "ending" if status in ACTIVE else status  # the run has ended, and its result is being stored
            raise Conflict(f"Scenario '{scenario_id}' is {state}; only a queued or processing one can be cancelled")
        return self._encoded(scenario)

    @serial_with_scenarios
    def reset_scenario(self, scenario_id: str) -> bytes:
        """Discard a scenario's result, so that it can be run again, and return its full form."""
        scenario = self._scenario(scenario_id)
        self._check_idle(scenario_id)
        self.manager.refresh_scenario(scenario_id)
        return self._encoded(scenario)

    @serial_with_scenarios
    def delete_scenario(self, scenario_id: str) -> None:
        """Delete a scenario with its result."""
        self._check_idle(scenario_id)
        if not self.manager.delete_scenario(scenario_id):
            raise NotFound("Scenario", scenario_id)

    # Helpers ---------------------------------------------------------------------------------------------------

    @on_worker
    def _summaries_on_worker(self) -> bytes:
        amount = self.manager.count_scenarios()
        return self._timings.on_worker(self._encoded_summaries, self.manager, amount=amount)

    @on_worker
    def _scenario_on_worker(self, scenario_id: str) -> bytes:
        scenario = self._scenario(scenario_id)
        return self._timings.on_worker(self._encoded, scenario, _state(scenario))

    @wrap_base_exceptions
    def _run(self, scenario_id: str, time_limit: float | None) -> bytes:
        return encode(self._enqueued(self._runnable(scenario_id), time_limit))

    @wrap_base_exceptions
    def _encoded_summaries(self, manager: ApiScenarioManager) -> bytes:
        return encoded_summaries(manager.summarised())

    def _check_algorithm(self, name: str) -> None:
        if name not in self.manager.available_algorithms:
            raise NotFound("Algorithm", name)

    def _check_queue(self) -> None:
        if self.manager.count_queued() >= self.limits.queue:
            raise TooMany(f"The session's queue is full ({self.limits.queue} scenarios)", _RETRY_AFTER)

    def _check_idle(self, scenario_id: str) -> None:
        status = self.state(scenario_id).status
        if status in ACTIVE:
            raise Conflict(f"Scenario '{scenario_id}' is {status}; wait until it has ended")

    def _quick(self, scenario_id: str) -> Scenario[Any] | None:
        """A scenario that is in memory and quick to encode, else None."""
        scenario = self.manager.resident(scenario_id)
        return scenario if scenario is not None and self._timings.are_quick(scenario, _state(scenario)) else None

    def _scenario(self, scenario_id: str) -> Scenario[Any]:
        scenario: Scenario[Any] | None = self.manager.get_by_id(scenario_id)
        if scenario is not None:
            return scenario
        record = self.manager.get_record(scenario_id)
        if record is None:
            raise NotFound("Scenario", scenario_id)
        raise Conflict(
            f"Scenario '{scenario_id}' cannot be loaded: its algorithm '{record.algorithm_name}' or its dataset "
            f"'{record.input_data_key}' is not available on this server"
        )

    def _runnable(self, scenario_id: str) -> Scenario[Any]:
        scenario = self._scenario(scenario_id)
        status = self.state(scenario_id).status
        if status != "created":
            raise Conflict(f"Scenario '{scenario_id}' is {status}; only a created one can be run. Reset it first")
        self._check_queue()
        return scenario

    def _enqueued(self, scenario: Scenario[Any], time_limit: float | None = None) -> dict[str, Any]:
        # Read the form before the run can start: an instant algorithm may end at once.
        form = full_form(self.manager, scenario)
        self.manager.process_scenario_async(scenario, time_limit)
        return form | {"status": ScenarioStatus.QUEUED}

    def _outcome_of_run(self, scenario_id: str) -> RunOutcome:
        try:
            self.manager.process_scenario_async(self._runnable(scenario_id))
        except ApiError as error:
            return RunOutcome(scenario_id, False, str(error))
        except Exception:  # the other scenarios must be queued all the same
            _logger.exception("Scenario %r could not be queued", scenario_id)
            return RunOutcome(scenario_id, False, "Internal server error")
        return RunOutcome(scenario_id, True)

    @wrap_base_exceptions
    def _encoded(self, scenario: Scenario[Any]) -> bytes:
        return encode(full_form(self.manager, scenario))


def _state(scenario: Scenario[Any]) -> tuple[object, int]:
    """The key of the measured encoding time: it changes with the status and the result."""
    return scenario.status, id(scenario.result)
