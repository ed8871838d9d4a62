"""How a run has ended, for who counts them."""

from collections.abc import Callable
from enum import StrEnum

from algomancy_scenario import ScenarioStatus

from ..engines.run import CANCELLED, Run


class Outcome(StrEnum):
    """What became of a run."""

    COMPLETE = "complete"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"


_BY_STATUS = {ScenarioStatus.COMPLETE: Outcome.COMPLETE, ScenarioStatus.FAILED: Outcome.FAILED}

#: Is told the outcome of a run and how long it took, in seconds, or None if it never began; on the thread of the run.
type RunListener = Callable[[Outcome, float | None], None]


def ignore_run(_outcome: Outcome, _seconds: float | None) -> None:
    """Nobody counts."""


def outcome_of(run: Run, status: ScenarioStatus) -> Outcome | None:
    """The outcome of a run whose scenario has a status now; None for one that is as if it had never been."""
    if status == ScenarioStatus.FAILED and run.should_stop:
        return Outcome.CANCELLED if run.reason == CANCELLED else Outcome.TIMED_OUT
    return _BY_STATUS.get(status)
