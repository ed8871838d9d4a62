"""What refers to values in BLOBs: the datasets in the catalogue, and the runs of scenarios."""

from typing import Any

import sqlalchemy as sa
from algomancy_data.database.models import datasets_table as datasets
from algomancy_scenario.persistence.models import scenario_runs_table as runs
from algomancy_scenario.persistence.models import scenarios_table as scenarios

from .catalogue import owner_of_row
from .markers import LONGEST_RESULT_MARKER, result_owner


def beginning(column: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """The beginning of a result's text: the whole of it may have megabytes. There is an index of it."""
    ends: list[sa.ColumnElement[int]] = [sa.literal_column(str(end)) for end in (1, LONGEST_RESULT_MARKER)]
    return sa.func.substr(column, *ends)  # without parameters, as the index has it


_datasets: sa.Select[Any] = sa.select(datasets.c.id, datasets.c.ds_type)
_results: sa.Select[Any] = sa.select(beginning(runs.c.result_blob))


def owners_in_use(engine: sa.Engine) -> set[str]:
    """The owners of all BLOBs that something refers to."""
    return _owners(engine, _datasets, _results)


def owners_of_session(engine: sa.Engine, session_id: str) -> set[str]:
    """The owners of the BLOBs of a session's datasets and results."""
    of_session = _results.join(scenarios, scenarios.c.id == runs.c.scenario_id)
    return _owners(
        engine,
        _datasets.where(datasets.c.session_id == session_id),
        of_session.where(scenarios.c.session_id == session_id),
    )


def owners_of_scenario(engine: sa.Engine, scenario_id: str) -> set[str]:
    """The owners of the BLOBs of a scenario's results."""
    return _owners(engine, None, _results.where(runs.c.scenario_id == scenario_id))


def _owners(engine: sa.Engine, of_datasets: sa.Select[Any] | None, of_results: sa.Select[Any]) -> set[str]:
    with engine.connect() as connection:
        found = {result_owner(text) for text in connection.execute(of_results).scalars()}
        if of_datasets is not None:
            found |= {owner_of_row(key, ds_type) for key, ds_type in connection.execute(of_datasets)}
    return {owner for owner in found if owner is not None}
