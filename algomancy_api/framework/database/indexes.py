"""Indexes that the framework's SQL tables lack: without them, each statement about one run reads those of all."""

import logging

import sqlalchemy as sa
from algomancy_scenario.persistence.models import kpi_measurements_table, scenario_runs_table
from sqlalchemy.schema import CreateIndex

from .storage.references import beginning

_logger = logging.getLogger("algomancy_api")

# Copies: the framework's own tables stay as they are.
_metadata = sa.MetaData()
_runs = scenario_runs_table.to_metadata(_metadata).c
_kpis = kpi_measurements_table.to_metadata(_metadata).c

_INDEXES = (
    sa.Index("algomancy_api_runs_by_scenario", _runs.scenario_id),
    sa.Index("algomancy_api_runs_by_result", beginning(_runs.result_blob)),
    sa.Index("algomancy_api_kpis_by_run", _kpis.run_id),
)


def create(engine: sa.Engine) -> None:
    """Create the indexes that a database lacks. Without the right to do so, it is only slower."""
    for index in _INDEXES:
        try:
            with engine.begin() as connection:
                connection.execute(CreateIndex(index, if_not_exists=True))
        except sa.exc.SQLAlchemyError as error:
            _logger.warning("The index %s cannot be created: %s", index.name, error)
