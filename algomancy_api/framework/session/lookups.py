"""What a session's manager knows of its scenarios without loading them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Literal

from algomancy_data import BaseDataSource
from algomancy_scenario import BaseKPI, Scenario, ScenarioStatus
from algomancy_scenario.records import ScenarioRecord

from ..run_outcomes import ENDED, KeptReports
from .annotations import Annotations
from .creation_order import Place
from .dataset_facts import DatasetFacts, all_facts, facts_of
from .datasets import SessionDatasets
from .rows import ScenarioRow

#: Statuses of a scenario that is in the queue or running.
ACTIVE = (ScenarioStatus.QUEUED, ScenarioStatus.PROCESSING)

#: Fields of the result of `get_status`.
_STATUS_FIELDS = ("id", "tag", "status", "progress")


class ScenarioLookups(SessionDatasets):
    """The framework's scenario manager, with lookups that many clients can repeat many times."""

    def dataset_facts(self) -> list[DatasetFacts]:
        """What is known of the datasets, without loading one."""
        return all_facts(self._dm, self._registry.use_counts())

    def facts_of(self, source: BaseDataSource, key: str) -> DatasetFacts:
        """What is known of a dataset that is loaded."""
        return facts_of(source, key, self._registry.use_counts()[key])

    def new_kpis(self) -> dict[str, BaseKPI]:
        """A new KPI of each class of the configuration, by key. Their constructors are the user's."""
        kpis: dict[str, BaseKPI] = self._factory._kpi_factory.create_all()
        return kpis

    def has_tag(self, tag: str) -> bool:
        """Whether a scenario of this session has that tag."""
        return self._registry.has_tag(tag)

    def tag_of(self, scenario_id: str) -> str | None:
        """A scenario's tag; None if it does not exist."""
        return self._registry.tag_of(scenario_id)

    def scenario_ids(self) -> list[str]:
        """The ids of the scenarios, the oldest first."""
        return list(self._registry.list_ids())

    def count_scenarios(self) -> int:
        """The number of scenarios."""
        return len(self._registry)

    def count_by_status(self) -> dict[str, int]:
        """The number of scenarios of each status that some have."""
        states = map(self._registry.status_of, self.scenario_ids())
        return dict(Counter(str(state[0]) for state in states if state is not None))

    def summarised(self) -> list[Scenario[Any]] | list[ScenarioRecord]:
        """The scenarios, or their records: the source of summaries, without access to a disk or a database."""
        return self._registry.summarised()

    def source_of(self, scenario_id: str) -> Scenario[Any] | ScenarioRecord | None:
        """The source of a scenario's summary, as in `summarised`; None if it does not exist."""
        source: Scenario[Any] | ScenarioRecord | None = self._registry.source_of(scenario_id)
        return source

    def sources_of(self, scenario_ids: Sequence[str]) -> Sequence[Scenario[Any] | ScenarioRecord | None]:
        """The same of several scenarios."""
        sources: Sequence[Scenario[Any] | ScenarioRecord | None] = self._registry.sources_of(scenario_ids)
        return sources

    def id_of(self, tag: str) -> str | None:
        """The id of the scenario with a tag; None if there is none."""
        return self._registry.id_of(tag)

    def places(self, start: tuple[datetime, str] | None = None, *, newest_first: bool = False) -> Iterator[Place]:
        """The places of the scenarios in the order of creation, or those behind a place."""
        places: Iterator[Place] = self._registry.order.places(start, newest_first=newest_first)
        return places

    def row(self, place: tuple[datetime, str]) -> ScenarioRow | None:
        """The scenario of a place as a row of a list; None if it is gone."""
        source = self.source_of(place[1])
        return None if source is None else ScenarioRow(Place(*place), source, self.annotations_of(place[1]))

    def resident(self, scenario_id: str) -> Scenario[Any] | None:
        """A scenario that is in memory; None if it has to be loaded or does not exist."""
        return self._registry.resident(scenario_id)

    def why_stale(self, scenario_id: str, status: str) -> str | None:
        """Why a scenario is shown as it was stored; None if it is not. The status is the scenario's."""
        return self._registry.why_stale(scenario_id) if status in ENDED else None

    def unknown_kpis(self, scenario_id: str) -> dict[str, Any]:
        """The stored KPIs of a scenario that are not in the configuration any more, in their form."""
        return self._registry.unknown_kpis(scenario_id)

    def why_not_built(self, scenario_id: str) -> str:
        """Why `get_by_id` has returned None for a scenario that exists."""
        return self._registry.why_not_built(scenario_id)

    def stored(self, scenario_id: str, failure: str | None = None) -> Scenario[Any] | None:
        """What is stored of a scenario that has ended and cannot be shown as it was built, for ``failure`` if given."""
        return self._registry.stored(scenario_id, failure)

    def get_status(self, scenario_id: str) -> dict[str, Any] | None:
        """A scenario's id, tag, status and progress, without the full record that the framework makes."""
        position = self.position(scenario_id)
        return None if position is None else dict(zip(_STATUS_FIELDS, (scenario_id, *position), strict=True))

    def position(self, scenario_id: str) -> tuple[str, Any, float] | None:
        """A scenario's tag, status and progress."""
        tag, state = self._registry.tag_of(scenario_id), self._registry.status_of(scenario_id)
        if tag is None or state is None:
            return None
        return tag, str(state[0]), float(state[1])

    def annotations_of(self, scenario_id: str) -> Annotations:
        """The labels and the note of a scenario."""
        annotations: Annotations = self._registry.annotations.of(scenario_id)
        return annotations

    @property
    def reports(self) -> KeptReports:
        """What the runs have reported."""
        return self._registry.reports

    def ended_of(self, scenario_id: str, status: str) -> Literal["stopped"] | None:
        """How a complete run ended, if it was asked to end with what it had. The status is the scenario's."""
        return self.reports.ended(scenario_id, status)

    def error_of(self, scenario_id: str) -> str | None:
        """The reason why a scenario's run failed, without loading the scenario; None if it has not."""
        return self._registry.error_of(scenario_id)

    def kpis_of(self, scenario_id: str) -> dict[str, Any]:
        """The KPIs of a scenario, without loading it; empty if it does not exist."""
        return self._registry.kpis_of(scenario_id)

    def is_interrupted(self, scenario_id: str, status: str) -> bool:
        """Whether a restart or a shutdown has cut off the last run of a scenario. The status is the scenario's."""
        return status == ScenarioStatus.CREATED and scenario_id in self._registry.queue.interrupted
