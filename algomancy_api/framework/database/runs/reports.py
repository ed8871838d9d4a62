"""What runs have reported, stored at their ends.

The table has a row for each run that has reported something, or was asked to end with what it had. The row is valid as
long as the run is there. It is written before the run, so a kill in between leaves a row that the next start deletes.
"""

import logging
from typing import Any

import msgspec
import sqlalchemy as sa
from algomancy_scenario import ScenarioStatus
from algomancy_scenario.persistence.models import scenarios_table as scenarios

from ....engines.reports import Point
from ....serialization.json_encoder import encode
from ...errors import DatabaseUnavailable
from ...run_outcomes import KeptReports, Reported

_logger = logging.getLogger("algomancy_api")

_metadata = sa.MetaData()

_reports = sa.Table(
    "algomancy_api_run_reports",
    _metadata,
    sa.Column("scenario_id", sa.String, primary_key=True),
    sa.Column("is_stopped", sa.Boolean, nullable=False),
    sa.Column("objective", sa.Float, nullable=True),
    sa.Column("bound", sa.Float, nullable=True),
    sa.Column("gap", sa.Float, nullable=True),
    sa.Column("points", sa.Text, nullable=False),  # JSON
)
_row = _reports.c
_last = (_row.scenario_id, _row.is_stopped, _row.objective, _row.bound, _row.gap)

_ended = sa.select(scenarios.c.id).where(
    scenarios.c.status.in_([str(ScenarioStatus.COMPLETE), str(ScenarioStatus.FAILED)])
)

_points = msgspec.json.Decoder(list[tuple[Any, ...]])


def prepare(engine: sa.Engine) -> None:
    """Create the table, and delete the rows of runs that are gone."""
    _metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(sa.delete(_reports).where(_row.scenario_id.not_in(_ended)))


def forget_deleted(engine: sa.Engine) -> None:
    """Delete the rows of scenarios that are deleted."""
    with engine.begin() as connection:
        connection.execute(sa.delete(_reports).where(_row.scenario_id.not_in(sa.select(scenarios.c.id))))


class StoredReports(KeptReports):
    """What the runs of one session have reported, stored in the database when they end."""

    def __init__(self, engine: sa.Engine, session_id: str) -> None:
        super().__init__()
        self._engine = engine
        self._session_id = session_id
        self._stored: dict[str, Reported] = {}

    def load(self) -> None:
        """Read the last reports of the runs that have ended."""
        rows = sa.select(*_last).join(scenarios, scenarios.c.id == _row.scenario_id)
        with self._engine.connect() as connection:
            found = connection.execute(rows.where(scenarios.c.session_id == self._session_id)).all()
        self._stored = {row.scenario_id: Reported(row.is_stopped, *row[2:]) for row in found}

    def last(self, scenario_id: str) -> Reported:
        stored = self._stored.get(scenario_id)
        return super().last(scenario_id) if stored is None else stored

    def points(self, scenario_id: str) -> list[Point]:
        if scenario_id not in self._stored:
            return super().points(scenario_id)
        stored = sa.select(_row.points).where(_row.scenario_id == scenario_id)
        with self._engine.connect() as connection:
            text = connection.execute(stored).scalar() or "[]"
        return [Point(*values) for values in _points.decode(text)]

    def store(self, scenario_id: str) -> None:
        """Store the reports of a run that has ended, before its outcome is.

        Raises:
            DatabaseUnavailable: They may be stored later.
        """
        if (reports := self._live.get(scenario_id)) is None or not (reports.latest or reports.is_stopped):
            return
        try:
            self._write(scenario_id, reports.points())
        except DatabaseUnavailable:
            raise
        except Exception as error:  # the outcome of the run matters more
            _logger.warning("What the run of %s reported cannot be stored: %s", scenario_id, error)
            return
        self._stored[scenario_id] = super().last(scenario_id)
        del self._live[scenario_id]

    def forget(self, scenario_id: str) -> None:
        super().forget(scenario_id)
        if self._stored.pop(scenario_id, None) is not None:
            try:
                self._delete(scenario_id)
            except Exception as error:  # the next start does it
                _logger.warning("What the run of %s reported cannot be deleted yet: %s", scenario_id, error)

    def _write(self, scenario_id: str, points: list[Point]) -> None:
        last = super().last(scenario_id)._asdict()
        text = encode([tuple(point) for point in points]).decode()
        with self._engine.begin() as connection:
            connection.execute(sa.delete(_reports).where(_row.scenario_id == scenario_id))
            connection.execute(sa.insert(_reports).values(scenario_id=scenario_id, points=text, **last))

    def _delete(self, scenario_id: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(sa.delete(_reports).where(_row.scenario_id == scenario_id))
