"""Scenarios in a database, reported as done once they are stored."""

import threading
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from itertools import batched
from typing import Any

import pandas as pd
import sqlalchemy as sa
from algomancy_scenario import BaseAlgorithm, Scenario, ScenarioStatus
from algomancy_scenario.persistence import SqlResultLayout, SqlScenarioRepository
from algomancy_scenario.persistence.models import RESULT_TABLE_PREFIX, SCENARIO_COL, SESSION_COL
from algomancy_scenario.persistence.models import scenario_runs_table as runs
from algomancy_scenario.records import ScenarioRecord

from ..errors import DatabaseUnavailable
from ..scenario_processor import fail
from .dialects import dialect_of
from .table_names import is_own, segment, session_table, sql_table, table_of

#: Ids: asked for in one statement. Databases limit its parameters, the strictest to 32,766.
_PARAMETERS = 10_000

_DONE = (ScenarioStatus.COMPLETE, ScenarioStatus.FAILED)

#: The first writer creates a table, and two at a time would both do so: held until the first rows are committed.
_making_tables = threading.Lock()


class ApiScenarioRepository(SqlScenarioRepository):
    """The framework's database repository, with records that are up to date during a run.

    A scenario is pinned from the moment it is queued until its run is stored. After the run and until the result is
    stored, its status is still `processing`, so that a reported result is never lost.

    The framework has one SQL table for the results of all sessions. Here each session has its own (see `table_names`).
    """

    _is_loaded = False

    def startup(self) -> None:
        """Load the metadata; later calls do nothing."""
        if not self._is_loaded:
            super().startup()
            self._is_loaded = True

    def add(self, scenario: Scenario[Any]) -> None:
        """Store a new scenario.

        Raises:
            NotStorable: The database cannot store its tag.
        """
        dialect_of(self._engine).check_text("tag", scenario.tag)
        super().add(scenario)

    def __len__(self) -> int:
        return len(self._records)

    def status_of(self, scenario_id: str) -> tuple[ScenarioStatus, float] | None:
        """Status and progress, live during a run."""
        found = super().status_of(scenario_id)
        if found is not None and found[0] in _DONE and scenario_id in self._pinned:
            return ScenarioStatus.PROCESSING, found[1]
        return found

    def get_record(self, scenario_id: str) -> ScenarioRecord | None:
        """A scenario's metadata, with the live status during a run. The framework's is `created` until the end."""
        record = super().get_record(scenario_id)
        if record is None or scenario_id not in self._pinned:
            return record
        live = self.status_of(scenario_id)
        return replace(record, status=live[0], progress=live[1]) if live else record

    def list_records(self) -> list[ScenarioRecord]:
        """The metadata of every scenario, with the live status."""
        records = map(self.get_record, self.list_ids())
        return [record for record in records if record is not None]

    def summarised(self) -> list[ScenarioRecord]:
        """The source of each scenario's summary: here the records, because a scenario may not be loaded."""
        return self.list_records()

    def resident(self, scenario_id: str) -> Scenario[Any] | None:
        """A scenario, if it is in memory already."""
        with self._lock:
            scenario: Scenario[Any] | None = self._hydrated.get(scenario_id)
            if scenario is not None:
                self._hydrated.move_to_end(scenario_id)  # evicted last, because it is read often
            return scenario

    def tag_of(self, scenario_id: str) -> str | None:
        """A scenario's tag, without loading it."""
        record = super().get_record(scenario_id)
        return None if record is None else record.tag

    def persist_run(self, scenario: Scenario[Any]) -> None:
        """Store the outcome of a run. If that is impossible, the scenario has failed, and can be run again.

        Raises:
            DatabaseUnavailable: The outcome may be stored later. The scenario is unchanged.
        """
        try:
            super().persist_run(scenario)
        except DatabaseUnavailable:
            raise
        except BaseException as error:
            fail(scenario, f"The result could not be stored: {error}")
            self._keep_failure(scenario)
            if isinstance(error, Exception):
                raise
            # Anything else would end the session's worker thread, and its queue with it.
            raise RuntimeError(f"{type(error).__name__} while the result was stored") from error

    def _keep_failure(self, scenario: Scenario[Any]) -> None:
        """Store that a result could not be stored. If even that fails, only this process knows."""
        try:
            super().persist_run(scenario)
        except Exception:  # the first error is reported
            with self._lock:
                if (record := self._records.get(scenario.id)) is not None:
                    record.status = scenario.status
            self.unpin(scenario.id)

    def refresh(self, scenario_id: str) -> bool:
        """Delete a scenario's run. If that fails, the scenario is read again from the database."""
        try:
            return super().refresh(scenario_id)
        except BaseException:
            with self._lock:
                self._hydrated.pop(scenario_id, None)
            raise

    def _load_latest_runs(self, scenario_ids: list[str]) -> dict[str, sa.Row[Any]]:
        """The latest run of each scenario, in several statements, because the parameters of one are limited."""
        found: dict[str, sa.Row[Any]] = {}
        for ids in batched(scenario_ids, _PARAMETERS, strict=False):
            found |= super()._load_latest_runs(list(ids))
        return found

    def _load_kpi_values(self, run_ids: list[str]) -> dict[str, dict[str, float | None]]:
        """The KPIs of each run, in several statements."""
        found: dict[str, dict[str, float | None]] = {}
        for ids in batched(run_ids, _PARAMETERS, strict=False):
            found |= super()._load_kpi_values(list(ids))
        return found

    def _persist_result_payload(
        self, result: object, scenario_id: str, previous_sub_tables: list[str]
    ) -> tuple[str | None, list[str]]:
        """Write a result. Raises an error that the framework does not turn into a complete run without a result."""
        try:
            with self._table_creation(result):
                blob, tables = super()._persist_result_payload(result, scenario_id, previous_sub_tables)
        except (TypeError, ValueError) as error:
            raise RuntimeError(f"{type(error).__name__}: {error}") from error
        return blob, [self._stored(table) for table in tables]

    def _table_creation(self, result: object) -> AbstractContextManager[object]:
        """The lock to hold while a result is written, if a table has to be created for it."""
        if not isinstance(result, SqlResultLayout):
            return nullcontext()
        existing = sa.inspect(self._engine).get_table_names()
        tables = (sql_table(RESULT_TABLE_PREFIX, self._stored(table)) for table in result.to_sql_tables())
        return nullcontext() if all(table in existing for table in tables) else _making_tables

    def _append_to_shared_result_table(
        self, conn: sa.Connection, sub_table: str, scenario_id: str, df: pd.DataFrame
    ) -> None:
        stored = self._stored(sub_table)
        frame = dialect_of(self._engine).fitted(self._engine, sql_table(RESULT_TABLE_PREFIX, stored), df)
        super()._append_to_shared_result_table(conn, segment(stored), scenario_id, frame)

    def _delete_result_rows(
        self, conn: sa.Connection, scenario_id: str, sub_tables: list[str], existing_tables: set[str] | None = None
    ) -> None:
        """Delete a result's rows from the tables of this version and of earlier ones."""
        stored = [segment(table) for table in sub_tables]
        present = [segment(self._stored(table)) for table in sub_tables if not is_own(table)]
        super()._delete_result_rows(conn, scenario_id, [*stored, *present], existing_tables)

    def _load_latest_result(self, scenario_id: str, algorithm: BaseAlgorithm) -> Any:  # noqa: ANN401
        """The result of a scenario's run. The framework reads it if it is in no table of the session's own."""
        tables = self._collect_sub_tables(scenario_id)
        if not any(map(is_own, tables)):
            return super()._load_latest_result(scenario_id, algorithm)
        result: Any = algorithm.result_class(data_id=scenario_id)
        with self._engine.connect() as connection:
            result.from_sql_tables({table_of(table): self._read(connection, table, scenario_id) for table in tables})
        return result

    def _read(self, connection: sa.Connection, stored: str, scenario_id: str) -> pd.DataFrame:
        table = sa.table(sql_table(RESULT_TABLE_PREFIX, stored), sa.column(SESSION_COL), sa.column(SCENARIO_COL))
        is_of_result = (table.c[SESSION_COL] == self._session_id) & (table.c[SCENARIO_COL] == scenario_id)
        rows = sa.select(sa.text("*")).select_from(table).where(is_of_result)
        return pd.read_sql(rows, connection).drop(columns=[SESSION_COL, SCENARIO_COL])

    def _stored(self, table: str) -> str:
        return session_table(self._session_id, table)

    def _rehydrate_by_id(self, record: ScenarioRecord) -> Scenario[Any] | None:
        """A scenario as before the restart, including its progress and the reason of a failure."""
        scenario = super()._rehydrate_by_id(record)
        if scenario is None:
            return None
        algorithm: BaseAlgorithm = scenario._algorithm
        algorithm._progress = record.progress
        if scenario.status == ScenarioStatus.FAILED:
            fail(scenario, self._reason_of_failure(record.id))
        return scenario

    def _reason_of_failure(self, scenario_id: str) -> str | None:
        latest = sa.select(runs.c.error).where(runs.c.scenario_id == scenario_id).order_by(runs.c.finished_at.desc())
        with self._engine.connect() as connection:
            return connection.execute(latest.limit(1)).scalar()
