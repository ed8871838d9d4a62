"""The history of the runs of a session's scenarios, kept in a database.

Its table has a row for each run, from the moment it is queued; the facts are JSON, so that later versions can add some.
The row is written in the transaction that changes the queue or stores the outcome. Where only that fails, the outcome
is stored all the same, and the next start completes the row from it. The framework does not read the table.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import batched
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from algomancy_scenario import Scenario, ScenarioStatus
from algomancy_scenario.persistence.models import scenario_runs_table as runs
from algomancy_scenario.persistence.models import scenarios_table as scenarios
from msgspec.structs import replace

from ....engines.run import CANCELLED
from ....serialization.json_encoder import encode
from ...history.facts import FACTS, EndedFacts, RunFacts, facts_of
from ...history.record import RunRecord, interrupted_record, queued_by
from ...history.runs import OpenRun, RunHistory, never_failing
from ...run_outcomes import Outcome
from .stored import KpiForm, other_kpis

_logger = logging.getLogger("algomancy_api")

#: Ids: asked for in one statement. Databases limit its parameters, the strictest to 32,766.
_PARAMETERS = 10_000

_metadata = sa.MetaData()

_history = sa.Table(
    "algomancy_api_history",
    _metadata,
    sa.Column("scenario_id", sa.String, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("is_open", sa.Boolean, nullable=False),  # until the run has ended
    sa.Column("record", sa.Text, nullable=False),  # JSON
)
_row = _history.c

_decoder = msgspec.json.Decoder(RunRecord)

_HAS_ENDED = scenarios.c.status.in_([str(ScenarioStatus.COMPLETE), str(ScenarioStatus.FAILED)])

#: Beginnings of errors that tell how a run has ended; `engines.run` makes them.
_OUTCOMES = {CANCELLED: Outcome.CANCELLED, "Timed out after ": Outcome.TIMED_OUT}


class _End(NamedTuple):
    """What the framework's tables have of the end of a run."""

    status: str
    error: str | None
    finished_at: datetime | None
    kpis: Mapping[str, KpiForm]


def prepare(engine: sa.Engine) -> None:
    """Create the table, and complete the rows of runs of which the last server did not write how they ended."""
    _metadata.create_all(engine)
    forget_deleted(engine)
    ends = _ends(engine)
    with engine.begin() as connection:
        for scenario_id, record in _records(connection, _row.is_open):
            if (end := ends.get(scenario_id)) is not None:
                _write(connection, scenario_id, _settled(record, end))
            elif record.started is not None:
                _write(connection, scenario_id, interrupted_record(record))


def forget_deleted(engine: sa.Engine) -> None:
    """Delete the rows of scenarios that are deleted."""
    with engine.begin() as connection:
        connection.execute(sa.delete(_history).where(_row.scenario_id.not_in(sa.select(scenarios.c.id))))


class KeptHistory(RunHistory):
    """The runs of one session's scenarios, in the database. Those that wait or run are in memory, too."""

    def __init__(self, engine: sa.Engine, session_id: str) -> None:
        super().__init__()
        self._engine = engine
        self._session_id = session_id
        self._ended_facts = EndedFacts()

    def load(self) -> None:
        """Read the number of the last run of each scenario."""
        last = sa.select(_row.scenario_id, sa.func.max(_row.number).label("number"))
        of_session = last.join(scenarios, scenarios.c.id == _row.scenario_id).group_by(_row.scenario_id)
        with self._engine.connect() as connection:
            found = connection.execute(of_session.where(scenarios.c.session_id == self._session_id))
            self._numbers = {row.scenario_id: row.number for row in found}

    def of(self, scenario_id: str) -> list[RunRecord]:
        if not self.rules.keep_runs:
            return []
        run = self._open.get(scenario_id)  # before the rows, since its end may be stored meanwhile
        with self._engine.connect() as connection:
            rows = _records(connection, (_row.scenario_id == scenario_id) & ~_row.is_open)
            ended = [record for _, record in rows][: self.rules.keep_runs]
        if run is None or run.record.number in {record.number for record in ended}:
            return ended
        return [run.shown(), *ended]

    def latest(self, scenario_ids: Iterable[str]) -> dict[str, RunFacts]:
        if not self.rules.keep_runs:
            return {}
        wanted = list(scenario_ids)
        open_runs = {key: run.shown() for key in wanted if (run := self._open.get(key)) is not None}  # as in `of`
        found = self._ended_facts.of(wanted, self._numbers, self._read_ended)
        for scenario_id, record in open_runs.items():
            if scenario_id not in found or found[scenario_id].number != record.number:
                found[scenario_id] = facts_of(record)
        return found

    def write(self, connection: sa.Connection, scenario_id: str) -> None:
        """Write what is known of the run that waits or runs into a transaction about it."""
        if (run := self._open.get(scenario_id)) is not None:
            self._write_beside(connection, scenario_id, run.shown)

    def write_queued(self, connection: sa.Connection, scenario_ids: Iterable[str]) -> None:
        """Write the runs of scenarios that are queued into the transaction that queues them."""
        records = [(each, run.shown()) for each in scenario_ids if (run := self._open.get(each)) is not None]
        if not records:
            return
        try:
            with connection.begin_nested():
                _write_new(connection, records)
        except Exception:  # if the connection is gone, the transaction fails, too
            _logger.warning("The history of %d scenarios is incomplete", len(records), exc_info=True)

    def write_end(self, connection: sa.Connection, scenario_id: str) -> None:
        """Write the end of a run into the transaction that stores its outcome."""
        if (run := self._open.get(scenario_id)) is not None:
            self._write_beside(connection, scenario_id, run.end)

    @never_failing
    def resumed(self, scenario: Scenario[Any], time_limit: float | None) -> None:
        """Note that a run is queued again: the one that waited, or a new one after one that was cut off."""
        if not self.rules.keep_runs:
            return
        with self._engine.begin() as connection:
            _, last = next(iter(_records(connection, _row.scenario_id == scenario.id)), (None, None))
            if last is not None and last.ended is None:
                with self._lock:
                    self._open[scenario.id] = OpenRun(last, scenario)
                    self._numbers[scenario.id] = last.number
                return
            by_whom = queued_by.set(None if last is None else last.queued_by)
            try:
                self.queued(scenario, time_limit)
            finally:
                queued_by.reset(by_whom)
            self.write(connection, scenario.id)

    @never_failing
    def ended(self, scenario: Scenario[Any]) -> None:
        with self._lock:
            self._open.pop(scenario.id, None)

    def cut_off(self, scenario_id: str) -> None:
        """Note that a run, or the wait for it, has ended without an outcome. One that waits does so after a restart."""
        with self._lock:
            self._open.pop(scenario_id, None)
        with suppress(Exception), self._engine.begin() as connection:  # the next start does it
            for _, record in _records(connection, (_row.scenario_id == scenario_id) & _row.is_open):
                if record.started is not None:
                    _write(connection, scenario_id, interrupted_record(record))

    @never_failing
    def drop_waiting(self, scenario_ids: Iterable[str]) -> None:
        """Forget the runs of scenarios that never began, and are not queued again."""
        for scenario_id in scenario_ids:
            self._delete((_row.scenario_id == scenario_id) & _row.is_open)
        self.load()

    def forget(self, scenario_id: str) -> None:
        super().forget(scenario_id)
        self._delete(_row.scenario_id == scenario_id)

    def _read_ended(self, scenario_ids: list[str]) -> dict[str, RunFacts]:
        """The facts of the last run of each scenario that has ended, in few statements for many scenarios."""
        facts: dict[str, RunFacts] = {}
        with self._engine.connect() as connection:
            for ids in batched(scenario_ids, _PARAMETERS, strict=False):
                for row in connection.execute(_last_ended(ids)):
                    with suppress(msgspec.MsgspecError):  # of a later version
                        facts[row.scenario_id] = FACTS.decode(row.record)
        return facts

    @never_failing
    def _delete(self, which: sa.ColumnElement[bool]) -> None:
        with self._engine.begin() as connection:
            connection.execute(sa.delete(_history).where(which))

    def _write_beside(self, connection: sa.Connection, scenario_id: str, made: Callable[[], RunRecord]) -> None:
        """Write a row. What is wrong with it undoes nothing else of the transaction."""
        try:
            with connection.begin_nested():
                record = made()
                _write(connection, scenario_id, record)
                if record.ended is not None:
                    too_old = _row.number <= record.number - self.rules.keep_runs
                    connection.execute(sa.delete(_history).where(_row.scenario_id == scenario_id, too_old))
        except Exception:  # if the connection is gone, the transaction fails, too
            _logger.warning("The history of scenario %r is incomplete", scenario_id, exc_info=True)


def _last_ended(scenario_ids: Sequence[str]) -> sa.Select[tuple[str, str]]:
    is_ended = _row.scenario_id.in_(scenario_ids) & ~_row.is_open
    number = sa.func.max(_row.number).label("number")
    last = sa.select(_row.scenario_id, number).where(is_ended).group_by(_row.scenario_id).subquery()
    is_last = (last.c.scenario_id == _row.scenario_id) & (last.c.number == _row.number)
    found: sa.Select[tuple[str, str]] = sa.select(_row.scenario_id, _row.record).join(last, is_last)
    return found


def _write_new(connection: sa.Connection, records: Iterable[tuple[str, RunRecord]]) -> None:
    """Write the rows of runs that have none, but for what a request that failed may have left."""
    rows = [{**_key(each, record), **_values(record)} for each, record in records]
    is_of_run = (_row.scenario_id == sa.bindparam("scenario_id_")) & (_row.number == sa.bindparam("number_"))
    keys = [{"scenario_id_": row["scenario_id"], "number_": row["number"]} for row in rows]
    connection.execute(sa.delete(_history).where(is_of_run), keys)
    connection.execute(sa.insert(_history), rows)


def _write(connection: sa.Connection, scenario_id: str, record: RunRecord) -> None:
    """Write the row of a run, in place of the one that it has."""
    row, key = _values(record), _key(scenario_id, record)
    is_of_run = (_row.scenario_id == scenario_id) & (_row.number == record.number)
    if not connection.execute(sa.update(_history).where(is_of_run).values(row)).rowcount:
        connection.execute(sa.insert(_history).values(key | row))


def _key(scenario_id: str, record: RunRecord) -> dict[str, Any]:
    return {"scenario_id": scenario_id, "number": record.number}


def _values(record: RunRecord) -> dict[str, Any]:
    return {"is_open": record.ended is None, "record": encode(record).decode()}


def _records(connection: sa.Connection, which: sa.ColumnElement[bool]) -> list[tuple[str, RunRecord]]:
    """The records of rows with the ids of their scenarios, the newest of each first."""
    rows = sa.select(_row.scenario_id, _row.record).where(which).order_by(_row.scenario_id, _row.number.desc())
    records = []
    for scenario_id, text in connection.execute(rows):
        with suppress(msgspec.MsgspecError):  # of a later version
            records.append((scenario_id, _decoder.decode(text)))
    return records


def _ends(engine: sa.Engine) -> dict[str, _End]:
    """The stored ends of runs whose rows do not have them, by scenario."""
    is_open = scenarios.c.id.in_(sa.select(_row.scenario_id).where(_row.is_open))
    ended = sa.select(runs).join(scenarios, scenarios.c.id == runs.c.scenario_id).where(is_open, _HAS_ENDED)
    with engine.connect() as connection:
        rows = connection.execute(ended.order_by(runs.c.finished_at)).all()
    kpis = other_kpis(engine, [row.run_id for row in rows], known=[])
    return {row.scenario_id: _End(row.status, row.error, row.finished_at, kpis.get(row.run_id, {})) for row in rows}


def _settled(record: RunRecord, end: _End) -> RunRecord:
    """The record of a run with its end."""
    named = (outcome for start, outcome in _OUTCOMES.items() if end.error is not None and end.error.startswith(start))
    return replace(
        record,
        ended=None if end.finished_at is None else end.finished_at.astimezone(UTC),  # the framework's times are local
        outcome=str(next(named, end.status)),
        error=end.error,
        kpis=end.kpis,
    )
