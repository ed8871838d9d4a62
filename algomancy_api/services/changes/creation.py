"""Scenarios created, and queued if the request asks for that."""

from typing import Any

from algomancy_scenario import Scenario, ScenarioStatus
from algomancy_utils.baseparameterset import BaseParameterSet

from ...concurrency.decorators import serial_with_scenarios
from ...engines import RunOptions
from ...errors import Conflict, TooMany
from ...framework import NewScenario
from ...framework.idempotency.pending import Effect, answer_with
from ...schemas import CreateScenario
from ...serialization.json_encoder import encode
from ...serialization.parameters.values import checked_values
from ..scenario_views import still_form
from .annotations import Annotating, new_annotations
from .queueing import check_queue


class Creation(Annotating):
    """A mixin of `Session`, which has the methods that it does not define."""

    def _check_algorithm(self, name: str) -> None:
        raise NotImplementedError

    def _enqueued(self, scenario: Scenario[Any], options: RunOptions) -> dict[str, Any]:
        raise NotImplementedError

    def _first_form(self, scenario: Scenario[Any]) -> bytes:
        raise NotImplementedError

    @serial_with_scenarios
    def create_scenario(self, body: CreateScenario, sender: str | None = None) -> bytes:
        """Create a scenario, queue it if the request asks for that, and return its full form."""
        return self._create(self._planned(body), bool(body.run), sender)

    def _planned(self, body: CreateScenario) -> NewScenario:
        """What is to be created for a request, checked.

        Raises:
            NotFound: There is no such algorithm or dataset.
            Conflict: The tag is taken.
            ParameterError: The value of a parameter is wrong.
        """
        self._check_algorithm(body.algo_name)
        dataset = self._dataset(body.dataset_key)
        if self.manager.has_tag(body.tag):
            raise Conflict(f"A scenario with tag '{body.tag}' already exists")
        algorithm_parameters: BaseParameterSet = self.manager.get_algorithm_parameters(body.algo_name)
        return NewScenario(
            body.tag,
            body.dataset_key,
            body.algo_name,
            checked_values(algorithm_parameters, body.algo_params or {}),
            checked_values(dataset.initialize_data_parameters(), body.data_params or {}),
            new_annotations(body.labels, body.note),
        )

    def _create(self, new: NewScenario, run: bool, sender: str | None) -> bytes:
        if is_run := run or self.manager.auto_run_scenarios:
            check_queue(self.manager, self.limits, sender)
        status = ScenarioStatus.QUEUED if is_run else ScenarioStatus.CREATED
        answer_with(Effect.SCENARIO, lambda added: encode(still_form(added, status, new.annotations)))
        with self.manager.queue.with_new([RunOptions(sender=sender) if is_run else None]):
            [scenario] = self.manager.create_scenarios([new])
        if run and not self.manager.auto_run_scenarios:  # else it is queued already
            try:
                return encode(self._enqueued(scenario, RunOptions(sender=sender)))
            except TooMany:  # the sender has queued another one meanwhile
                self.manager.delete_scenario(scenario.id)
                raise
        return self._first_form(scenario)
