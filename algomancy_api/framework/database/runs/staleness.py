"""Why a scenario that has ended cannot be built again, and what is shown instead."""

from itertools import batched
from typing import Any

import sqlalchemy as sa
from algomancy_scenario import BaseAlgorithm, Scenario, ScenarioStatus
from algomancy_scenario.records import ScenarioRecord

from ...errors import DatabaseUnavailable, StorageFull
from ...run_outcomes import FailedRun
from ..run_data import RunData
from ..storage.columns import UnreadableTables
from .failures import FailedRuns
from .results import RunResults
from .stored import KpiForm, StoredResult, StoredScenario, other_kpis, parameters_text

#: Ids: asked for in one statement. Databases limit its parameters, the strictest to 32,766.
_PARAMETERS = 10_000

ENDED = (ScenarioStatus.COMPLETE, ScenarioStatus.FAILED)

#: Errors that say nothing about the scenario. All others come from the classes of the configuration.
_FAILURES = (DatabaseUnavailable, StorageFull, UnreadableTables, sa.exc.SQLAlchemyError, MemoryError, OSError)


class StaleScenarios(RunData, RunResults, FailedRuns):
    """A repository that knows why its scenarios cannot be built again, and shows what is stored of them."""

    def __init__(self, **keywords: Any) -> None:  # noqa: ANN401 - the framework's own
        super().__init__(**keywords)
        self._unknown_kpis: dict[str, dict[str, KpiForm]] = {}  # by run, until the metadata is loaded
        #: Why a scenario cannot be built, as far as its metadata shows; None for one that can.
        self._misfits: dict[str, str | None] = {}
        #: Why the last attempt to build a scenario has failed.
        self._failures: dict[str, str] = {}
        #: The scenarios whose run is being stored. The framework unpins them before all of it is.
        self._ending: set[str] = set()

    def why_stale(self, scenario_id: str) -> str | None:
        """Why a scenario that has ended is shown as it was stored; None if it can be built, as far as is known.

        Nothing is loaded for it: what only the dataset or the result shows is known once the scenario was read.
        """
        if (failure := self._failures.get(scenario_id)) is not None:
            return failure
        if scenario_id in self._misfits:
            return self._misfits.get(scenario_id)
        record = self._records.get(scenario_id)
        if record is None or record.status not in ENDED:
            return None
        misfit = self._misfits[scenario_id] = self._misfit(record)
        return misfit

    def unknown_kpis(self, scenario_id: str) -> dict[str, KpiForm]:
        """The stored KPIs of a scenario that this server does not know."""
        record, known = self._records.get(scenario_id), self._kpi_factory.available_kpis
        return {} if record is None else {name: form for name, form in record.kpis.items() if name not in known}

    def why_not_built(self, scenario_id: str) -> str:
        """Why a scenario, ended or not, could not be built at the last attempt."""
        record = self._records[scenario_id]
        return (
            self._failures.get(scenario_id)
            or self._misfit(record)
            or f"its dataset {record.input_data_key!r} is not available on this server"
        )

    def stored(self, scenario_id: str, failure: str | None = None) -> StoredScenario | None:
        """What is stored of a scenario that has ended; None for any other.

        Args:
            scenario_id: The id of the scenario.
            failure: Why it cannot be shown as it was built, if it was.
        """
        record = self._records.get(scenario_id)
        if record is None or record.status not in ENDED or self._is_active(scenario_id):
            return None
        self._failures[scenario_id] = failure or self.why_not_built(scenario_id)
        is_complete = record.status == ScenarioStatus.COMPLETE
        result = self._stored_result(scenario_id) if is_complete else FailedRun(*self._failure(scenario_id))
        entry = self._data_manager._db_catalogue.get(record.input_data_key)
        data_id = None if entry is None else str(entry["id"])
        return StoredScenario(record, parameters_text(self._engine, scenario_id), data_id, result)

    def _is_active(self, scenario_id: str) -> bool:
        """Whether a scenario is queued, running or being stored."""
        return scenario_id in self._pinned or scenario_id in self._ending

    def forget_staleness(self, scenario_id: str) -> None:
        """Forget why a scenario was stale, which has a new run or none."""
        self._failures.pop(scenario_id, None)
        self._misfits.pop(scenario_id, None)

    def _built(self, record: ScenarioRecord) -> Scenario[Any] | None:
        """A scenario from its metadata; None, with the reason in `why_not_built`, if that fails."""
        self._failures.pop(record.id, None)
        try:
            return self._rehydrated(record)
        except _FAILURES:
            raise
        except Exception as error:
            self._failures[record.id] = f"its dataset {record.input_data_key!r} does not fit: {_text(error)}"
            return None

    def _misfit(self, record: ScenarioRecord) -> str | None:
        name = record.algorithm_name
        if name not in self._algo_factory.available_algorithms:
            return f"its algorithm {name!r} is not available on this server"
        try:
            self._algo_factory.create(name, dict(record.algorithm_parameters))
        except Exception as error:
            return f"its algorithm {name!r} does not take its parameters any more: {_text(error)}"
        if unknown := list(self.unknown_kpis(record.id)):
            return f"its KPI {unknown[0]!r} is not available on this server"
        return None

    def _load_latest_result(self, scenario_id: str, algorithm: BaseAlgorithm) -> Any:  # noqa: ANN401
        try:
            return super()._load_latest_result(scenario_id, algorithm)
        except _FAILURES:
            raise
        except Exception as error:
            self._failures[scenario_id] = f"its result cannot be read any more: {_text(error)}"
            return self._stored_result(scenario_id)

    def _stored_result(self, scenario_id: str) -> StoredResult | None:
        text = self._result_text(scenario_id)
        if (tables := self._result_tables(scenario_id)) is not None:
            return StoredResult(tables[1])
        return None if text is None else StoredResult.of_text(text)

    def _load_kpi_values(self, run_ids: list[str]) -> dict[str, dict[str, float | None]]:
        """The KPIs of each run, in several statements, and beside them those that this server does not know."""
        found: dict[str, dict[str, float | None]] = {}
        for ids in batched(run_ids, _PARAMETERS, strict=False):
            found |= super()._load_kpi_values(list(ids))
            self._unknown_kpis |= other_kpis(self._engine, list(ids), self._kpi_factory.available_kpis)
        return found

    def _build_record(self, row: Any, latest_run: Any, kpi_values: dict[str, float | None]) -> ScenarioRecord:  # noqa: ANN401
        record = super()._build_record(row, latest_run, kpi_values)
        if latest_run is not None:
            record.kpis |= self._unknown_kpis.pop(latest_run.run_id, {})
        return record


def _text(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
