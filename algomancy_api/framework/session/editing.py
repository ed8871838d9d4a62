"""Changes of a session's scenarios, each under the lock of creation: create, rename, annotate, reset, delete."""

import threading
from collections.abc import Sequence
from typing import Any, NamedTuple

from algomancy_scenario import Scenario
from algomancy_utils.baseparameterset import ParameterError

from ...engines.options import RunOptions
from .annotations import NO_ANNOTATIONS, Annotations
from .datasets import SessionDatasets
from .lookups import ScenarioLookups


class NewScenario(NamedTuple):
    """A scenario to be created. The values of parameters have been checked."""

    tag: str
    dataset_key: str = "Master data"
    algo_name: str = ""
    algo_params: dict[str, Any] | None = None
    data_params: dict[str, Any] | None = None
    annotations: Annotations = NO_ANNOTATIONS


class ScenarioEditing(ScenarioLookups, SessionDatasets):
    """The framework's scenario manager, with unique tags under concurrent calls."""

    _creation: threading.RLock

    def create_scenario(self, *arguments: Any, **keywords: Any) -> Scenario[Any]:  # noqa: ANN401 - the framework's own
        """Create a scenario, as `create_scenarios` does. The arguments are those of `NewScenario`."""
        return self.create_scenarios([NewScenario(*arguments, **keywords)])[0]

    def create_scenarios(self, scenarios: Sequence[NewScenario]) -> list[Scenario[Any]]:
        """Create all of some scenarios, or none; of concurrent calls with the same tag, one succeeds.

        Raises:
            ValueError: A tag is taken.
            ParameterError: A parameter's name or value is wrong.
            AssertionError: There is no such algorithm or dataset.
        """
        with self._creation:
            self._check_tags([each.tag for each in scenarios])
            created = [self._made(each, among=len(scenarios)) for each in scenarios]
            self._registry.add_all(created, [each.annotations for each in scenarios])
        for scenario in created:
            self.changes.scenario(scenario.id)
        if self.auto_run_scenarios:
            self.process_all(created, RunOptions())
        return created

    def _made(self, new: NewScenario, among: int) -> Scenario[Any]:
        try:
            scenario: Scenario[Any] = self._factory.create(*new[:-1])
        except (ParameterError, ValueError) as error:
            if among == 1:
                raise
            kind = ParameterError if isinstance(error, ParameterError) else ValueError
            raise kind(f"Scenario {new.tag!r}: {error}") from error
        return scenario

    def edit_scenario(self, scenario_id: str, tag: str | None, annotations: Annotations | None) -> bool:
        """Give a scenario another tag, other annotations, or both; False if there is none. None leaves them.

        Raises:
            ValueError: Another scenario has the tag.
        """
        with self._creation:
            former = self.tag_of(scenario_id)
            if former is None:
                return False
            if tag is not None and tag != former:
                self._check_tags([tag])
            self._registry.edit(scenario_id, former if tag is None else tag, annotations)
        self.changes.scenario(scenario_id)
        return True

    def delete_scenario(self, scenario_id: str) -> bool:
        """Delete a scenario with its result; False if there is none."""
        with self._creation:
            is_deleted = super().delete_scenario(scenario_id)
            self._registry.forget_run(scenario_id)
        self.changes.scenario(scenario_id)
        return is_deleted

    def refresh_scenario(self, scenario_id: str) -> Scenario[Any] | None:
        """Delete a scenario's result, so that it can be run again."""
        with self._creation:
            scenario = super().refresh_scenario(scenario_id)
            self._registry.forget_run(scenario_id)
        self.changes.scenario(scenario_id)
        return scenario

    def auto_create_scenarios(self, keys: list[str] | None = None) -> None:
        """Create the configured scenario of each dataset that has none.

        The framework's own method raises for a dataset that is replaced, although it has been stored.
        """
        for key in keys or ():
            with self._creation:
                if not self._registry.has_tag(f"{key} [auto]"):
                    super().auto_create_scenarios([key])

    def process_all(self, scenarios: Sequence[Scenario[Any]], options: RunOptions) -> list[str]:
        """Put scenarios into the queue."""
        raise NotImplementedError

    def _check_tags(self, tags: Sequence[str]) -> None:
        for tag in tags:
            if self._registry.has_tag(tag):
                raise ValueError(f"A scenario with tag '{tag}' already exists.")
