"""Scenarios in a database, reported as done once they are stored."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import batched
from typing import Any

import sqlalchemy as sa
from algomancy_scenario import BaseAlgorithm, Scenario, ScenarioStatus
from algomancy_scenario.records import ScenarioRecord

from ...engines import message_or_place
from ...engines.output.run_logs import MOST
from ..errors import DatabaseUnavailable
from ..idempotency.pending import Effect
from ..run_outcomes import fail
from .idempotency.transactions import at_commit, keep, withdraw
from .runs.logs import StoredLogs
from .runs.parameters import StoredAlgorithms, set_stored_values
from .runs.queue import KeptQueue
from .runs.reports import StoredReports
from .runs.staleness import ENDED, StaleScenarios
from .scenarios.rows import ScenarioRows
from .storage.references import owners_of_scenario

#: Ids: asked for in one statement. Databases limit its parameters, the strictest to 32,766.
_PARAMETERS = 10_000


def _creation(record: ScenarioRecord) -> tuple[bool, datetime | None]:
    """The key of the order of creation; scenarios without a time, of early versions, come first."""
    return record.created_at is not None, record.created_at


class ApiScenarioRepository(ScenarioRows, StaleScenarios):
    """The framework's database repository, with records that are up to date during a run.

    A scenario is pinned from the moment it is queued until its run is stored. After the run and until the result is
    stored, its status is still `processing`, so that a reported result is never lost.
    """

    _is_loaded = False

    def __init__(self, *, run_log: int = MOST, **keywords: Any) -> None:  # noqa: ANN401 - the framework's own
        super().__init__(**keywords)
        self.logs = StoredLogs(self._engine, run_log)
        self._algo_factory = StoredAlgorithms(keywords["algorithms"], keywords["logger"])
        self.queue = KeptQueue(self._engine, self._session_id, self.history)
        self.reports = StoredReports(self._engine, self._session_id)

    def startup(self) -> None:
        """Load the metadata; later calls do nothing."""
        if not self._is_loaded:
            super().startup()
            with self._lock:  # the framework loads them in the order of the table, which a write can change
                in_order = sorted(self._records.values(), key=_creation)
                self._records = {record.id: record for record in in_order}
                self._tag_index = {record.tag: record.id for record in in_order}
                for record in in_order:
                    self.order.add(record.id, record.created_at)
            self.load_former_ids()
            self.queue.load()
            self.history.load()
            self.reports.load()
            self.annotations.load()
            self._is_loaded = True

    def delete(self, scenario_id: str) -> bool:
        """Delete a scenario with its result."""
        former = owners_of_scenario(self._engine, scenario_id)
        self.queue.remove(scenario_id)
        with at_commit(self._engine, withdraw):
            is_deleted = super().delete(scenario_id)
        self.order.discard(scenario_id)
        self.history.forget(scenario_id)
        self.annotations.forget(scenario_id)
        self.forget_staleness(scenario_id)
        self._leftovers.delete(former)
        return is_deleted

    def __len__(self) -> int:
        return len(self._records)

    def status_of(self, scenario_id: str) -> tuple[ScenarioStatus, float] | None:
        """Status and progress, live during a run."""
        found = super().status_of(scenario_id)
        if found is not None and found[0] in ENDED and self._is_active(scenario_id):
            return ScenarioStatus.PROCESSING, found[1]
        return found

    def get_record(self, scenario_id: str) -> ScenarioRecord | None:
        """A scenario's metadata, with the live status during a run. The framework's is `created` until the end."""
        record = super().get_record(scenario_id)
        return None if record is None else self._live(record)

    def _live(self, record: ScenarioRecord) -> ScenarioRecord:
        if record.id in (started := self.queue.started):
            record = replace(record, run_started_at=started.get(record.id))
        if not self._is_active(record.id):
            return record
        live = self.status_of(record.id)
        return replace(record, status=live[0], progress=live[1]) if live else record

    def list_records(self) -> list[ScenarioRecord]:
        """The metadata of every scenario, with the live status."""
        records = map(self.get_record, self.list_ids())
        return [record for record in records if record is not None]

    def summarised(self) -> list[ScenarioRecord]:
        """The source of each scenario's summary: here the records, because a scenario may not be loaded."""
        return self.list_records()

    def source_of(self, scenario_id: str) -> ScenarioRecord | None:
        """The source of the summary of one scenario; None if it does not exist."""
        return self.get_record(scenario_id)

    def sources_of(self, scenario_ids: Sequence[str]) -> list[ScenarioRecord | None]:
        """The same of several, with one wait for the lock."""
        with self._lock:
            records = list(map(self._records.get, scenario_ids))
            changing = {*self._pinned, *self._ending, *self.queue.started}
        return [record if record is None or record.id not in changing else self._live(record) for record in records]

    def id_of(self, tag: str) -> str | None:
        """The id of the scenario with a tag, without loading it."""
        with self._lock:
            return self._tag_index.get(tag)

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

    def kpis_of(self, scenario_id: str) -> dict[str, Any]:
        """The KPIs of a scenario, without loading it; empty if it does not exist."""
        record = super().get_record(scenario_id)
        return {} if record is None else record.kpis

    def forget_run(self, scenario_id: str) -> None:
        """Note that the run of a scenario was deleted."""
        super().forget_run(scenario_id)
        self.forget_error(scenario_id)
        self.reports.forget(scenario_id)
        self.logs.forget(scenario_id)

    def persist_run(self, scenario: Scenario[Any]) -> None:
        """Store the outcome of a run. If that is impossible, the scenario has failed, and can be run again.

        Raises:
            DatabaseUnavailable: The outcome may be stored later. The scenario is unchanged.
        """
        self._ending.add(scenario.id)
        try:
            former = owners_of_scenario(self._engine, scenario.id)
            self.logs.store(scenario.id)
            self.delete_stale(scenario.id)
            self._persist(scenario)
            self._leftovers.delete(former)
        except DatabaseUnavailable:
            raise
        except BaseException as error:
            scenario.status = fail(scenario, f"The result could not be stored: {message_or_place(error)}")
            self._keep_failure(scenario)
            self.history.ended(scenario)
            self._ending.discard(scenario.id)
            self.events.announce(scenario.id)
            if isinstance(error, Exception):
                raise
            # Anything else would end the session's worker thread, and its queue with it.
            raise RuntimeError(f"{type(error).__name__} while the result was stored") from error
        self.history.ended(scenario)
        self._ending.discard(scenario.id)
        self.events.announce(scenario.id)

    def unpin(self, scenario_id: str) -> None:
        self._ending.discard(scenario_id)
        self.events.forget_end(scenario_id)
        super().unpin(scenario_id)

    def _persist(self, scenario: Scenario[Any]) -> None:
        try:
            self._write_run(scenario)
        except BaseException:
            if (owner := self._new_owners.get(scenario.id)) is not None:
                self._leftovers.delete([owner])
            raise
        finally:
            self._new_owners.pop(scenario.id, None)

    def _write_run(self, scenario: Scenario[Any]) -> None:
        """Write the outcome of a run. The framework writes the time of the end for that of the start."""
        self.forget_staleness(scenario.id)
        self.reports.store(scenario.id)
        is_queued, started = scenario.id in self.queue.started, self.queue.started.get(scenario.id)
        super().persist_run(scenario)
        if not is_queued:
            return
        with self._lock:
            if (record := self._records.get(scenario.id)) is not None:
                record.run_started_at = started
        try:
            self.queue.end(scenario.id)
        except Exception as error:  # the next start does it
            self._log(f"When scenario '{scenario.tag}' started is not stored yet: {error}")

    def _keep_failure(self, scenario: Scenario[Any]) -> None:
        """Store that a result could not be stored. If even that fails, only this process knows."""
        try:
            self._write_run(scenario)
        except Exception:  # the first error is reported
            with self._lock:
                if (record := self._records.get(scenario.id)) is not None:
                    record.status = scenario.status
            self.unpin(scenario.id)

    def refresh(self, scenario_id: str) -> bool:
        """Delete a scenario's run. If that fails, the scenario is read again from the database."""
        try:
            former = owners_of_scenario(self._engine, scenario_id)
            self.queue.remove(scenario_id)
            with at_commit(self._engine, partial(keep, effect=Effect.RESET, subject=scenario_id)):
                is_refreshed = super().refresh(scenario_id)
            self.forget_staleness(scenario_id)
            self._leftovers.delete(former)
            return is_refreshed
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

    def _rehydrated(self, record: ScenarioRecord) -> Scenario[Any] | None:
        """A scenario as before the restart, including its progress and the reason of a failure."""
        scenario = super()._rehydrated(replace(record, data_parameters={}))
        if scenario is None:
            return None
        set_stored_values(scenario.data_params, record)
        algorithm: BaseAlgorithm = scenario._algorithm
        algorithm._progress = record.progress
        if scenario.status == ScenarioStatus.FAILED:
            fail(scenario, *self._failure(record.id))
        return scenario
