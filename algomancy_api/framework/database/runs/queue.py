"""The queue of a session, kept in the database so that a restart does not lose it.

Its table has a row for each scenario that waits or runs, and for each whose run a restart has cut off. The row is
deleted when the outcome of the run is stored, and when the scenario is reset or deleted. The framework does not read
the table: to it, such a scenario is `created`.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from algomancy_scenario import ScenarioStatus
from algomancy_scenario.persistence.models import scenario_runs_table as runs
from algomancy_scenario.persistence.models import scenarios_table as scenarios
from sqlalchemy.schema import CreateColumn

from ....engines.options import RunOptions
from ...idempotency.pending import Effect, pending_key
from ...scenario_registry import Queued, RunQueue
from ..idempotency.transactions import keep
from .history import KeptHistory

_metadata = sa.MetaData()

_queue = sa.Table(
    "algomancy_api_queue",
    _metadata,
    sa.Column("scenario_id", sa.String, primary_key=True),
    sa.Column("session_id", sa.String, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("time_limit", sa.Float, nullable=True),
    sa.Column("started_at", sa.DateTime, nullable=True),  # null until the run begins
    sa.Column("retries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("sender", sa.String, nullable=True),
    sa.Column("keeps_best", sa.Boolean, nullable=True),  # null in rows of earlier versions
)
_row = _queue.c

#: The options of the run of each scenario that is about to be added; None for one that will not be queued then.
_options_of_new: ContextVar[Sequence[RunOptions | None]] = ContextVar("the runs of new scenarios", default=())

_ended = sa.select(scenarios.c.id).where(
    scenarios.c.status.in_([str(ScenarioStatus.COMPLETE), str(ScenarioStatus.FAILED)])
)

#: The scenarios whose run has begun, and has no stored outcome: at a start, it was cut off.
begun = sa.select(_row.scenario_id).where(_row.started_at.is_not(None))


def prepare(engine: sa.Engine) -> None:
    """Create the table, and delete the rows of runs whose outcome is stored, and of scenarios that are gone."""
    _metadata.create_all(engine)
    _add_columns(engine)
    with engine.begin() as connection:
        _settle(connection, _row.scenario_id.in_(_ended))
    forget_deleted(engine)


def _add_columns(engine: sa.Engine) -> None:
    """Add the columns that the table of an earlier version lacks."""
    present = {column["name"] for column in sa.inspect(engine).get_columns(_queue.name)}
    with engine.begin() as connection:
        for column in _queue.columns:
            if column.name not in present:
                declaration = CreateColumn(column).compile(dialect=engine.dialect)
                connection.exec_driver_sql(f"ALTER TABLE {_queue.name} ADD COLUMN {declaration}")


def forget_deleted(engine: sa.Engine) -> None:
    """Delete the rows of scenarios that are deleted."""
    with engine.begin() as connection:
        connection.execute(sa.delete(_queue).where(_row.scenario_id.not_in(sa.select(scenarios.c.id))))


def _options_of(row: sa.Row[Any]) -> RunOptions:
    return RunOptions(row.time_limit, row.retries, row.sender, keeps_best=bool(row.keeps_best))


class KeptQueue(RunQueue):
    """The queue of one session in the database, whose changes are in the history of its runs, too."""

    is_kept = True

    def __init__(self, engine: sa.Engine, session_id: str, history: KeptHistory) -> None:
        super().__init__()
        self._engine = engine
        self._session_id = session_id
        self._history = history
        self._positions = itertools.count(1)

    def load(self) -> list[Queued]:
        rows = sa.select(_queue).where(_row.session_id == self._session_id).order_by(_row.position)
        with self._engine.connect() as connection:
            found = connection.execute(rows).all()
        self._positions = itertools.count(found[-1].position + 1 if found else 1)
        entries = [Queued(row.scenario_id, _options_of(row), row.started_at is not None) for row in found]
        self.interrupted |= {entry.scenario_id for entry in entries if entry.has_begun} - self.started.keys()
        return entries

    def put(self, scenario_ids: Sequence[str], options: RunOptions) -> None:
        if not scenario_ids:
            return
        gone = [{"gone": scenario_id} for scenario_id in scenario_ids]
        with self._engine.begin() as connection:
            connection.execute(sa.delete(_queue).where(_row.scenario_id == sa.bindparam("gone")), gone)
            connection.execute(sa.insert(_queue), [self._values(scenario_id, options) for scenario_id in scenario_ids])
            self._history.write_queued(connection, scenario_ids)
            keep(connection, Effect.QUEUED, scenario_ids)
        for scenario_id in scenario_ids:
            self._wait(scenario_id)

    @contextmanager
    def with_new(self, options: Sequence[RunOptions | None]) -> Iterator[None]:
        token = _options_of_new.set(options)
        try:
            yield
        finally:
            _options_of_new.reset(token)

    def put_ahead(self, connection: sa.Connection, scenario_ids: Sequence[str]) -> None:
        """Write which new scenarios are queued into the transaction that adds them, if their request has a key.

        So the key has the whole effect. After a kill before `put`, the next start queues the scenarios.
        """
        if pending_key.get() is None or not (options := _options_of_new.get()):
            return
        runs_of_new = zip(scenario_ids, options, strict=True)
        if rows := [self._values(each, run) for each, run in runs_of_new if run is not None]:
            connection.execute(sa.insert(_queue), rows)

    def replace(self, entries: Sequence[Queued], dropped: Iterable[str]) -> None:
        gone = [{"gone": scenario_id} for scenario_id in [*(entry.scenario_id for entry in entries), *dropped]]
        with self._engine.begin() as connection:
            if gone:
                connection.execute(sa.delete(_queue).where(_row.scenario_id == sa.bindparam("gone")), gone)
            if entries:
                values = [self._values(entry.scenario_id, entry.options) for entry in entries]
                connection.execute(sa.insert(_queue), values)
        for entry in entries:
            self._wait(entry.scenario_id)

    def begin(self, scenario_id: str) -> None:
        self.started[scenario_id] = now = datetime.now()  # noqa: DTZ005 - as the framework's own times
        with self._engine.begin() as connection:
            of_scenario = _row.scenario_id == scenario_id
            connection.execute(sa.update(_queue).where(of_scenario).values(started_at=now))
            self._history.write(connection, scenario_id)

    def end(self, scenario_id: str) -> None:
        """Keep when a stored run has begun, and delete its row. The next start does so after a kill in between."""
        with self._engine.begin() as connection:
            _settle(connection, _row.scenario_id == scenario_id)
        self.started.pop(scenario_id, None)

    def cut_off(self, scenario_id: str) -> None:
        if self.started.pop(scenario_id, None) is not None:
            self.interrupted.add(scenario_id)

    def remove(self, scenario_id: str) -> None:
        """Forget a scenario."""
        with self._engine.begin() as connection:
            connection.execute(sa.delete(_queue).where(_row.scenario_id == scenario_id))
        self.started.pop(scenario_id, None)
        self.interrupted.discard(scenario_id)

    def _wait(self, scenario_id: str) -> None:
        self.started[scenario_id] = None
        self.interrupted.discard(scenario_id)

    def _values(self, scenario_id: str, options: RunOptions) -> dict[str, Any]:
        return {
            "scenario_id": scenario_id,
            "session_id": self._session_id,
            "position": next(self._positions),
            "time_limit": options.time_limit,
            "started_at": None,
            "retries": options.retries,
            "sender": options.sender,
            "keeps_best": options.keeps_best,
        }


def _settle(connection: sa.Connection, which: sa.ColumnElement[bool]) -> None:
    """Write the starts of runs to the framework's table, where they are the ends, and delete the rows."""
    started_at = sa.select(_row.started_at).where(_row.scenario_id == runs.c.scenario_id).scalar_subquery()
    settled = sa.select(_row.scenario_id).where(which)
    connection.execute(sa.update(runs).where(runs.c.scenario_id.in_(settled)).values(started_at=started_at))
    connection.execute(sa.delete(_queue).where(which))
