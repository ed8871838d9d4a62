"""Scenarios in memory, with thread-safe listings."""

from typing import Any

from algomancy_scenario import Scenario
from algomancy_scenario.records import ScenarioRecord
from algomancy_scenario.scenarioregistry import ScenarioRegistry


class ApiScenarioRegistry(ScenarioRegistry):
    """The framework's registry, safe to list while another thread changes it."""

    def __len__(self) -> int:
        return len(self._scenarios)

    def resident(self, scenario_id: str) -> Scenario[Any] | None:
        """A scenario that is in memory, as all scenarios of a registry are."""
        return self._scenarios.get(scenario_id)

    def tag_of(self, scenario_id: str) -> str | None:
        """A scenario's tag, without a record."""
        scenario = self._scenarios.get(scenario_id)
        return None if scenario is None else scenario.tag

    def summarised(self) -> list[Scenario[Any]]:
        """The source of summaries: for a registry, the scenarios."""
        return self.list()

    def list_records(self) -> list[ScenarioRecord]:
        """The record of each scenario; the framework's own method fails if a scenario is created meanwhile."""
        return [ScenarioRecord.from_scenario(scenario) for scenario in self.list()]
