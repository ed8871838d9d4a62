"""Many scenarios deleted, cancelled or reset by one request, with an outcome for each."""

import logging
from collections.abc import Callable, Sequence
from itertools import batched, islice
from typing import Any, Literal

from ...concurrency.decorators import on_worker, serial_with_scenarios
from ...errors import ApiError, Malformed
from ...framework import StorageFull
from ...listing.filters import tests_of
from ...listing.pages import matching
from ...schemas.batches import MOST_CHANGED, ScenarioOutcome, SomeScenarios
from .batches import Batches

_logger = logging.getLogger("algomancy_api")

#: Scenarios: changed at a time. Other changes of the session come between.
_AT_A_TIME = 20

type Action = Literal["delete", "cancel", "reset"]


class Bulk(Batches):
    """A mixin of `Session`, which has the methods that it does not define."""

    def _cancel(self, scenario_id: str) -> object:
        raise NotImplementedError

    def _reset(self, scenario_id: str) -> object:
        raise NotImplementedError

    def _delete(self, scenario_id: str) -> object:
        raise NotImplementedError

    async def change_scenarios(self, action: Action, body: SomeScenarios) -> list[ScenarioOutcome]:
        """Do something with each of some scenarios, and return the outcome of each."""
        outcomes: dict[int, ScenarioOutcome] = {}
        ids = await self._chosen(body)
        first = {scenario_id: number for number, scenario_id in reversed(list(enumerate(ids)))}
        for some in batched(first.items(), _AT_A_TIME, strict=False):
            for (_, number), outcome in zip(some, await self._change(action, [each for each, _ in some]), strict=True):
                outcomes[number] = outcome
        return [outcomes.get(number) or _repeated(scenario_id) for number, scenario_id in enumerate(ids)]

    @on_worker
    def _chosen(self, body: SomeScenarios) -> list[str]:
        """The ids of the scenarios of a request.

        Raises:
            Malformed: It has both ids and a filter, or neither; or the filter has no meaning, or too many scenarios.
        """
        if (body.ids is None) == (body.filter is None):
            raise Malformed("The body has either ids or a filter")
        if body.filter is None:
            return body.ids or []
        tests = tests_of(body.filter, self.manager.available_kpis)
        ids = [row.place.id for row in islice(matching(self.manager, tests), MOST_CHANGED + 1)]
        if len(ids) > MOST_CHANGED:
            raise Malformed(f"More than {MOST_CHANGED} scenarios pass the filter; add a condition")
        return ids

    @serial_with_scenarios
    def _change(self, action: Action, ids: Sequence[str]) -> list[ScenarioOutcome]:
        changes: dict[Action, Callable[[str], object]] = {
            "delete": self._delete,
            "cancel": self._cancel,
            "reset": self._reset,
        }
        return [_outcome(changes[action], scenario_id) for scenario_id in ids]


def _outcome(change: Callable[[str], Any], scenario_id: str) -> ScenarioOutcome:
    try:
        change(scenario_id)
    except ApiError as error:
        return ScenarioOutcome(scenario_id, False, str(error))
    except StorageFull:
        return ScenarioOutcome(scenario_id, False, "A disk of the server is full")
    except Exception:  # the others must be changed all the same
        _logger.exception("Scenario %r could not be changed", scenario_id)
        return ScenarioOutcome(scenario_id, False, "Internal server error")
    return ScenarioOutcome(scenario_id, True)


def _repeated(scenario_id: str) -> ScenarioOutcome:
    return ScenarioOutcome(scenario_id, False, f"Scenario '{scenario_id}' is in the list more than once")
