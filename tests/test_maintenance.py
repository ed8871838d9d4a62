"""``algomancy-api migrate`` and ``vacuum``: from earlier versions, and back; interrupted and repeated."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from algomancy_data.database.models import datasets_table
from algomancy_scenario.persistence.models import scenario_runs_table as runs

from algomancy_api import ApiConfiguration, ApiLauncher, cli
from algomancy_api.framework.database import migration
from algomancy_api.framework.database.data_manager import ApiDataManager
from algomancy_api.framework.database.storage.table_names import session_table
from algomancy_api.maintenance import NoDatabase, migrate, vacuum

from .conftest import create, default_session, upload_items
from .integration.faults.wiring import ALGORITHMS
from .integration.persistence.test_persistence import opened
from .support import wiring
from .support.clients import AppClient, ended
from .support.databases import Database

NAMES = ["one", "two", "three"]


def content(client: AppClient, session: str) -> dict[str, Any]:
    """All that a client can read of the datasets and of the only scenario."""
    datasets = {name: client.get(f"{session}/data/{name}").json() for name in NAMES}
    (scenario,) = client.get(f"{session}/scenarios").json()
    return datasets | {"result": client.get(f"{session}/scenarios/{scenario['id']}").json()["result"]}


def configuration(database: Database, **overrides: Any) -> ApiConfiguration:
    return database.configuration(algorithms=ALGORITHMS, **overrides)


def fill_as_earlier(database: Database) -> None:
    """Fill a database as version 0.11 did at first: each dataset in SQL tables of its own, results in the session's."""
    with opened(database, algorithms=ALGORITHMS, dataset_storage="tables") as client:
        session = default_session(client)
        for name in NAMES:
            upload_items(client, session, name)
        scenario = create(client, session, "Tabular", dataset_key="one")
        client.post(f"{session}/scenarios/{scenario}/run")
        assert ended(client, session, scenario)["status"] == "complete"
    with database.connected() as connection:
        connection.execute(sa.update(datasets_table).values(ds_type="master_data"))
    session_id = session.rpartition("/")[2]
    database.write_result(session_id, scenario, session_table(session_id, "numbers"), number=[1, 2])
    with opened(database, algorithms=ALGORITHMS):
        assert database.stored() == 0


@pytest.fixture
def earlier(database: Database) -> Database:
    """A database of an earlier version."""
    fill_as_earlier(database)
    return database


def read(database: Database) -> dict[str, Any]:
    with opened(database, algorithms=ALGORITHMS) as client:
        return content(client, default_session(client))


def forms(database: Database) -> tuple[int, int, int]:
    """The numbers of values in columns, of SQL tables of datasets, and of results in SQL tables."""
    with database.connected() as connection:
        results = sa.select(sa.func.count()).where(runs.c.result_sub_tables.is_not(None))
        return database.stored(), len(database.tables("algomancy_ds__items")), connection.execute(results).scalar_one()


def test_a_database_is_converted_and_back(earlier: Database, capsys: pytest.CaptureFixture[str]) -> None:
    before = read(earlier)
    assert forms(earlier) == (0, 3, 1)
    assert migrate(configuration(earlier), "columns")
    assert capsys.readouterr().out == (
        "4 datasets and results were to be converted to 'columns'.\nNothing is different.\n"
    )
    assert forms(earlier) == (4, 0, 0)
    assert read(earlier) == before
    assert migrate(configuration(earlier), "tables")
    assert forms(earlier) == (4, 3, 0)
    assert read(earlier) == before
    assert migrate(configuration(earlier), "tables")
    assert "0 datasets and results" in capsys.readouterr().out


def test_a_conversion_that_was_interrupted_goes_on(earlier: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    before, convert = read(earlier), ApiDataManager.convert

    def interrupted(self: ApiDataManager, key: str, storage: str) -> None:
        if key == "two":
            raise KeyboardInterrupt
        convert(self, key, storage)

    with monkeypatch.context() as patches:
        patches.setattr(ApiDataManager, "convert", interrupted)
        with pytest.raises(KeyboardInterrupt):
            migrate(configuration(earlier), "columns")
    assert forms(earlier) == (1, 2, 1)
    assert read(earlier) == before
    assert migrate(configuration(earlier), "columns")
    assert forms(earlier) == (4, 0, 0)
    assert read(earlier) == before


def test_what_cannot_be_converted_is_reported_and_left(
    earlier: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before, convert = read(earlier), ApiDataManager.convert

    def failing(self: ApiDataManager, key: str, storage: str) -> None:
        if key == "two":
            raise ValueError("not this one")
        convert(self, key, storage)

    with monkeypatch.context() as patches:
        patches.setattr(ApiDataManager, "convert", failing)
        assert not migrate(configuration(earlier), "columns")
    assert "dataset 'two' of session 'main' is left as it was: ValueError: not this one" in capsys.readouterr().out
    assert read(earlier) == before


def test_a_difference_is_named() -> None:
    before = {"same": pd.DataFrame({"x": [1]}), "changed": pd.DataFrame({"x": [1]}), "gone": pd.DataFrame()}
    after = {"same": pd.DataFrame({"x": [1]}), "changed": pd.DataFrame({"x": ["1"]})}
    missing, changed = migration.differences(before, after)
    assert missing == "table 'gone' is missing"
    assert changed.startswith("table 'changed': ")
    assert "int64" in changed


def test_a_running_server_is_not_disturbed(earlier: Database, capsys: pytest.CaptureFixture[str]) -> None:
    app = ApiLauncher.build(configuration(earlier))
    with pytest.MonkeyPatch.context() as patches:
        patches.setenv("WIRING_DATABASE", earlier.url)
        for command in ("migrate", "vacuum"):
            assert cli.main([command, "tests.support.wiring:on_database_from_environment"]) == 2
            assert "DatabaseInUse" in capsys.readouterr().err
    app.state.session_manager.shutdown()


def test_without_a_database_there_is_nothing_to_do() -> None:
    with pytest.raises(NoDatabase):
        migrate(wiring.configuration(), "columns")
    with pytest.raises(NoDatabase):
        vacuum(wiring.configuration())


def test_a_database_shrinks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "wiring.sqlite"
    database = Database(f"sqlite:///{file}")
    with closing(sqlite3.connect(file, autocommit=True)) as connection:
        connection.execute("PRAGMA auto_vacuum = NONE")  # as in a database of an earlier version
        connection.execute("CREATE TABLE large (x BLOB)")
        connection.execute("INSERT INTO large VALUES (zeroblob(10000000))")
        connection.execute("DROP TABLE large")
    before = file.stat().st_size
    with opened(database):
        assert file.stat().st_size == before
    vacuum(database.configuration())
    assert file.stat().st_size < before / 10
    assert "MB less than before" in capsys.readouterr().out
    with database.connected() as connection:
        assert connection.exec_driver_sql("PRAGMA auto_vacuum").scalar_one() == 2
