"""Scenarios that are put into the queue, within the limits of the session and of the sender."""

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from algomancy_scenario import Scenario

from ...engines import RunOptions
from ...errors import ApiError, Conflict, TooMany
from ...framework import ApiScenarioManager, TooManyRuns
from ...framework.idempotency.pending import Effect, answer_with
from ...limits import Limits
from ...schemas import RunOutcome, RunOutcomes
from ...serialization.json_encoder import encode

_logger = logging.getLogger("algomancy_api")

#: Seconds: Retry-After when the queue is full, or the sender has too many scenarios.
_RETRY_AFTER = 10


def check_queue(manager: ApiScenarioManager, limits: Limits, sender: str | None, count: int = 1) -> None:
    """Check that the sender of a request may queue some more scenarios.

    Args:
        manager: The manager of the session.
        limits: The limits of requests.
        sender: The sender.
        count: Their number.

    Raises:
        TooMany: It may not.
    """
    if manager.count_queued() + count > limits.queue:
        raise TooMany(f"The session's queue is full ({limits.queue} scenarios)", _RETRY_AFTER)
    try:
        manager.run_limits.check(sender, count)
    except TooManyRuns as error:
        raise TooMany(str(error), _RETRY_AFTER) from error


def enqueue(manager: ApiScenarioManager, scenarios: Sequence[Scenario[Any]], options: RunOptions) -> None:
    """Put scenarios into the queue, all or none.

    Raises:
        TooMany: The sender has queued others meanwhile.
    """
    try:
        manager.process_all(scenarios, options, all_or_none=True)
    except TooManyRuns as error:
        raise TooMany(str(error), _RETRY_AFTER) from error


def enqueue_runnable(
    manager: ApiScenarioManager,
    scenario_ids: Iterable[str],
    runnable: Callable[[str, int], Scenario[Any]],
    sender: str | None,
) -> list[RunOutcome]:
    """Put those of several scenarios that can be run into the queue, all at once, and return the outcome of each.

    Args:
        manager: The manager of the session.
        scenario_ids: Their ids, in their order.
        runnable: Gives a scenario that can be queued as the last of some number, or raises an error.
        sender: The sender of the request.
    """
    outcomes: list[RunOutcome] = []
    scenarios: dict[str, Scenario[Any]] = {}
    seen: set[str] = set()
    for scenario_id in scenario_ids:
        try:
            if scenario_id in seen:
                raise Conflict(f"Scenario '{scenario_id}' is in the list more than once")
            scenarios[scenario_id] = runnable(scenario_id, len(scenarios) + 1)
        except ApiError as error:
            outcomes.append(RunOutcome(scenario_id, False, str(error)))
        except Exception:  # the other scenarios must be queued all the same
            _logger.exception("Scenario %r could not be queued", scenario_id)
            outcomes.append(RunOutcome(scenario_id, False, "Internal server error"))
        else:
            outcomes.append(RunOutcome(scenario_id, True))
        seen.add(scenario_id)

    def without(refused: Collection[str]) -> list[RunOutcome]:
        refusal = manager.run_limits.refusal
        return [RunOutcome(one.id, False, refusal) if one.queued and one.id in refused else one for one in outcomes]

    answer_with(Effect.QUEUED, lambda queued: encode(RunOutcomes(without(scenarios.keys() - set(queued)))))
    return without(manager.process_all(list(scenarios.values()), RunOptions(sender=sender)))
