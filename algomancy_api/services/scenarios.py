"""The operations on one session and its scenarios, and which of them run on the event loop or on a worker thread.

Lookups in memory run on the event loop. Calls that may use a disk, a database or megabytes, or that run user code, run
on a worker thread. The decorator of each method of `Session` and its bases, as `Datasets`, says which:

- none: on the event loop. An ``async`` method uses a worker thread if it would not be quick
  (`concurrency.loop_or_thread`).
- ``@on_worker``: on a worker thread, in parallel with other calls.
- ``@serial_with_scenarios``: on a worker thread, one at a time in a session: changes of scenarios.
- ``@serial_with_datasets``: on a worker thread, one at a time in a session: changes of datasets.
- ``@long_serial_with_datasets``: the same, on one of the few threads for calls that may take minutes.

A session is not deleted while one of its calls is in progress. Sessions never wait for each other. Only changes of the
datasets of the same session wait for an ETL.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

from algomancy_scenario import Scenario, ScenarioStatus
from msgspec.structs import replace

from ..concurrency.decorators import on_worker, serial_with_scenarios
from ..concurrency.gate import Gate
from ..concurrency.loop_or_thread import CallTimings
from ..concurrency.serial import SerialCalls
from ..concurrency.shared import SharedResults
from ..concurrency.workers import Workers
from ..engines import RunOptions
from ..engines.user_code import wrap_base_exceptions
from ..errors import Conflict, NotFound
from ..framework import ACTIVE, ApiScenarioManager, traceback_of
from ..framework.idempotency.pending import Effect, answer_with
from ..limits import Limits
from ..live.selection import Selection
from ..live.watched_scenario import State, state_of, states_of
from ..live.watcher import Watcher
from ..schemas import RunOutcome
from ..serialization.json_encoder import encode
from ..serialization.parameters.descriptors import describe_parameters
from .changes.bulk import Bulk
from .changes.queueing import check_queue, enqueue, enqueue_runnable
from .lists import Lists
from .run_logs import RunLogs
from .scenario_views import encoded_form, encoded_summaries, still_form
from .tables import Tables
from .wiring import Wiring
from .wrong_states import wrong_state


class Session(Bulk, Lists, Tables, RunLogs, Wiring):
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
            state: object = scenario_id, self.state(scenario_id).status, self._written(scenario_id)
        elif self._timings.are_quick(scenario, state := self._state(scenario)):
            return self._timings.on_loop(self._encoded, scenario, state)
        source: object = self.manager if scenario is None else scenario
        async with self._encodings.of(source, state, lambda _: self._scenario_on_worker(scenario_id)) as encoding:
            return encoding

    @on_worker
    def scenario_with_traceback(self, scenario_id: str) -> bytes:
        """The full form of a scenario, with the traceback of a failed run."""
        return self._encoded(self._scenario(scenario_id), traceback=True)

    @on_worker
    def state_with_traceback(self, scenario_id: str) -> State:
        """The status and progress of a scenario, with the traceback of a failed run."""
        state = self.state(scenario_id)
        result: object = self._scenario(scenario_id).result if state.status == "failed" else None
        return replace(state, traceback=traceback_of(result))

    @on_worker
    def processing(self) -> bytes:
        """The full form of the scenario that runs longest, or null."""
        for scenario in self.manager.running():
            position = self.manager.position(scenario.id)
            if position is not None and position[1] == "processing":
                return self._encoded(scenario)
        return encode(None)

    @on_worker
    def queue(self) -> list[State]:
        """The queued scenarios, the next one first."""
        return [state for state in states_of(self.manager, self.manager.queued_ids()) if state.status == "queued"]

    @on_worker
    def states(self, selection: Selection) -> list[State]:
        """The status and progress of some scenarios, or of all."""
        return list(states_of(self.manager, selection.of(self.manager)))

    # Changes ---------------------------------------------------------------------------------------------------

    async def run_scenario(self, scenario_id: str, options: RunOptions = RunOptions()) -> bytes:  # noqa: B008
        """Queue a created scenario and return its full form; on the event loop if that is quick and writes nothing."""
        async with self.gate.shared():
            async with self.scenario_calls.on_loop():
                if not self.manager.queue.is_kept and self._quick(scenario_id) is not None:
                    return self._run(scenario_id, options)
            return await self.scenario_calls.run(self._run, scenario_id, options)

    @serial_with_scenarios
    def run_scenarios(self, scenario_ids: Sequence[str], sender: str | None = None) -> list[RunOutcome]:
        """Queue the scenarios that can be run, in their order, and return the outcome of each."""
        return enqueue_runnable(self.manager, scenario_ids, partial(self._runnable, sender), sender)

    @serial_with_scenarios
    def cancel_scenario(self, scenario_id: str) -> bytes:
        """Remove a scenario from the queue, or ask its run to stop, and return its full form."""
        return self._encoded(self._cancel(scenario_id))

    @serial_with_scenarios
    def reset_scenario(self, scenario_id: str) -> bytes:
        """Discard a scenario's result, so that it can be run again, and return its full form."""
        scenario = self._built(scenario_id)
        answer_with(Effect.RESET, lambda _: encode(self._still(scenario, ScenarioStatus.CREATED)))
        self._reset(scenario_id)
        return self._encoded(scenario)

    @serial_with_scenarios
    def delete_scenario(self, scenario_id: str) -> None:
        """Delete a scenario with its result."""
        self._delete(scenario_id)

    # Helpers ---------------------------------------------------------------------------------------------------

    def _cancel(self, scenario_id: str) -> Scenario[Any]:
        scenario = self._scenario(scenario_id)
        if not self.manager.cancel(scenario_id):
            status = self.state(scenario_id).status
            # If it is active, its run has ended, and its result is being stored.
            raise wrong_state(scenario_id, "cancel", "ending" if status in ACTIVE else status)
        return scenario

    def _reset(self, scenario_id: str) -> None:
        self._built(scenario_id)
        self._check_idle(scenario_id)
        self.manager.refresh_scenario(scenario_id)

    def _delete(self, scenario_id: str) -> None:
        self._check_idle(scenario_id)
        if not self.manager.delete_scenario(scenario_id):
            raise NotFound("Scenario", scenario_id)

    @on_worker
    def _summaries_on_worker(self) -> bytes:
        amount = self.manager.count_scenarios()
        return self._timings.on_worker(self._encoded_summaries, self.manager, amount=amount)

    @on_worker
    def _scenario_on_worker(self, scenario_id: str) -> bytes:
        scenario = self._scenario(scenario_id)
        return self._timings.on_worker(self._encoded, scenario, self._state(scenario))

    @wrap_base_exceptions
    def _run(self, scenario_id: str, options: RunOptions) -> bytes:
        return encode(self._enqueued(self._runnable(options.sender, scenario_id), options))

    @wrap_base_exceptions
    def _encoded_summaries(self, manager: ApiScenarioManager) -> bytes:
        return encoded_summaries(manager)

    def _check_algorithm(self, name: str) -> None:
        if name not in self.manager.available_algorithms:
            raise NotFound("Algorithm", name)

    def _check_idle(self, scenario_id: str) -> None:
        status = self.state(scenario_id).status
        if status in ACTIVE:
            raise wrong_state(scenario_id, "change", status)

    def _quick(self, scenario_id: str) -> Scenario[Any] | None:
        """A scenario that is in memory and quick to encode, else None."""
        scenario = self.manager.resident(scenario_id)
        return scenario if scenario is not None and self._timings.are_quick(scenario, self._state(scenario)) else None

    def _scenario(self, scenario_id: str) -> Scenario[Any]:
        """A scenario to be read: what is stored of it, if it has ended and cannot be built."""
        scenario: Scenario[Any] | None = self.manager.get_by_id(scenario_id) or self.manager.stored(scenario_id)
        return scenario or self._built(scenario_id)

    def _built(self, scenario_id: str) -> Scenario[Any]:
        """A scenario to be changed."""
        scenario: Scenario[Any] | None = self.manager.get_by_id(scenario_id)
        if scenario is not None:
            return scenario
        if self.manager.tag_of(scenario_id) is None:
            raise NotFound("Scenario", scenario_id)
        raise Conflict(f"Scenario '{scenario_id}' cannot be loaded: {self.manager.why_not_built(scenario_id)}")

    def _runnable(self, sender: str | None, scenario_id: str, count: int = 1) -> Scenario[Any]:
        scenario = self._built(scenario_id)
        status = self.state(scenario_id).status
        if status != "created":
            raise wrong_state(scenario_id, "run", status)
        check_queue(self.manager, self.limits, sender, count)
        return scenario

    def _enqueued(self, scenario: Scenario[Any], options: RunOptions) -> dict[str, Any]:
        # Read the form before the run can start: an instant algorithm may end at once.
        form = self._still(scenario, ScenarioStatus.QUEUED)
        answer_with(Effect.QUEUED, lambda _: encode(form))
        enqueue(self.manager, [scenario], options)
        return form

    def _still(self, scenario: Scenario[Any], status: str) -> dict[str, Any]:
        return still_form(scenario, status, self.manager.annotations_of(scenario.id))

    def _first_form(self, scenario: Scenario[Any]) -> bytes:
        return self._timings.on_worker(self._encoded, scenario, self._state(scenario))

    @wrap_base_exceptions
    def _encoded(self, scenario: Scenario[Any], *, traceback: bool = False) -> bytes:
        return encoded_form(self.manager, scenario, traceback)

    def _state(self, scenario: Scenario[Any]) -> tuple[object, ...]:
        """The key of an encoding and of its measured time: it changes with all that the encoding shows."""
        return scenario.status, id(scenario.result), self._written(scenario.id)

    def _written(self, scenario_id: str) -> tuple[object, ...]:
        """What changes a scenario's encoding at any status."""
        manager = self.manager
        return manager.replacements, manager.tag_of(scenario_id), manager.annotations_of(scenario_id)
