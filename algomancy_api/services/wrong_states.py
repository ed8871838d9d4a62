"""Errors of requests that the state of a scenario does not allow: they name the state and the call that helps."""

from ..errors import Conflict

_RESET = "reset it first (POST …/reset)"
_CANCEL = "wait until it has ended, or cancel it (POST …/cancel)"
_WAIT = "wait until it has ended"

#: The remedy by action and status. A change is a reset or a deletion.
_REMEDIES = {
    ("run", "complete"): _RESET,
    ("run", "failed"): _RESET,
    ("run", "queued"): _CANCEL,
    ("run", "processing"): _CANCEL,
    ("cancel", "created"): "only a queued or processing one can be cancelled; run it first (POST …/run)",
    (
        "cancel",
        "complete",
    ): "only a queued or processing one can be cancelled; to run it again, reset it (POST …/reset)",
    ("cancel", "failed"): "only a queued or processing one can be cancelled; to run it again, reset it (POST …/reset)",
    ("cancel", "ending"): _WAIT,
    ("stop", "created"): "only a queued or processing one can be stopped; run it first (POST …/run)",
    ("stop", "complete"): "only a queued or processing one can be stopped; to run it again, reset it (POST …/reset)",
    ("stop", "failed"): "only a queued or processing one can be stopped; to run it again, reset it (POST …/reset)",
    ("stop", "ending"): _WAIT,
    ("best", "created"): "it has no result yet; run it first (POST …/run)",
    ("best", "queued"): "it has no result yet; wait until it runs",
    ("best", "processing"): "its algorithm has not reported a result yet; wait for one (GET …/progress)",
    ("best", "failed"): "its reported results are gone; to run it again, reset it (POST …/reset)",
    ("change", "queued"): _CANCEL,
    ("change", "processing"): _CANCEL,
}


def wrong_state(scenario_id: str, action: str, status: str) -> Conflict:
    """The error for an action that a status does not allow."""
    return Conflict(f"Scenario '{scenario_id}' is {status}; {_REMEDIES.get((action, status), _WAIT)}")
