"""Scenarios in memory, for readers on many threads."""

from typing import Any

from algomancy_scenario import Scenario
from algomancy_scenario.records import ScenarioRecord
from algomancy_scenario.scenarioregistry import ScenarioRegistry


class ApiScenarioRegistry(ScenarioRegistry):
    """The framework's registry, whose list is complete while it changes."""

    def __len__(self) -> int:
        return len(self._scenarios)

    def resident(self, scenario_id: str) -> Scenario[Any] | None:
        """A scenario that is in memory, as all of them are here."""
        return self._scenarios.get(scenario_id)

    def tag_of(self, scenario_id: str) -> str | None:
        """A scenario's tag, without making a record of it."""
        scenario = self._scenarios.get(scenario_id)
        return None if scenario is None else scenario.tag

    def summarised(self) -> list[Scenario[Any]]:
        """What a summary of each scenario can be read from: here the scenarios."""
        return self.list()

    def list_records(self) -> list[ScenarioRecord]:
        """Every scenario's record; the framework's own list breaks off when a scenario is created meanwhile."""
        return [ScenarioRecord.from_scenario(scenario) for scenario in self.list()]
