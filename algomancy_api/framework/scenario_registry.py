"""Scenarios in memory, with thread-safe listings."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from typing import Any, NamedTuple

from algomancy_data import BaseDataSource
from algomancy_scenario import Scenario
from algomancy_scenario.records import ScenarioRecord
from algomancy_scenario.scenarioregistry import ScenarioRegistry
from algomancy_utils import Logger

from ..engines.options import RunOptions
from ..engines.output.run_logs import RunLogs
from .dataset_changes import WITHOUT_RUN, Write, write_nothing
from .history.runs import RunHistory
from .run_outcomes import KeptReports, error_of
from .session.annotations import Annotations, KeptAnnotations
from .session.creation_order import CreationOrder
from .webhooks.session_events import EventsInMemory


class Queued(NamedTuple):
    """A scenario that waited or ran when the server ended.

    Attributes:
        scenario_id: Its id.
        options: The options of its run.
        has_begun: Whether its run had begun.
    """

    scenario_id: str
    options: RunOptions
    has_begun: bool


class RunQueue:
    """What a session keeps of its queue over a restart: nothing, without a database.

    Attributes:
        is_kept: Whether a change of it takes a write to a database.
        started: When the runs began whose outcome is not stored yet, by scenario; None for one that never began.
        interrupted: The scenarios whose last run a restart or a shutdown has cut off.
    """

    is_kept = False

    def __init__(self) -> None:
        self.started: dict[str, datetime | None] = {}
        self.interrupted: set[str] = set()

    def load(self) -> list[Queued]:
        """The scenarios that wait, and those whose run was cut off, in the order in which they were queued."""
        return []

    def put(self, scenario_ids: Sequence[str], options: RunOptions) -> None:
        """Append scenarios to the queue."""

    def with_new(self, _options: Sequence[RunOptions | None]) -> AbstractContextManager[None]:
        """A context in which scenarios are added: with the options of the run of each that is queued next, or None."""
        return nullcontext()

    def replace(self, entries: Sequence[Queued], dropped: Iterable[str]) -> None:
        """Let scenarios wait, in their order, and drop others from the queue."""

    def begin(self, scenario_id: str) -> None:
        """Keep that the run of a scenario begins now: after a restart it has been cut off."""

    def cut_off(self, scenario_id: str) -> None:
        """Note that a run, or the wait for it, has ended without an outcome."""


class ApiScenarioRegistry(ScenarioRegistry):
    """The framework's registry, safe to list while another thread changes it.

    Attributes:
        former_ids: The id of the dataset of a scenario's last run, by scenario; only of datasets that were replaced.
        replacements: How many datasets have been replaced.
        queue: What is kept of the session's queue.
        history: The runs of the scenarios.
        reports: What the runs have reported.
        logs: The logs of the latest runs.
        annotations: The labels and notes of the scenarios.
        order: The order in which they were created.
    """

    def __init__(
        self, logger: Logger | None = None, logs: RunLogs | None = None, events: EventsInMemory | None = None
    ) -> None:
        super().__init__(logger)
        self._events = events
        self.logs = RunLogs() if logs is None else logs
        self.former_ids: dict[str, str] = {}
        self.replacements = 0
        self.queue = RunQueue()
        self.history = RunHistory()
        self.reports = KeptReports()
        self.annotations = KeptAnnotations()
        self.order = CreationOrder()

    def __len__(self) -> int:
        return len(self._scenarios)

    def add(self, scenario: Scenario[Any]) -> None:
        """Add a new scenario."""
        super().add(scenario)
        self.order.add(scenario.id, self.order.next_time())

    def add_all(self, scenarios: Sequence[Scenario[Any]], annotations: Sequence[Annotations]) -> None:
        """Add new scenarios, with the annotations of each."""
        for scenario, written in zip(scenarios, annotations, strict=True):
            self.annotations.note(scenario.id, written)
            self.add(scenario)

    def edit(self, scenario_id: str, tag: str, annotations: Annotations | None) -> None:
        """Give a scenario a tag that is free or its own, and annotations unless they are None."""
        scenario = self._scenarios[scenario_id]
        del self._tag_index[scenario.tag]
        self._tag_index[tag] = scenario_id
        scenario.tag = tag
        if annotations is not None:
            self.annotations.note(scenario_id, annotations)

    def delete(self, scenario_id: str) -> bool:
        """Delete a scenario."""
        self.order.discard(scenario_id)
        self.annotations.forget(scenario_id)
        self.history.forget(scenario_id)
        is_deleted: bool = super().delete(scenario_id)
        return is_deleted

    def persist_run(self, scenario: Scenario[Any]) -> None:
        """Note the outcome of a run."""
        self.history.ended(scenario)
        if self._events is not None:
            ended = self.reports.ended(scenario.id, scenario.status)
            self._events.ended(scenario, self.annotations.of(scenario.id).labels, ended)

    def resident(self, scenario_id: str) -> Scenario[Any] | None:
        """A scenario that is in memory, as all scenarios of a registry are."""
        return self._scenarios.get(scenario_id)

    def tag_of(self, scenario_id: str) -> str | None:
        """A scenario's tag, without a record."""
        scenario = self._scenarios.get(scenario_id)
        return None if scenario is None else scenario.tag

    def error_of(self, scenario_id: str) -> str | None:
        """The reason why a scenario's run failed; None if it has not."""
        scenario = self._scenarios.get(scenario_id)
        return None if scenario is None else error_of(scenario)

    def kpis_of(self, scenario_id: str) -> dict[str, Any]:
        """The KPIs of a scenario, as the framework describes them; empty if it does not exist."""
        scenario = self._scenarios.get(scenario_id)
        return {} if scenario is None else {name: kpi.to_dict() for name, kpi in scenario.kpis.items()}

    def summarised(self) -> list[Scenario[Any]]:
        """The source of summaries: for a registry, the scenarios."""
        return self.list()

    def source_of(self, scenario_id: str) -> Scenario[Any] | None:
        """The source of the summary of one scenario; None if it does not exist."""
        return self.resident(scenario_id)

    def sources_of(self, scenario_ids: Sequence[str]) -> list[Scenario[Any] | None]:
        """The same of several."""
        return list(map(self._scenarios.get, scenario_ids))

    def id_of(self, tag: str) -> str | None:
        """The id of the scenario with a tag."""
        return self._tag_index.get(tag)

    def list_records(self) -> list[ScenarioRecord]:
        """The record of each scenario; the framework's own method fails if a scenario is created meanwhile."""
        return [ScenarioRecord.from_scenario(scenario) for scenario in self.list()]

    def why_stale(self, scenario_id: str) -> str | None:  # noqa: ARG002 - as in a database
        """Why a scenario cannot be built again: in memory, it was never stored."""
        return None

    def unknown_kpis(self, scenario_id: str) -> dict[str, Any]:  # noqa: ARG002
        """The stored KPIs of a scenario that this server does not know: in memory, none."""
        return {}

    def why_not_built(self, scenario_id: str) -> str:  # noqa: ARG002
        """Why a scenario could not be built: in memory, it is there or does not exist."""
        return "it does not exist"

    def stored(self, scenario_id: str, failure: str | None = None) -> Scenario[Any] | None:  # noqa: ARG002
        """What is stored of a scenario: in memory, nothing."""
        return None

    def users_of(self, key: str) -> list[str]:
        """The tags of the scenarios that use a dataset."""
        return [scenario.tag for scenario in self.list() if scenario.input_data_key == key]

    def use_counts(self) -> Counter[str]:
        """The numbers of the scenarios that use datasets, by key."""
        return Counter(scenario.input_data_key for scenario in self.list())

    @contextmanager
    def replacing(self, key: str, source: BaseDataSource, former_id: str) -> Iterator[Write]:
        """A context in which a dataset is replaced. At its end, its scenarios get the new one.

        Args:
            key: The key of both.
            source: The new dataset.
            former_id: The id of the former one, which scenarios keep that have run or are running.
        """
        yield write_nothing
        for scenario in self.list():
            if scenario.input_data_key == key:
                if scenario.status not in WITHOUT_RUN:
                    self.former_ids.setdefault(scenario.id, former_id)
                scenario._input_data = source  # type: ignore[assignment]  # an unbound type variable of the framework
        self.replacements += 1

    def begin_run(self, scenario_id: str) -> None:
        """Note that a new run begins, with the present dataset."""
        self.former_ids.pop(scenario_id, None)

    def forget_run(self, scenario_id: str) -> None:
        """Note that the run of a scenario was deleted."""
        self.former_ids.pop(scenario_id, None)
        self.reports.forget(scenario_id)
        self.logs.forget(scenario_id)
