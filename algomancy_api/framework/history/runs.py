"""The runs of a session's scenarios, in memory: the last ones of each, and the one that waits or runs."""

import functools
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from algomancy_scenario import Scenario, ScenarioStatus

from ...engines.run import Run
from .facts import RunFacts, facts_of
from .record import (
    HistoryRules,
    RunRecord,
    begun_record,
    ended_record,
    interrupted_record,
    queued_record,
    with_facts,
)

_logger = logging.getLogger("algomancy_api")

_ENDED = (ScenarioStatus.COMPLETE, ScenarioStatus.FAILED)


@dataclass
class OpenRun:
    """A run that waits or runs.

    Attributes:
        record: What is known of it.
        scenario: Its scenario.
        run: The run, once it has begun.
        began: When it began, by the monotonic clock.
    """

    record: RunRecord
    scenario: Scenario[Any]
    run: Run | None = None
    began: float | None = None
    _made: tuple[object, RunRecord] | None = None

    def begin(self, data: Any, run: Run) -> None:  # noqa: ANN401 - a dataset of any class
        """Note that it begins now, with a dataset."""
        self.record = begun_record(self.record, self.scenario, data)
        self.run, self.began = run, time.monotonic()

    def end(self) -> RunRecord:
        """The record of its end, made once for each outcome, since it has the time of the end."""
        outcome = self.scenario.status, id(self.scenario.result)
        if self._made is None or self._made[0] != outcome:
            seconds = None if self.began is None else time.monotonic() - self.began
            self._made = outcome, ended_record(self.record, self.scenario, self.run, seconds)
        return self._made[1]

    def shown(self) -> RunRecord:
        """What is known of it now."""
        return self.record if self.run is None else with_facts(self.record, self.run)


def never_failing[**P](note: Callable[P, None]) -> Callable[P, None]:
    """A decorator for a method that notes something: no run fails because its history cannot be written."""

    @functools.wraps(note)
    def noted(*arguments: P.args, **keywords: P.kwargs) -> None:
        try:
            note(*arguments, **keywords)
        except Exception:
            _logger.warning("The history of a run is incomplete", exc_info=True)

    return noted


class RunHistory:
    """The runs of a session's scenarios.

    Attributes:
        rules: What the configuration says about it.
    """

    def __init__(self) -> None:
        self.rules = HistoryRules()
        self._lock = threading.Lock()
        self._open: dict[str, OpenRun] = {}
        self._numbers: dict[str, int] = {}
        self._ended: dict[str, deque[RunRecord]] = {}

    def of(self, scenario_id: str) -> list[RunRecord]:
        """The runs of a scenario, the newest first. One that has not ended has no time of its end."""
        with self._lock:
            records = list(self._ended.get(scenario_id, ()))
            run = self._open.get(scenario_id)
        if run is not None:
            # Its status is seen for a moment before its end is noted.
            records.insert(0, run.end() if run.scenario.status in _ENDED else run.shown())
        return records

    def latest(self, scenario_ids: Iterable[str]) -> dict[str, RunFacts]:
        """The facts of the last run of each scenario that has one, by scenario."""
        wanted = list(scenario_ids)
        with self._lock:
            last = {key: runs[0] for key in wanted if (runs := self._ended.get(key))}
            under_way = [key for key in wanted if key in self._open]
        last |= {key: records[0] for key in under_way if (records := self.of(key))}
        return {key: facts_of(record) for key, record in last.items()}

    @never_failing
    def queued(self, scenario: Scenario[Any], time_limit: float | None) -> None:
        """Note that a run is queued."""
        if not self.rules.keep_runs:
            return
        with self._lock:
            number = self._numbers.get(scenario.id, 0) + 1
            self._open[scenario.id] = OpenRun(queued_record(number, scenario, time_limit, self.rules), scenario)
            self._numbers[scenario.id] = number

    def resumed(self, scenario: Scenario[Any], time_limit: float | None) -> None:
        """Note that a run is queued again after a restart."""
        self.queued(scenario, time_limit)

    @never_failing
    def begun(self, scenario: Scenario[Any], data: Any, run: Run) -> None:  # noqa: ANN401 - of any class
        """Note that a run begins, with its dataset."""
        if (waiting := self._open.get(scenario.id)) is not None:
            waiting.begin(data, run)

    @never_failing
    def ended(self, scenario: Scenario[Any]) -> None:
        """Note that the outcome of a run is stored."""
        with self._lock:
            if (run := self._open.pop(scenario.id, None)) is not None:
                self._add(scenario.id, run.end())

    @never_failing
    def cut_off(self, scenario_id: str) -> None:
        """Note that a run, or the wait for it, has ended without an outcome."""
        with self._lock:
            if (run := self._open.get(scenario_id)) is not None and run.record.started is not None:
                self._add(scenario_id, interrupted_record(run.shown()))
                del self._open[scenario_id]
        self.drop(scenario_id)

    def drop(self, scenario_id: str) -> None:
        """Forget a run that never began."""
        with self._lock:
            if (run := self._open.pop(scenario_id, None)) is not None:
                self._numbers[scenario_id] = run.record.number - 1

    def drop_waiting(self, scenario_ids: Iterable[str]) -> None:
        """Forget the runs of scenarios that waited when the server ended, and are not queued again: here, of none."""

    def forget(self, scenario_id: str) -> None:
        """Forget all runs of a scenario that is deleted."""
        self.drop(scenario_id)
        with self._lock:
            self._ended.pop(scenario_id, None)
            self._numbers.pop(scenario_id, None)

    def _add(self, scenario_id: str, record: RunRecord) -> None:
        """Add the record of a run that has ended. Needs the lock."""
        scenario_runs = self._ended.setdefault(scenario_id, deque(maxlen=self.rules.keep_runs))
        scenario_runs.appendleft(record)
