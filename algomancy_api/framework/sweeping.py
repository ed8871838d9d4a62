"""What a killed server has left half written, and nobody can see: deleted when the next one starts."""

import uuid
from collections.abc import Iterable

import sqlalchemy as sa
from algomancy_data.database.models import DATA_TABLE_PREFIX, DATASET_COL, SESSION_COL, datasets_table
from algomancy_scenario.persistence.models import RESULT_TABLE_PREFIX, SCENARIO_COL
from algomancy_scenario.persistence.models import scenario_runs_table as runs
from algomancy_scenario.persistence.models import scenarios_table as scenarios
from algomancy_scenario.persistence.models import sessions_table as sessions

from .database import drop_session_rows

#: An owner of rows in a shared table: its session, and its name or id there.
_Owner = tuple[str, str]


def sweep(engine: sa.Engine) -> None:
    """Delete rows that belong to no dataset and no run, and what belongs to no session.

    A dataset's rows are written before its entry in the catalogue, a result's before its run, and a copied session's
    datasets before the session: until then nobody finds them, and after a kill nobody ever would.
    """
    _sweep_sessions(engine)
    with engine.connect() as connection:
        datasets = {(row.session_id, row.name) for row in connection.execute(sa.select(datasets_table))}
        with_tables = sa.select(scenarios.c.session_id, scenarios.c.id).join(runs).where(runs.c.result_sub_tables != "")
        results = {(session, scenario) for session, scenario in connection.execute(with_tables)}
    _sweep_rows(engine, DATA_TABLE_PREFIX, DATASET_COL, datasets)
    _sweep_rows(engine, RESULT_TABLE_PREFIX, SCENARIO_COL, results)


def _sweep_sessions(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        known = set(connection.execute(sa.select(sessions.c.id)).scalars())
        owners = set(connection.execute(sa.select(datasets_table.c.session_id).distinct()).scalars())
    for session in filter(_is_of_the_framework, owners - known):
        with engine.begin() as connection:
            connection.execute(sa.delete(datasets_table).where(datasets_table.c.session_id == session))
        drop_session_rows(engine, session)


def _is_of_the_framework(session: str) -> bool:
    """Whether it is an id that the framework made: what a program of somebody's own has written is theirs."""
    try:
        return str(uuid.UUID(session)) == session
    except ValueError:
        return False


def _sweep_rows(engine: sa.Engine, prefix: str, column: str, owners: Iterable[_Owner]) -> None:
    for table in _tables(engine, prefix, column):
        rows = sa.table(table, sa.column(SESSION_COL), sa.column(column))
        session, owner = rows.c[SESSION_COL], rows.c[column]
        with engine.begin() as connection:
            found = {(row[0], row[1]) for row in connection.execute(sa.select(session, owner).distinct())}
            for session_id, name in found - set(owners):
                connection.execute(sa.delete(rows).where((session == session_id) & (owner == name)))


def _tables(engine: sa.Engine, prefix: str, column: str) -> list[str]:
    """The tables of that prefix whose rows say whose they are; others are somebody else's."""
    inspector = sa.inspect(engine)
    named = [table for table in inspector.get_table_names() if table.startswith(prefix)]
    columns = {table: {part["name"] for part in inspector.get_columns(table)} for table in named}
    return [table for table in named if {SESSION_COL, column} <= columns[table]]
