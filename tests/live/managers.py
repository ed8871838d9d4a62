"""A manager of scenarios that are what they are set to."""

from typing import Any

from algomancy_api.framework.dataset_changes import Mark
from algomancy_api.framework.run_outcomes import KeptReports
from algomancy_api.framework.session.annotations import Annotations
from algomancy_api.framework.session.changes import Changes
from algomancy_api.live.watched_scenario import states_of
from algomancy_api.live.watched_session import WatchedSession

STATUSES = ["created", "queued", "processing", "complete", "failed"]


class Manager:
    """The parts of a session's manager that are watched."""

    def __init__(self) -> None:
        self.changes = Changes()
        self.scenarios: dict[str, tuple[str, float]] = {}
        self.labels: dict[str, dict[str, str]] = {}
        self.datasets: dict[str, str] = {}
        self.reports = KeptReports()
        self.is_gone = False

    def position(self, scenario_id: str) -> tuple[str, str, float] | None:
        found = self.scenarios.get(scenario_id)
        return None if found is None else (scenario_id, *found)

    def error_of(self, scenario_id: str) -> str | None:
        return None

    def ended_of(self, scenario_id: str, status: str) -> str | None:
        return None

    def scenario_ids(self) -> list[str]:
        return list(self.scenarios)

    def annotations_of(self, scenario_id: str) -> Annotations:
        return Annotations(self.labels.get(scenario_id, {}))

    def dataset_mark(self, key: str) -> Mark | None:
        return Mark(self.datasets[key], str(self.changes.of_datasets[key])) if key in self.datasets else None

    def dataset_marks(self) -> dict[str, Mark]:
        return {key: mark for key in self.datasets if (mark := self.dataset_mark(key)) is not None}

    def put(self, scenario_id: str, position: tuple[str, float] | None, labels: dict[str, str] | None = None) -> None:
        """Change, create or delete a scenario, and note it; without labels, it keeps those that it has."""
        self.scenarios.pop(scenario_id, None)
        if position is not None:
            self.scenarios[scenario_id] = position
        if labels is not None:
            self.labels[scenario_id] = labels
        self.changes.scenario(scenario_id)

    def put_dataset(self, key: str, dataset_id: str | None) -> None:
        """Add, replace or delete a dataset, and note it."""
        self.datasets.pop(key, None)
        if dataset_id is not None:
            self.datasets[key] = dataset_id
        self.changes.dataset(key)


def filled[W: WatchedSession](watched: W) -> W:
    """What is watched, with the present states."""
    manager: Any = watched._manager
    watched.fill(states_of(manager, watched.selection.of(manager)))
    watched.look()
    return watched
