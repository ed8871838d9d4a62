"""The outcomes of runs, each written in one transaction, with its KPIs, its traceback, and its end in the history."""

import json
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from algomancy_scenario import Scenario, ScenarioStatus
from algomancy_scenario.persistence import SqlScenarioRepository
from algomancy_scenario.persistence.models import kpi_measurements_table as measurements
from algomancy_scenario.persistence.models import scenario_runs_table as runs
from algomancy_scenario.persistence.models import scenarios_table as scenarios

from ...errors import StorageFull
from ...run_outcomes import error_of, traceback_of
from ..scenarios.annotations import StoredAnnotations
from ..webhooks.stored_events import StoredEvents
from .history import KeptHistory
from .reports import StoredReports

#: Columns and their values.
type _Row = dict[str, Any]

#: Writes the end of a run of a scenario into a transaction.
type _WriteEnd = Callable[[sa.Connection, Scenario[Any]], None]


def _write_no_end(_connection: sa.Connection, _scenario: Scenario[Any]) -> None:
    """Write nothing else into the transaction."""


class RunOutcomes(SqlScenarioRepository):
    """A repository that writes outcomes of runs.

    Attributes:
        history: The history of the runs.
        events: The events of their ends, for webhooks.
        annotations: The labels and notes of the scenarios.
        reports: What the runs have reported.
    """

    annotations: StoredAnnotations
    reports: StoredReports

    def __init__(self, *, events: StoredEvents, **keywords: Any) -> None:  # noqa: ANN401 - the framework's own
        super().__init__(**keywords)
        self.events = events
        self.history = KeptHistory(self._engine, self._session_id)

    def persist_run(self, scenario: Scenario[Any]) -> None:
        """Write the outcome of a run, as the framework does, and show it.

        It is in place of the framework's own method, whose transaction nothing else can join.
        """
        before = self._collect_sub_tables(scenario.id)
        run: _Row = {"result_blob": traceback_of(scenario.result), "result_sub_tables": None}
        if scenario.status == ScenarioStatus.COMPLETE and scenario.result is not None:
            text, tables = self._persist_result_payload(scenario.result, scenario.id, before)
            run = {"result_blob": text, "result_sub_tables": json.dumps(tables) if tables else None}
        now = datetime.now()  # noqa: DTZ005 - as the framework's own times
        run |= {"run_id": str(uuid.uuid4()), "started_at": now, "finished_at": now, "error": error_of(scenario)}
        try:
            self._write_outcome(scenario, run, self._write_end)
        except StorageFull:  # there may be space for the outcome alone
            self._write_outcome(scenario, run, _write_no_end)
            self.events.drop_end(scenario, self.annotations.of(scenario.id).labels)
        self._show_outcome(scenario, now)

    def _write_outcome(self, scenario: Scenario[Any], run: _Row, write_end: _WriteEnd) -> None:
        status, of_scenario = str(scenario.status), runs.c.scenario_id == scenario.id
        kpis = [_measurement(name, kpi, run) for name, kpi in scenario.kpis.items()]
        with self._engine.begin() as connection:
            former = sa.select(runs.c.run_id).where(of_scenario)
            connection.execute(sa.delete(measurements).where(measurements.c.run_id.in_(former)))
            connection.execute(sa.delete(runs).where(of_scenario))
            connection.execute(sa.insert(runs).values(run | {"scenario_id": scenario.id, "status": status}))
            if kpis:
                connection.execute(sa.insert(measurements), kpis)
            connection.execute(sa.update(scenarios).where(scenarios.c.id == scenario.id).values(status=status))
            write_end(connection, scenario)

    def _write_end(self, connection: sa.Connection, scenario: Scenario[Any]) -> None:
        self.history.write_end(connection, scenario.id)
        ended = self.reports.ended(scenario.id, scenario.status)
        self.events.write_end(connection, scenario, self.annotations.of(scenario.id).labels, ended)

    def _show_outcome(self, scenario: Scenario[Any], now: datetime) -> None:
        """Let the metadata have the outcome, and unpin the scenario."""
        is_complete = scenario.status == ScenarioStatus.COMPLETE
        with self._lock:
            if (record := self._records.get(scenario.id)) is not None:
                record.status = scenario.status
                record.run_started_at = record.run_finished_at = now
                record.result_available = is_complete and scenario.result is not None
                record.progress = 100.0 if is_complete else record.progress
                record.kpis = {name: kpi.to_dict() for name, kpi in scenario.kpis.items()}
            self._pinned.discard(scenario.id)
            self._evict_if_needed()


def _measurement(name: str, kpi: Any, run: _Row) -> _Row:  # noqa: ANN401 - of a class of the user's
    return {
        "id": str(uuid.uuid4()),
        "run_id": run["run_id"],
        "kpi_name": name,
        "value": kpi.value,
        "threshold": None if kpi._threshold is None else kpi._threshold.value,
        "direction": str(kpi.better_when) if kpi.better_when else None,
        "computed_at": run["finished_at"],
    }
