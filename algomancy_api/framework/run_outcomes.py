"""Outcomes of runs: what metrics count, what a client reads of a failure, and what runs have reported."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final, Literal, NamedTuple

from algomancy_scenario import Scenario, ScenarioStatus
from algomancy_utils import Measurement

from ..engines.reports import Point, Reports
from ..engines.run import CANCELLED, UNSOLVED, Run
from ..serialization.encodable import check_encodable
from ..serialization.json_encoder import UnencodableValue


class Outcome(StrEnum):
    """The outcome of a run."""

    COMPLETE = "complete"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"


_BY_STATUS = {ScenarioStatus.COMPLETE: Outcome.COMPLETE, ScenarioStatus.FAILED: Outcome.FAILED}

#: How a run ended that was asked to end with what it had.
STOPPED: Final = "stopped"

#: Statuses of a scenario whose run has ended.
ENDED = (ScenarioStatus.COMPLETE, ScenarioStatus.FAILED)

_BY_REASON = {CANCELLED: Outcome.CANCELLED, UNSOLVED: Outcome.FAILED}

#: Callback for the end of a run: its outcome, and its seconds (None if it never began). Called on the run's thread.
type RunListener = Callable[[Outcome, float | None], None]


def ignore_run(_outcome: Outcome, _seconds: float | None) -> None:
    """The default listener, which does nothing."""


def outcome_of(run: Run, status: ScenarioStatus) -> Outcome | None:
    """The outcome of a run from the status of its scenario; None for a run that was abandoned."""
    if status == ScenarioStatus.FAILED and run.should_stop:
        return _BY_REASON.get(run.reason, Outcome.TIMED_OUT)
    return _BY_STATUS.get(status)


class FailedRun(dict[str, str | None]):
    """The result of a failed run, ``{"error": reason}``, as the framework has it.

    Attributes:
        traceback: The traceback of the user's code; None if there is none.
    """

    def __init__(self, error: str | None, traceback: str | None = None) -> None:
        super().__init__(error=error)
        self.traceback = traceback


def error_of(scenario: Scenario[Any]) -> str | None:
    """The reason why a scenario's run failed; None if it has not."""
    result: Any = scenario.result
    return result.get("error") if scenario.status == ScenarioStatus.FAILED and isinstance(result, dict) else None


def traceback_of(result: object) -> str | None:
    """The traceback of the user's code, from the result of a failed run; None from any other result."""
    return result.traceback if isinstance(result, FailedRun) else None


def fail(scenario: Scenario[Any], reason: str | None, traceback: str | None = None) -> ScenarioStatus:
    """Give a scenario the result of a failed run, with a reason and without KPI values, and return the status."""
    for kpi in scenario.kpis.values():
        kpi._measurement.value = Measurement.INITIAL_VALUE
    result: Any = FailedRun(reason, traceback)
    scenario.result = result
    return ScenarioStatus.FAILED


def check_form(result: Any) -> None:  # noqa: ANN401 - of any class
    """Refuse a result that could never be shown, while its scenario is not complete yet.

    Raises:
        UnencodableValue: It cannot become JSON.
    """
    try:
        check_encodable(result.to_dict() if hasattr(result, "to_dict") else result)
    except Exception as error:
        raise UnencodableValue(f"The result cannot become JSON: {error}") from error


class Reported(NamedTuple):
    """The last that a run has reported, and whether it was stopped and has kept what it had."""

    is_stopped: bool = False
    objective: float | None = None
    bound: float | None = None
    gap: float | None = None


#: Of a run that has reported nothing, and was not stopped.
NOT_REPORTED = Reported()


class KeptReports:
    """What the runs of a session have reported, until the next run or a reset: in memory, without a database."""

    def __init__(self) -> None:
        self._live: dict[str, Reports] = {}

    def begin(self, scenario_id: str, reports: Reports) -> None:
        """Take the reports of a run that begins."""
        self.forget(scenario_id)
        self._live[scenario_id] = reports

    def live(self, scenario_id: str) -> Reports | None:
        """The reports of a run that is under way, or has just ended."""
        return self._live.get(scenario_id)

    def last(self, scenario_id: str) -> Reported:
        """The last that a run has reported, without a wait."""
        if (reports := self._live.get(scenario_id)) is None:
            return NOT_REPORTED
        latest = reports.latest
        return Reported(reports.is_stopped, *(latest[1:4] if latest else ()))

    def ended(self, scenario_id: str, status: str) -> Literal["stopped"] | None:
        """How a complete run ended, if it was asked to end with what it had. The status is the scenario's."""
        return STOPPED if status == ScenarioStatus.COMPLETE and self.last(scenario_id).is_stopped else None

    def points(self, scenario_id: str) -> list[Point]:
        """All that is kept of a run's reports; may read a database."""
        reports = self._live.get(scenario_id)
        return [] if reports is None else reports.points()

    def forget(self, scenario_id: str) -> None:
        """Forget the reports of a scenario that has a new run or none."""
        self._live.pop(scenario_id, None)
