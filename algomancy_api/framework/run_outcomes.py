"""Outcomes of runs, for metrics."""

from collections.abc import Callable
from enum import StrEnum

from algomancy_scenario import ScenarioStatus

from ..engines.run import CANCELLED, Run


class Outcome(StrEnum):
    """The outcome of a run."""

    COMPLETE = "complete"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"


_BY_STATUS = {ScenarioStatus.COMPLETE: Outcome.COMPLETE, ScenarioStatus.FAILED: Outcome.FAILED}

#: Callback for the end of a run: its outcome, and its seconds (None if it never began). Called on the run's thread.
type RunListener = Callable[[Outcome, float | None], None]


def ignore_run(_outcome: Outcome, _seconds: float | None) -> None:
    """The default listener, which does nothing."""


def outcome_of(run: Run, status: ScenarioStatus) -> Outcome | None:
    """The outcome of a run from the status of its scenario; None for a run that was abandoned."""
    if status == ScenarioStatus.FAILED and run.should_stop:
        return Outcome.CANCELLED if run.reason == CANCELLED else Outcome.TIMED_OUT
    return _BY_STATUS.get(status)
