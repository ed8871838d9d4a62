"""The datasets that runs used and that were replaced later, which the framework does not keep.

Their table has a row for each such run. It is valid as long as the run is there, whoever deletes or repeats that. It
does not refer to the framework's tables by a foreign key: a framework without this package can delete and drop them.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, NamedTuple
from weakref import WeakSet

import sqlalchemy as sa
from algomancy_data import BaseDataSource
from algomancy_scenario import Scenario, ScenarioStatus
from algomancy_scenario.persistence import SqlScenarioRepository
from algomancy_scenario.persistence.models import scenario_runs_table as runs
from algomancy_scenario.persistence.models import scenarios_table as scenarios
from algomancy_scenario.records import ScenarioRecord

from ..dataset_changes import WITHOUT_RUN, Write

_metadata = sa.MetaData()

_run_data = sa.Table(
    "algomancy_api_run_data",
    _metadata,
    sa.Column("scenario_id", sa.String, primary_key=True),
    sa.Column("run_id", sa.String, nullable=True),  # null if the dataset was replaced during the run
    sa.Column("dataset_id", sa.String, nullable=False),
)
_row = _run_data.c

_HAS_ENDED = scenarios.c.status.in_([str(ScenarioStatus.COMPLETE), str(ScenarioStatus.FAILED)])


def prepare(engine: sa.Engine) -> None:
    """Create the table, and delete the rows of runs that are gone."""
    _metadata.create_all(engine)
    is_gone = _row.run_id.is_not(None) & _row.run_id.not_in(sa.select(runs.c.run_id))
    has_no_run = _row.scenario_id.not_in(sa.select(scenarios.c.id).where(_HAS_ENDED))
    with engine.begin() as connection:
        connection.execute(sa.delete(_run_data).where(is_gone | has_no_run))


def load(engine: sa.Engine, session_id: str) -> dict[str, str]:
    """The id of the dataset of each run in a session, by scenario; only of datasets that were replaced."""
    of_session = scenarios.c.session_id == session_id
    rows = sa.select(_row.scenario_id, _row.dataset_id).join(scenarios, scenarios.c.id == _row.scenario_id)
    with engine.connect() as connection:
        return {row.scenario_id: row.dataset_id for row in connection.execute(rows.where(of_session))}


class Replaced(NamedTuple):
    """A dataset that is replaced: the id of its session, its key and its id."""

    session_id: str
    key: str
    id: str


def keep(
    connection: sa.Connection, replaced: Replaced, running: Collection[str] = (), stale: Collection[str] = ()
) -> None:
    """Keep the id of a dataset that is replaced for all runs that used it.

    Args:
        connection: The transaction that replaces it.
        replaced: The dataset.
        running: The scenarios that are running with it.
        stale: The scenarios whose rows are of earlier runs.
    """
    forget(connection, stale)
    if running:
        of_running = [{"scenario_id": scenario, "run_id": None, "dataset_id": replaced.id} for scenario in running]
        connection.execute(sa.insert(_run_data), of_running)
    uses_it = (scenarios.c.session_id == replaced.session_id) & (scenarios.c.input_data_key == replaced.key)
    ended = (
        sa.select(scenarios.c.id, sa.func.max(runs.c.run_id), sa.literal(replaced.id))
        .select_from(scenarios.outerjoin(runs, runs.c.scenario_id == scenarios.c.id))
        .where(uses_it, _HAS_ENDED, scenarios.c.id.not_in(sa.select(_row.scenario_id)))
        .group_by(scenarios.c.id)
    )
    connection.execute(sa.insert(_run_data).from_select(["scenario_id", "run_id", "dataset_id"], ended))


def forget(connection: sa.Connection, scenario_ids: Collection[str]) -> None:
    """Delete the rows of scenarios."""
    if scenario_ids:
        of_scenario = _row.scenario_id == sa.bindparam("scenario")
        connection.execute(sa.delete(_run_data).where(of_scenario), [{"scenario": each} for each in scenario_ids])


def forget_deleted(engine: sa.Engine) -> None:
    """Delete the rows of scenarios that are deleted."""
    with engine.begin() as connection:
        connection.execute(sa.delete(_run_data).where(_row.scenario_id.not_in(sa.select(scenarios.c.id))))


class RunData(SqlScenarioRepository):
    """A repository that knows what data its scenarios have run on, and gives them others.

    What `ApiScenarioRegistry` does with datasets, with the same attributes and methods: they are described there.
    """

    def __init__(self, **keywords: Any) -> None:  # noqa: ANN401 - the framework's own
        super().__init__(**keywords)
        self.former_ids: dict[str, str] = {}
        self.replacements = 0
        #: The scenarios that somebody uses, also those that are no longer in the cache.
        self._alive: WeakSet[Scenario[Any]] = WeakSet()
        #: The scenarios whose rows are of an earlier run.
        self._stale: set[str] = set()

    def users_of(self, key: str) -> list[str]:
        with self._lock:
            return [record.tag for record in self._records.values() if record.input_data_key == key]

    def use_counts(self) -> Counter[str]:
        with self._lock:
            return Counter(record.input_data_key for record in self._records.values())

    @contextmanager
    def replacing(self, key: str, source: BaseDataSource, former_id: str) -> Iterator[Write]:
        with self._lock:
            users = [record.id for record in self._records.values() if record.input_data_key == key]
            states = {user: state[0] for user in users if (state := self.status_of(user)) is not None}
        have_run = [user for user in users if states[user] not in WITHOUT_RUN and user not in self.former_ids]
        running = [user for user in have_run if states[user] == ScenarioStatus.PROCESSING]
        stale = list(self._stale)
        replaced = Replaced(self._session_id, key, former_id)
        yield partial(keep, replaced=replaced, running=running, stale=stale)
        with self._lock:
            self._stale.difference_update(stale)
            self.former_ids |= dict.fromkeys(have_run, former_id)
            scenario: Any  # with an unbound type variable of the framework
            for scenario in self._alive:
                if scenario.input_data_key == key:
                    scenario._input_data = source
            self.replacements += 1

    def begin_run(self, scenario_id: str) -> None:
        with self._lock:
            if self.former_ids.pop(scenario_id, None) is not None:
                self._stale.add(scenario_id)

    def forget_run(self, scenario_id: str) -> None:
        self.begin_run(scenario_id)
        with suppress(Exception):  # the row is deleted before the next run is stored, or at the next start
            self.delete_stale(scenario_id)

    def load_former_ids(self) -> None:
        """Read the rows of the session."""
        self.former_ids = load(self._engine, self._session_id)

    def delete_stale(self, scenario_id: str) -> None:
        """Delete the row of a scenario, if it is of an earlier run."""
        if scenario_id in self._stale:
            with self._engine.begin() as connection:
                forget(connection, [scenario_id])
            self._stale.discard(scenario_id)

    def _rehydrate_by_id(self, record: ScenarioRecord) -> Scenario[Any] | None:
        """A scenario with its present dataset, also if that is replaced meanwhile."""
        while True:
            replacements = self.replacements
            scenario = self._built(record)
            if scenario is None:
                return None
            with self._lock:
                if replacements == self.replacements:
                    self._alive.add(scenario)
                    return scenario

    def _built(self, record: ScenarioRecord) -> Scenario[Any] | None:
        return self._rehydrated(record)

    def _rehydrated(self, record: ScenarioRecord) -> Scenario[Any] | None:
        return super()._rehydrate_by_id(record)
