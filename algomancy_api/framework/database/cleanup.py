"""Deletion of incomplete data that a killed server has left; runs at each start."""

import logging
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from algomancy_data.database.database_manager import _decode_sub_tables
from algomancy_data.database.models import DATA_TABLE_PREFIX, DATASET_COL, SESSION_COL, datasets_table
from algomancy_scenario.persistence.models import RESULT_TABLE_PREFIX, SCENARIO_COL
from algomancy_scenario.persistence.models import scenario_runs_table as runs
from algomancy_scenario.persistence.models import scenarios_table as scenarios
from algomancy_scenario.persistence.models import sessions_table as sessions

from . import indexes, run_data
from .engine import drop_session_rows, drop_tables
from .idempotency import table as idempotency_keys
from .runs import history, logs, queue, reports
from .scenarios import annotations
from .storage import blobs
from .storage.leftovers import Leftovers
from .storage.references import owners_in_use, owners_of_session
from .storage.table_names import is_own_sql_table, sql_table
from .webhooks import table as webhooks

_logger = logging.getLogger("algomancy_api")

#: The owner of rows in a table: the session id, and the dataset name or scenario id.
_Owner = tuple[str, str]

#: The owners of rows, by SQL table.
_Owners = Mapping[str, set[_Owner]]


def sweep(engine: sa.Engine) -> None:
    """Delete columns without a dataset or run, rows and tables of earlier versions, and datasets without a session.

    The columns of a dataset are written before its catalogue entry, those of a result before its run, and the datasets
    of a copied session before the session. Until then no reader finds them; after a kill, none ever would. The former
    content of a replaced or deleted dataset is deleted last, so a kill can leave this, too.
    """
    blobs.create(engine)
    indexes.create(engine)
    run_data.prepare(engine)
    queue.prepare(engine)
    history.prepare(engine)
    reports.prepare(engine)
    logs.prepare(engine)
    annotations.prepare(engine)
    idempotency_keys.prepare(engine)
    webhooks.prepare(engine)
    _sweep_sessions(engine)
    _delete_contents(engine, blobs.owners(engine) - owners_in_use(engine))
    datasets = sa.select(datasets_table.c.session_id, datasets_table.c.name, datasets_table.c.sub_tables)
    results = sa.select(scenarios.c.session_id, scenarios.c.id, runs.c.result_sub_tables).join(runs)
    _sweep_tables(engine, DATA_TABLE_PREFIX, DATASET_COL, _owners(engine, DATA_TABLE_PREFIX, datasets))
    _sweep_tables(engine, RESULT_TABLE_PREFIX, SCENARIO_COL, _owners(engine, RESULT_TABLE_PREFIX, results))


@contextmanager
def content_deletion(engine: sa.Engine, session_id: str) -> Iterator[None]:
    """A context in which a session's own rows are deleted; the content of its datasets and results follows.

    It is deleted in small transactions. The session is gone by then, so a failure is no error: the start deletes what a
    failure or a kill leaves.
    """
    owners = owners_of_session(engine, session_id)
    yield
    try:
        drop_session_rows(engine, session_id)
    except Exception as error:
        _logger.warning("Rows of a deleted session cannot be deleted yet: %s", error)
    _delete_contents(engine, owners)


def _delete_contents(engine: sa.Engine, owners: Iterable[str]) -> None:
    """Delete columns of datasets and results that are known to be used no more."""
    Leftovers(engine, is_used=lambda _owner: False).delete(owners)


def _owners(engine: sa.Engine, prefix: str, owners: sa.Select[Any]) -> _Owners:
    found: dict[str, set[_Owner]] = defaultdict(set)
    with engine.connect() as connection:
        for session, name, stored in connection.execute(owners):
            for table in _decode_sub_tables(stored) or ():
                found[sql_table(prefix, table)].add((session, name))
    return found


def _sweep_sessions(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        known = set(connection.execute(sa.select(sessions.c.id)).scalars())
        owners = set(connection.execute(sa.select(datasets_table.c.session_id).distinct()).scalars())
    for session in filter(_is_of_the_framework, owners - known):
        with engine.begin() as connection:
            connection.execute(sa.delete(datasets_table).where(datasets_table.c.session_id == session))
        drop_session_rows(engine, session)


def _is_of_the_framework(session: str) -> bool:
    """Whether the framework made an id: rows that another program wrote are not ours to delete."""
    try:
        return str(uuid.UUID(session)) == session
    except ValueError:
        return False


def _sweep_tables(engine: sa.Engine, prefix: str, column: str, owners: _Owners) -> None:
    tables = _tables(engine, prefix, column)
    for table in owners.keys() & tables:
        if prefix != DATA_TABLE_PREFIX or not is_own_sql_table(prefix, table):  # those have one dataset
            _sweep_rows(engine, table, column, owners[table])
    drop_tables(engine, [table for table in tables if table not in owners])


def _sweep_rows(engine: sa.Engine, table: str, column: str, owners: Iterable[_Owner]) -> None:
    rows = sa.table(table, sa.column(SESSION_COL), sa.column(column))
    session, owner = rows.c[SESSION_COL], rows.c[column]
    with engine.begin() as connection:
        found = {(row[0], row[1]) for row in connection.execute(sa.select(session, owner).distinct())}
        for session_id, name in found - set(owners):
            connection.execute(sa.delete(rows).where((session == session_id) & (owner == name)))


def _tables(engine: sa.Engine, prefix: str, column: str) -> list[str]:
    """The tables with a prefix that a session owns, or whose rows name their owner; others are not ours."""
    inspector = sa.inspect(engine)
    named = [table for table in inspector.get_table_names() if table.startswith(prefix)]
    return [table for table in named if is_own_sql_table(prefix, table) or _is_shared(inspector, table, column)]


def _is_shared(inspector: sa.Inspector, table: str, column: str) -> bool:
    return {SESSION_COL, column} <= {part["name"] for part in inspector.get_columns(table)}
