"""Differences of PostgreSQL from SQLite: accepted values come back unchanged."""

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from algomancy_scenario.result import ScenarioResult

from algomancy_api.framework.database.storage.blobs import blobs

from ...conftest import create, default_session, upload_items
from ...support import wiring
from ...support.clients import AppClient, ended
from ...support.databases import Database
from .cluster import Cluster
from .test_persistence import assert_refused, opened


@pytest.fixture
def postgresql(cluster: Cluster) -> Iterator[Database]:
    with cluster.database() as url:
        yield Database(url)


def table(**columns: list[Any]) -> dict[str, Any]:
    """A table as a dataset's JSON has it."""
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return {"columns": list(columns), "data": rows, "index": list(range(len(rows)))}


def add(client: AppClient, name: str, **tables: Any) -> Any:
    metadata = {"id": name, "name": name, "type": "master_data", "creation_datetime": "2026-01-01"}
    return client.post(f"{default_session(client)}/data/from-json", json={"metadata": metadata, "tables": tables})


def rows(client: AppClient, name: str, of: str = "new") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"{default_session(client)}/data/{name}").json()["tables"][of]["data"]
    return found


ODD = {"a%b": [1], "a:b": [2], "a(b)": [3], 'a"b': [4], "é" * 31: [5], "select": [6], " ": [7], "X": [8], "x": [9]}


@pytest.mark.parametrize(
    "columns",
    [
        {"x": [1, 2**62, -3]},
        {"x": [1.5, None, 1e300]},
        {"x": ["ünï", "", "a\\b'c%(d)s"]},
        {"x": [True, False]},
        {"x": [None, None]},
        {"x": [1, None]},
        {f"column {number}": [number] for number in range(300)},
        ODD,
    ],
)
def test_a_table_comes_back_as_it_was(postgresql: Database, columns: dict[str, list[Any]]) -> None:
    with opened(postgresql) as client:
        assert add(client, "one", new=table(**columns)).status_code == 201
        before = rows(client, "one")
    with opened(postgresql) as client:
        assert rows(client, "one") == before


@pytest.mark.parametrize(
    ("tables", "says"),
    [
        ({"new": table(x=["a\0b"])}, "NUL"),
        ({"new": table(x=[[1, 2]])}, "lists"),
        ({"new": table(**{"é" * 32: [1]})}, "63 bytes"),
        ({"new": table(**{f"column {number}": [number] for number in range(1700)})}, "1600"),
        ({"new": table(**{"": [1]})}, "stored"),
    ],
)
def test_what_postgresql_cannot_hold_is_a_400(postgresql: Database, tables: dict[str, object], says: str) -> None:
    assert_refused(postgresql, tables, says, dataset_storage="tables")


class Rows(ScenarioResult):
    """A result in tables, of a class that each test sets up."""

    column: Any = None

    def to_sql_tables(self) -> dict[str, pd.DataFrame]:
        return {"rows": pd.DataFrame({"x": self.column})}

    def from_sql_tables(self, tables: dict[str, pd.DataFrame]) -> None:
        self.column = tables["rows"]["x"].to_list()

    def to_dict(self) -> dict[str, Any]:
        return {"x": self.column}


class Tabular(wiring.Algorithm):
    """Its result is in a table, whose types differ from run to run."""

    result_class = Rows
    columns: Iterator[list[Any]] = iter(())

    def run(self, data: Any) -> Any:
        result = Rows(data.id)
        result.column = next(type(self).columns)
        return result


def test_results_in_tables_are_kept_whatever_their_types(database: Database) -> None:
    columns: list[list[Any]] = [[1, 2], [1.5, 2.5], ["007", None], [True, False], [2**53 + 1, 2]]
    Tabular.columns = iter(columns)
    with opened(database, algorithms={"Tabular": Tabular}) as client:
        session = default_session(client)
        upload_items(client, session)
        scenarios = [create(client, session, "Tabular", f"number {number}") for number in range(len(columns))]
        for scenario in scenarios:
            client.post(f"{session}/scenarios/{scenario}/run")
            assert ended(client, session, scenario)["status"] == "complete"
    with opened(database, algorithms={"Tabular": Tabular}) as client:
        again = [client.get(f"{session}/scenarios/{scenario}").json()["result"]["x"] for scenario in scenarios]
        assert [list(map(repr, column)) for column in again] == [list(map(repr, column)) for column in columns]


class Numbered(Tabular):
    """Its result has a number for the id of its dataset."""

    def run(self, data: Any) -> Any:
        result = super().run(data)
        result.data_id = 5
        return result


def test_a_result_whose_data_id_is_no_text_is_kept(database: Database) -> None:
    Numbered.columns = iter([[1, 2]])
    with opened(database, algorithms={"Numbered": Numbered}) as client:
        session = default_session(client)
        upload_items(client, session)
        scenario = create(client, session, "Numbered")
        client.post(f"{session}/scenarios/{scenario}/run")
        assert ended(client, session, scenario)["status"] == "complete"
    with opened(database, algorithms={"Numbered": Numbered}) as client:
        assert client.get(f"{session}/scenarios/{scenario}").json()["result"] == {"x": [1, 2]}


def test_what_was_stored_and_is_damaged_is_an_error_of_the_server(database: Database) -> None:
    Tabular.columns = iter([[1, 2]])
    with opened(database, algorithms={"Tabular": Tabular}) as client:
        session = default_session(client)
        upload_items(client, session)
        scenario = create(client, session, "Tabular")
        client.post(f"{session}/scenarios/{scenario}/run")
        assert ended(client, session, scenario)["status"] == "complete"
    with database.connected() as connection:
        connection.execute(sa.update(blobs).where(blobs.c.part == 1).values(content=b"damaged"))
    with opened(database, algorithms={"Tabular": Tabular}) as client:
        client.declared_only = False
        for path in ("data/items", f"scenarios/{scenario}"):
            assert client.get(f"{session}/{path}").status_code == 500


def test_many_scenarios_are_there_after_a_restart(database: Database) -> None:
    """More than a statement may have parameters."""
    count = 70_000
    with opened(database) as client:
        session = default_session(client)
        upload_items(client, session)
        scenario = create(client, session)
    with database.connected() as connection:
        other = "tag, session_id, input_data_key, algorithm_name, parameter_values, kpi_names, status, created_at"
        numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"  # noqa: S608
        values = other.replace("tag", "'tag ' || i", 1)
        connection.exec_driver_sql(
            f"INSERT INTO algomancy_scenarios (id, {other}) {numbers}"  # noqa: S608
            f" SELECT 'copy ' || i, {values} FROM algomancy_scenarios, n"
        )
    with opened(database) as client:
        manager = client.app.state.session_manager.get_scenario_manager("main")  # type: ignore[attr-defined]
        assert manager.count_scenarios() == count + 1
        assert client.get(f"{session}/scenarios/{scenario}").status_code == 200
