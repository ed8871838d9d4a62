"""Copies of scenarios, and many created at once."""

from itertools import compress, count
from typing import Any

import msgspec
from algomancy_scenario import ScenarioStatus
from algomancy_utils.baseparameterset import BaseParameterSet, ParameterError

from ...concurrency.decorators import serial_with_scenarios
from ...engines import RunOptions
from ...errors import NotFound
from ...framework import NO_ANNOTATIONS, NewScenario
from ...framework.idempotency.pending import Effect, answer_with
from ...schemas import CreateScenario
from ...schemas.batches import CopyScenario, CreateScenarios
from ...serialization.json_encoder import encode
from ...serialization.parameters.values import stored_values
from ..scenario_views import encoded_list, new_summaries, summary
from .annotations import changed
from .creation import Creation
from .grids import scenarios_of
from .queueing import check_queue, enqueue


class Batches(Creation):
    """A mixin of `Session`, which has the methods that it does not define."""

    @serial_with_scenarios
    def copy_scenario(self, scenario_id: str, body: CopyScenario, sender: str | None = None) -> bytes:
        """Create a scenario that is like another but for what the request says, and return its full form."""
        return self._create(self._planned(self._copied(scenario_id, body)), bool(body.run), sender)

    @serial_with_scenarios
    def create_scenarios(self, body: CreateScenarios, sender: str | None = None) -> bytes:
        """Create all scenarios of a batch, or none, and return their summaries."""
        bodies = scenarios_of(body)
        new = [self._planned_in_batch(each) for each in bodies]
        is_auto = self.manager.auto_run_scenarios
        are_run = [bool(is_auto or body.run or each.run) for each in bodies]
        if any(are_run):
            check_queue(self.manager, self.limits, sender, sum(are_run))
        statuses = [ScenarioStatus.QUEUED if is_run else ScenarioStatus.CREATED for is_run in are_run]
        annotations = [each.annotations for each in new]
        answer_with(Effect.BATCH, lambda added: new_summaries(added, statuses, annotations))
        options = RunOptions(sender=sender)
        with self.manager.queue.with_new([options if is_run else None for is_run in are_run]):
            created = self.manager.create_scenarios(new)
        sources = [self.manager.source_of(scenario.id) or scenario for scenario in created]
        if is_auto:  # they are queued already
            return encoded_list(self.manager, sources)
        answer = new_summaries(sources, statuses, annotations)  # before a run can start, as that of one scenario
        try:
            if to_run := list(compress(created, are_run)):
                enqueue(self.manager, to_run, options)
        except BaseException:
            for scenario in created:
                self.manager.delete_scenario(scenario.id)
            raise
        return answer

    def _planned_in_batch(self, body: CreateScenario) -> NewScenario:
        try:
            return self._planned(body)
        except ParameterError as error:
            raise ParameterError(f"Scenario {body.tag!r}: {error}") from error

    def _copied(self, scenario_id: str, body: CopyScenario) -> CreateScenario:
        source = self.manager.source_of(scenario_id)
        if source is None:
            raise NotFound("Scenario", scenario_id)
        other = summary(self.manager, source)
        name, key = body.algo_name or other.algorithm.name, body.dataset_key or other.input_data_key
        self._check_algorithm(name)
        algo_params: dict[str, Any] = {}
        if name == other.algorithm.name:
            parameters: BaseParameterSet = self.manager.get_algorithm_parameters(name)
            algo_params = _set_values(parameters, other.algorithm.parameters)
        of_dataset = self._dataset(key).initialize_data_parameters()
        kept = {each: value for each, value in other.data_parameters.items() if of_dataset.contains(each)}
        former = self.manager.annotations_of(scenario_id)
        annotations = changed(former, body.labels, body.note) or former or NO_ANNOTATIONS
        return CreateScenario(
            body.tag or self._free_tag(other.tag),
            key,
            name,
            {**algo_params, **(body.algo_params or {})},
            {**_set_values(of_dataset, kept), **(body.data_params or {})},
            labels=dict(annotations.labels),
            note=annotations.note,
        )

    def _free_tag(self, tag: str) -> str:
        tags = (f"{tag} (copy)" if number == 1 else f"{tag} (copy {number})" for number in count(1))
        return next(each for each in tags if not self.manager.has_tag(each))


def _set_values(parameters: BaseParameterSet, values: dict[str, Any]) -> dict[str, Any]:
    """The values of a set that are not its defaults, as a client would send them."""
    return stored_values(parameters, msgspec.json.decode(encode(values)))
