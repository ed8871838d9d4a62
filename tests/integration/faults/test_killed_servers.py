"""A server that is killed in the middle of a change has made all of it or nothing, and leaves nothing behind."""

from typing import Any

import pytest

from ...support.databases import Database
from .changes import assert_all_or_nothing
from .forks import Forks
from .moments import COMMIT, THEN

BLOB, ENTRY, ROWS = "INSERT INTO algomancy_api_blobs", "INSERT INTO algomancy_datasets", "INSERT INTO algomancy_ds__"
SESSION, RUN, STATUS = "INSERT INTO algomancy_sessions", "INSERT INTO algomancy_scenario_runs", "UPDATE algomancy_sc"
RUN_DATA = "INSERT INTO algomancy_api_run_data"
HISTORY, QUEUE_GONE = "UPDATE algomancy_api_history", "DELETE FROM algomancy_api_queue"
BLOB_GONE, ENTRY_GONE = "DELETE FROM algomancy_api_blobs", "DELETE FROM algomancy_datasets"
RUN_GONE, SCENARIO_GONE = "DELETE FROM algomancy_scenario_runs", "DELETE FROM algomancy_scenarios"
SESSION_GONE, TABLE_GONE = "DELETE FROM algomancy_sessions", "DROP TABLE"

type Moments = dict[str, tuple[list[list[str]], list[list[str]]]]

#: The moments before a change is made, and those after, by the name of the change.
MOMENTS: Moments = {
    "store by etl": ([[BLOB, BLOB], [BLOB, COMMIT, BLOB, ENTRY, COMMIT]], []),
    "store by from-json": ([[BLOB, BLOB]], []),
    "derive": ([[BLOB, BLOB]], []),
    "replace by etl": ([[BLOB, BLOB], [ENTRY, RUN_DATA, COMMIT]], [[ENTRY, BLOB_GONE], [ENTRY, BLOB_GONE, BLOB_GONE]]),
    "replace by from-json": ([[BLOB, BLOB], [ENTRY, RUN_DATA]], [[ENTRY, BLOB_GONE, BLOB_GONE]]),
    "delete a dataset": ([[ENTRY_GONE, COMMIT]], [[ENTRY_GONE, BLOB_GONE], [ENTRY_GONE, BLOB_GONE, BLOB_GONE]]),
    "copy a session": ([[BLOB, BLOB], [BLOB, ENTRY, BLOB], [ENTRY, ENTRY, SESSION], [SESSION, COMMIT]], []),
    "delete a session": (
        [[SCENARIO_GONE, SESSION_GONE, ENTRY_GONE, COMMIT]],
        [[ENTRY_GONE, BLOB_GONE], [ENTRY_GONE, BLOB_GONE, BLOB_GONE, BLOB_GONE]],
    ),
    "run": (
        [[BLOB, BLOB], [BLOB, BLOB, RUN], [RUN, STATUS, HISTORY], [RUN, STATUS, COMMIT]],
        [[RUN, HISTORY, QUEUE_GONE]],
    ),
    "reset": ([[RUN_GONE, STATUS, COMMIT]], [[RUN_GONE, BLOB_GONE], [RUN_GONE, BLOB_GONE, BLOB_GONE]]),
    "delete a scenario": ([[RUN_GONE, SCENARIO_GONE, COMMIT]], [[SCENARIO_GONE, BLOB_GONE, BLOB_GONE]]),
}

#: Those of datasets that are written to SQL tables, too.
MOMENTS_OF_TABLES: Moments = {
    "store by etl": ([[ROWS, ROWS], [ROWS, BLOB]], []),
    "replace by etl": ([[ROWS, ROWS], [ROWS, ENTRY, COMMIT]], [[ENTRY, BLOB_GONE], [ENTRY, BLOB_GONE, TABLE_GONE]]),
    "delete a dataset": ([[ENTRY_GONE, COMMIT]], [[ENTRY_GONE, TABLE_GONE]]),
    "copy a session": ([[ROWS, ENTRY, ROWS]], []),
    "delete a session": ([[ENTRY_GONE, COMMIT]], [[ENTRY_GONE, TABLE_GONE, TABLE_GONE]]),
}


def cases(moments: Moments, kind: str, most: int | None = None) -> list[Any]:
    """A kind of database, each change with its moments, or with so many, and whether the change is made then."""
    return [
        pytest.param(kind, name, THEN.join(moment), is_done, id=f"{kind}, {name}, {moment[-1]}")
        for name, both in moments.items()
        for is_done, some in zip((False, True), both, strict=True)
        for moment in some[:most]
    ]


@pytest.mark.parametrize(
    ("database", "name", "moment", "is_done"),
    [*cases(MOMENTS, "sqlite"), *cases(MOMENTS, "postgresql", 1)],
    indirect=["database"],
)
def test_a_change_is_made_as_a_whole_or_not_at_all(
    forks: Forks, database: Database, name: str, moment: str, is_done: bool
) -> None:
    assert_all_or_nothing(forks, database, name, moment, is_done=is_done)


@pytest.mark.parametrize(
    ("database", "name", "moment", "is_done"), cases(MOMENTS_OF_TABLES, "sqlite"), indirect=["database"]
)
def test_so_it_is_with_sql_tables(forks: Forks, database: Database, name: str, moment: str, is_done: bool) -> None:
    assert_all_or_nothing(forks, database, name, moment, is_done=is_done, storage="tables")
