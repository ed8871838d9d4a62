"""A session's queue and its worker threads: queued scenarios can be removed, and runs can be stopped."""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from typing import Any, NamedTuple

from algomancy_scenario import Scenario, ScenarioStatus
from algomancy_scenario.scenarioprocessor import ScenarioProcessor
from algomancy_utils import Logger, MessageStatus

from ..engines.options import RunOptions
from ..engines.output.run_logs import RunLogs
from ..engines.run import CANCELLED, Run
from .run_outcomes import RunListener, fail, ignore_run, outcome_of
from .session.one_run import process
from .session.run_limits import RunLimits

#: Seconds: an idle worker thread waits for the next scenario, and is waited for at the end.
_IDLE = 1

#: Sets a scenario to `processing`, and returns the dataset of its run.
type Begin = Callable[[Scenario[Any], Run], Any]

#: Keeps that scenarios are queued, with the options of their runs.
type Keep = Callable[[Sequence[Scenario[Any]], RunOptions], None]

#: Shows the final status of a scenario, and stores its run. False if the session is closed, and the run does not count.
type Store = Callable[[Scenario[Any], ScenarioStatus], bool]


class _Entry(NamedTuple):
    scenario: Scenario[Any]
    run: Run


class ApiScenarioProcessor(ScenarioProcessor):
    """The framework's processor with another queue: an ordered dict, which has each scenario at most once.

    Several of its scenarios can run at the same time, each on a thread. They begin in the order of the queue. A thread
    ends when there is nothing to do, so that idle sessions take none.

    Args:
        logger: The logger of the session.
        on_processed: Called when a run has ended, before its thread begins the next one.
        on_abandoned: Called instead of `on_processed` for a run that is discarded.
        on_run_ended: Called after `on_processed`, but not for discarded runs.
        begin: Sets a scenario to `processing`, and returns the dataset of its run.
        keep: Keeps that scenarios are queued, before they are.
        limits: The limits of the runs of the app.
        logs: The logs of the runs.
    """

    def __init__(
        self,
        logger: Logger,
        on_processed: Store,
        on_abandoned: Callable[[Scenario[Any]], None],
        on_run_ended: RunListener = ignore_run,
        *,
        begin: Begin,
        keep: Keep,
        limits: RunLimits,
        logs: RunLogs | None = None,
    ) -> None:
        self._changed = threading.Condition()
        self._waiting: dict[str, _Entry] = {}
        self._running: list[_Entry] = []  # the one that runs longest first
        self._threads: set[threading.Thread] = set()
        self._idle = self._unfinished = 0
        self._is_ending = False
        self._log = logger
        self._store = on_processed
        self._abandon = on_abandoned
        self._on_run_ended = on_run_ended
        self._begin = begin
        self._keep = keep
        self._limits = limits
        self._logs = RunLogs() if logs is None else logs
        self._queueing, self._beginning = threading.Lock(), threading.Lock()
        super().__init__(logger)

    @property
    def currently_processing(self) -> Scenario[Any] | None:
        """The scenario that runs longest; None if none runs."""
        return next(iter(self.running()), None)

    def running(self) -> list[Scenario[Any]]:
        """The scenarios that run or are being stored, the one that began first in front."""
        with self._changed:
            return [entry.scenario for entry in self._running]

    def threads(self) -> list[threading.Thread]:
        """The worker threads that have not ended."""
        with self._changed:
            return list(self._threads)

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

    def enqueue(self, scenario: Scenario[Any], options: RunOptions = RunOptions()) -> None:  # noqa: B008 - immutable
        """Append a scenario to the queue, as `enqueue_all` does."""
        self.enqueue_all([scenario], options, all_or_none=True)

    def enqueue_all(
        self, scenarios: Sequence[Scenario[Any]], options: RunOptions, *, all_or_none: bool = False
    ) -> list[str]:
        """Append scenarios to the queue; no effect on those that are queued or running. It is kept once for all.

        Args:
            scenarios: The scenarios.
            options: The options of the run of each.
            all_or_none: Whether none is queued if the sender may not have all; else as many are as it may have.

        Returns:
            The ids of the others.

        Raises:
            DatabaseUnavailable: It cannot be kept that they are queued, so none of them is.
            TooManyRuns: Of all or none, it is none.
        """
        every = [_Entry(scenario, Run(scenario.id, *options)) for scenario in scenarios]
        with self._queueing:  # the order of the queue is that in which it is kept
            new = [entry for entry in every if not self._has(entry.scenario)]
            taken = new[: self._limits.take(options.sender, len(new), all_or_none=all_or_none)]
            try:
                self._keep([entry.scenario for entry in taken], options)
            except BaseException:
                self._limits.release(options.sender, len(taken))
                raise
            for entry in taken:
                self._append(entry)
        return [entry.scenario.id for entry in new[len(taken) :]]

    def resume(self, scenario: Scenario[Any], options: RunOptions) -> None:
        """Append a scenario to the queue of which it is kept already that it is queued."""
        self._limits.add(options.sender)
        self._append(_Entry(scenario, Run(scenario.id, *options)))

    def _has(self, scenario: Scenario[Any]) -> bool:
        with self._changed:
            if scenario.status == ScenarioStatus.CREATED:  # reset, perhaps before the thread of its last run has ended
                return scenario.id in self._waiting
            return scenario.id in self._waiting or any(entry.scenario is scenario for entry in self._running)

    def _append(self, entry: _Entry) -> None:
        scenario = entry.scenario
        with self._changed:
            self._logs.begin(entry.run)
            scenario.set_queued()
            self._waiting[scenario.id] = entry
            self._unfinished += 1
            self._add_thread()
            self._changed.notify_all()

    def _add_thread(self) -> None:
        """Start a thread if a scenario waits that no idle one will take. Needs the lock."""
        is_needed = len(self._waiting) > self._idle and len(self._threads) < max(self._limits.of_session(), 1)
        if self._is_ending or not is_needed:
            return
        thread = threading.Thread(target=self._work, name="algomancy-api run", daemon=True)
        with suppress(RuntimeError) if self._threads else nullcontext():  # too many threads: another one will take it
            thread.start()
            self._threads.add(thread)

    def cancel(self, scenario_id: str) -> bool:
        """Remove a scenario from the queue, or ask its run to stop; False if it is neither queued nor running."""
        return self._end(scenario_id, lambda run: run.stop(CANCELLED))

    def stop(self, scenario_id: str, grace: float) -> bool:
        """Remove a scenario from the queue, or ask its run to end with what it has; False as in `cancel`.

        Args:
            scenario_id: The id of the scenario.
            grace: Seconds: the run is stopped if it has not ended then.
        """
        return self._end(scenario_id, lambda run: run.ask_to_end(grace))

    def _end(self, scenario_id: str, end: Callable[[Run], bool]) -> bool:
        with self._changed:
            waiting = self._waiting.pop(scenario_id, None)
            runs = [entry.run for entry in self._running if entry.scenario.id == scenario_id]
        if waiting is not None:
            waiting.run.stop(CANCELLED)
            self._conclude(waiting, fail(waiting.scenario, CANCELLED))
            return True
        return True in [end(run) for run in runs]

    def wait_for_processing(self) -> None:
        """Wait until no scenario is queued, running or being stored."""
        with self._changed:
            self._changed.wait_for(self.is_idle)

    def shutdown(self) -> None:
        """End the worker threads once the queue is empty."""
        with self._changed:
            self._is_ending = True
            self._changed.notify_all()
        for thread in self.threads():
            thread.join()

    def close(self) -> list[Scenario[Any]]:
        """Empty the queue and return its scenarios; end the worker threads, without waiting for runs."""
        with self._changed:
            dropped = list(self._waiting.values())
            self._waiting.clear()
            self._unfinished -= len(dropped)
            self._is_ending = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: len(self._threads) <= len(self._running), _IDLE)
        for entry in dropped:
            self._limits.release(entry.run.sender)
        return [entry.scenario for entry in dropped]

    def _process_scenarios_worker(self) -> None:
        """Do nothing: the framework starts this thread at once, this class its own when there is work."""

    def _work(self) -> None:
        while self._has_work():
            self._run_next()

    def _has_work(self) -> bool:
        """Wait for a queued scenario; False, which ends the thread, if there has been none for a while."""
        with self._changed:
            self._idle += 1
            self._changed.wait_for(lambda: self._waiting or self._is_ending, _IDLE)
            self._idle -= 1
            if not self._waiting:
                self._threads.discard(threading.current_thread())
                self._changed.notify_all()
            return bool(self._waiting)

    def _run_next(self) -> None:
        """Run the next scenario. An idle thread keeps none of it: a deleted dataset must not stay alive."""
        with self._beginning:  # in the order of the queue
            entry = self._taken()
            if entry is None:
                return
            self._log.log(f"Processing scenario '{entry.scenario.tag}'...")
            start = time.perf_counter()
            data = self._begin(*entry)
        status = process(*entry, data, self._log)
        del data
        self._conclude(entry, status, time.perf_counter() - start)

    def _taken(self) -> _Entry | None:
        """The next scenario of the queue; None if another thread has taken it, or it was cancelled."""
        with self._changed:
            if not self._waiting:
                return None
            entry = self._waiting.pop(next(iter(self._waiting)))
            self._running.append(entry)
            self._add_thread()  # the limit may have grown
            return entry

    def _conclude(self, entry: _Entry, status: ScenarioStatus, seconds: float | None = None) -> None:
        """Show and store how a run has ended. The status becomes visible here, once, and for all at the same time."""
        scenario, counts = entry.scenario, False
        self._limits.release(entry.run.sender)  # before a client can see that the run has ended
        try:
            if entry.run.is_abandoned:
                self._abandon(scenario)
            else:
                counts = self._store(scenario, status)
        except Exception as error:
            counts, status = True, ScenarioStatus.FAILED
            self._log.log(f"The end of scenario '{scenario.tag}' could not be stored.", MessageStatus.ERROR)
            self._log.log_traceback(error)
        self._logs.end(entry.run)
        if counts:
            self._log.log(f"Scenario '{scenario.tag}' ended: {status}.")
        if counts and (outcome := outcome_of(entry.run, status)) is not None:
            self._on_run_ended(outcome, seconds)
        with self._changed:
            self._running = [other for other in self._running if other is not entry]
            self._unfinished -= 1
            self._changed.notify_all()
