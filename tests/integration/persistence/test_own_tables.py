"""Tables of datasets are independent of each other: in one session, across sessions, and after deletion."""

import copy
import itertools
import json
from collections.abc import Iterator
from typing import Any, BinaryIO, Self

import pandas as pd
import pytest
import sqlalchemy as sa
from algomancy_data import BaseDataSource, DataClassification
from algomancy_data.database.database_manager import DatabaseDataManager

from algomancy_api.framework import DatabaseUnavailable
from algomancy_api.framework.database.storage import blobs
from algomancy_api.framework.database.storage.table_names import session_table

from ...conftest import API, create, default_session, upload_items
from ...support import wiring
from ...support.clients import AppClient, ended
from ...support.databases import Database
from .test_persistence import opened
from .test_postgresql import Rows, Tabular, table

OTHER = f"{API}/sessions/other"


def add(client: AppClient, session: str, name: str, tables: dict[str, Any], dataset_id: str = "its id") -> Any:
    metadata = {"id": dataset_id, "name": name, "type": "master_data", "creation_datetime": "2026-01-01"}
    return client.post(f"{session}/data/from-json", json={"metadata": metadata, "tables": tables})


def downloaded(client: AppClient, session: str, name: str) -> dict[str, Any]:
    response = client.get(f"{session}/data/{name}")
    assert response.status_code == 200, response.text
    document: dict[str, Any] = response.json()
    return document


def rows(client: AppClient, session: str, name: str) -> dict[str, Any]:
    """The columns and rows of each table of a dataset."""
    tables = downloaded(client, session, name)["tables"]
    return {name: {part: table[part] for part in ("columns", "data")} for name, table in tables.items()}


def without_index(tables: dict[str, Any]) -> dict[str, Any]:
    return {name: {"columns": table["columns"], "data": table["data"]} for name, table in tables.items()}


FIRST = {"staff": table(name=["Ada"], salary=[5])}

LATER: dict[str, dict[str, Any]] = {
    "another type": {"staff": table(name=["Bob"], salary=["a lot"])},
    "fractions": {"staff": table(name=["Bob"], salary=[12.5])},
    "digits": {"staff": table(name=["007"], salary=["08"])},
    "numbers": {"staff": table(name=[5], salary=[True])},
    "another column": {"staff": table(name=["Bob"], bonus=[1])},
    "fewer columns": {"staff": table(salary=[6])},
    "more columns": {"staff": table(salary=[6], name=["Bob"], bonus=[1])},
    "no columns": {"staff": table()},
    "no rows": {"staff": table(name=[], age=[])},
    "another case": {"Staff": table(x=[1]), "STAFF": table(x=["text"])},
    "alike once spelled in SQL": {"a b": table(x=[1]), "a_b": table(x=["text"]), "a-b": table(y=[2])},
    "long names": {"t" * 60: table(x=[1]), "t" * 61: table(y=["text"])},
    "odd names": {
        "": table(x=[1]),
        "ü\"%s:x'; DROP TABLE": table(x=[2]),
        "0123456789abcdef0123456789ab staff": table(),
    },
}


@pytest.mark.parametrize("tables", LATER.values(), ids=LATER)
@pytest.mark.parametrize("is_there", [True, False])
@pytest.mark.parametrize("where", ["same", "other"])
def test_a_dataset_is_stored_whatever_another_has(
    database: Database, tables: dict[str, Any], where: str, is_there: bool
) -> None:
    with opened(database) as client:
        client.post(f"{API}/sessions", json={"display_name": "other"})
        first, later = default_session(client), OTHER if where == "other" else default_session(client)
        assert add(client, first, "first", FIRST).status_code == 201
        if not is_there:
            assert client.delete(f"{first}/data/first").status_code == 204
        assert add(client, later, "later", tables).status_code == 201
        assert rows(client, later, "later") == without_index(tables)
    with opened(database) as client:
        assert rows(client, later, "later") == without_index(tables)
        if is_there:
            assert rows(client, first, "first") == without_index(FIRST)
            assert client.delete(f"{later}/data/later").status_code == 204
            assert rows(client, first, "first") == without_index(FIRST)


def test_a_dataset_that_is_deleted_or_replaced_leaves_no_table(database: Database) -> None:
    with opened(database, dataset_storage="tables") as client:
        before = database.tables()
        client.post(f"{API}/sessions", json={"display_name": "other"})
        for session in (default_session(client), OTHER):
            for tables in (FIRST, LATER["another case"], LATER["no rows"]):
                assert add(client, session, "one", tables).status_code == 201
        assert len(database.tables("algomancy_ds__staff")) == 2
        assert len(database.tables()) == len(before) + 2
        assert client.delete(f"{default_session(client)}/data/one").status_code == 204
        assert len(database.tables("algomancy_ds__staff")) == 1
        assert client.post(f"{OTHER}/copy", json={"new_display_name": "copy"}).status_code == 201
        assert rows(client, f"{API}/sessions/copy", "one") == without_index(LATER["no rows"])
        assert client.delete(f"{API}/sessions/copy").status_code == 200
        assert rows(client, OTHER, "one") == without_index(LATER["no rows"])
        assert client.delete(OTHER).status_code == 200
        assert database.tables() == before


def test_an_id_is_kept_whoever_else_has_it(database: Database) -> None:
    with opened(database) as client:
        client.post(f"{API}/sessions", json={"display_name": "other"})
        places = [(default_session(client), "one"), (default_session(client), "two"), (OTHER, "one")]
        for session, name in places:
            assert add(client, session, name, FIRST).status_code == 201
        assert {downloaded(client, *place)["metadata"]["id"] for place in places} == {"its id"}
    with opened(database) as client:
        assert {downloaded(client, *place)["metadata"]["id"] for place in places} == {"its id"}
        assert client.delete(f"{OTHER}/data/one").status_code == 204
        assert downloaded(client, *places[0])["tables"].keys() == FIRST.keys()


class Text(BaseDataSource):
    """A dataset that is kept as a text, and in no table."""

    def to_json(self) -> str:
        return json.dumps({"id": self.id, "name": self.name})

    @classmethod
    def from_json(cls, json_string: str) -> Self:
        document = json.loads(json_string)
        return cls(DataClassification.MASTER_DATA, document["name"], ds_id=document["id"])


def test_an_id_of_a_dataset_that_is_a_text_is_kept_too(database: Database) -> None:
    document = {"id": "its id", "name": "one"}
    with opened(database, data_object_type=Text) as client:
        client.post(f"{API}/sessions", json={"display_name": "other"})
        places = (default_session(client), OTHER)
        for session in (*places, OTHER):
            assert client.post(f"{session}/data/from-json", json=document).status_code == 201
    with opened(database, data_object_type=Text) as client:
        client.declared_only = False  # the document tells of datasets in tables
        assert [downloaded(client, session, "one") for session in places] == [document, document]


class Columns(Rows):
    """A result in a table with the columns that its run has."""

    def to_sql_tables(self) -> dict[str, pd.DataFrame]:
        return {"rows of a name that is longer than what SQL has left": pd.DataFrame(self.column)}

    def from_sql_tables(self, tables: dict[str, pd.DataFrame]) -> None:
        ((_, frame),) = tables.items()
        self.column = frame.to_dict("list")


class Free(Tabular):
    result_class = Columns

    def run(self, data: Any) -> Any:
        result = Columns(data.id)
        result.column = next(type(self).columns)
        return result


ALGORITHMS = {"Free": Free, "Tabular": Tabular}


@pytest.mark.parametrize("later", [{"x": ["text"]}, {"x": [1.5]}, {"y": [2]}])
def test_a_result_is_stored_whatever_another_session_has(database: Database, later: dict[str, Any]) -> None:
    results: list[Any] = [{"x": [1]}, later]
    Free.columns = iter(results)
    with opened(database, algorithms=ALGORITHMS) as client:
        client.post(f"{API}/sessions", json={"display_name": "other"})
        scenarios = {}
        for session in (default_session(client), OTHER):
            upload_items(client, session)
            scenarios[session] = create(client, session, "Free")
            client.post(f"{session}/scenarios/{scenarios[session]}/run")
            assert ended(client, session, scenarios[session])["status"] == "complete"
    with opened(database, algorithms=ALGORITHMS) as client:
        results = [
            client.get(f"{session}/scenarios/{number}").json()["result"] for session, number in scenarios.items()
        ]
        assert results == [{"x": {"x": [1]}}, {"x": later}]
        assert database.stored() == 4
        assert client.delete(OTHER).status_code == 200
        assert database.stored() == 2
        (session, scenario), *_ = scenarios.items()
        assert client.post(f"{session}/scenarios/{scenario}/reset").json()["status"] == "created"
        assert database.stored() == 1


# What earlier versions have written ----------------------------------------------------------------------------


def framework_manager(engine: sa.Engine, session: str) -> DatabaseDataManager:
    """The framework's own manager, which earlier versions wrote with, and which may read what this one writes."""
    manager = DatabaseDataManager(wiring.EtlFactory, [], engine, session, wiring.Items)
    manager.startup()
    return manager


def dataset(name: str, /, **columns: list[Any]) -> wiring.Items:
    source = wiring.Items(DataClassification.MASTER_DATA, name, ds_id=f"id of {name}")
    source.add_table("staff", pd.DataFrame(columns))
    return source


@pytest.fixture
def session(database: Database) -> str:
    """The session of a database with two datasets in a table that they share, as earlier versions wrote them."""
    with opened(database) as client:
        session = default_session(client)
    engine = sa.create_engine(database.url)
    manager = framework_manager(engine, session.rpartition("/")[2])
    manager.add_data_source(dataset("old", name=["Ada"], salary=[5]))
    manager.add_data_source(dataset("older", name=["Bob"]))
    engine.dispose()
    return session


def test_what_an_earlier_version_wrote_is_read_replaced_and_deleted(database: Database, session: str) -> None:
    old = {"staff": {"columns": ["name", "salary"], "data": [{"name": "Ada", "salary": 5}]}}
    new = {"staff": table(salary=["a lot"])}
    with opened(database) as client:
        assert rows(client, session, "old") == old
        assert downloaded(client, session, "old")["metadata"]["id"] == "id of old"
        assert add(client, session, "older", new).status_code == 201
        assert rows(client, session, "old") == old
        assert database.rows()["algomancy_ds__staff"] == 1
    with opened(database) as client:
        assert rows(client, session, "old") == old
        assert rows(client, session, "older") == without_index(new)
        assert client.delete(f"{session}/data/old").status_code == 204
    with opened(database) as client:
        assert "algomancy_ds__staff" not in database.tables()
        assert rows(client, session, "older") == without_index(new)


@pytest.mark.parametrize("storage", ["columns", "tables"])
def test_the_framework_sees_none_of_what_this_version_writes(database: Database, session: str, storage: str) -> None:
    with opened(database, dataset_storage=storage) as client:
        assert add(client, session, "new", LATER["more columns"]).status_code == 201
    engine = sa.create_engine(database.url)
    manager = framework_manager(engine, session.rpartition("/")[2])
    said: list[str] = []
    manager.log = said.append  # type: ignore[assignment, method-assign]
    assert manager.get_data("new") is None
    assert "stored as columns by algomancy-api" in said[-1]
    assert manager.get_data("old") is not None
    engine.dispose()


def test_results_of_an_earlier_version_are_read_and_replaced(database: Database) -> None:
    Tabular.columns = itertools.repeat([1, 2])
    with opened(database, algorithms=ALGORITHMS) as client:
        session = default_session(client)
        upload_items(client, session)
        scenario = create(client, session, "Tabular")
        client.post(f"{session}/scenarios/{scenario}/run")
        ended(client, session, scenario)
    own = session_table(session.rpartition("/")[2], "rows")
    for stored in ("rows", own):
        database.write_result(session.rpartition("/")[2], scenario, stored, x=[1, 2])
        with opened(database, algorithms=ALGORITHMS) as client:
            address = f"{session}/scenarios/{scenario}"
            assert client.get(address).json()["result"] == {"x": [1, 2]}
            client.post(f"{address}/reset")
            assert database.rows()["algomancy_result__rows"] == 0
            client.post(f"{address}/run")
            assert ended(client, session, scenario)["result"] == {"x": [1, 2]}
        with opened(database, algorithms=ALGORITHMS) as client:
            assert client.get(address).json()["result"] == {"x": [1, 2]}
            assert not database.tables("algomancy_result__rows")


# What happens at the same time, and what goes wrong ------------------------------------------------------------


def test_a_dataset_that_is_replaced_while_it_is_read_is_the_new_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = {"one": table(x=[1]), "two": table(x=[2])}
    with opened(database) as client:
        session = default_session(client)
        add(client, session, "items", tables)
    with opened(database) as client:
        manager = client.app.state.session_manager.get_scenario_manager("main")  # type: ignore[attr-defined]
        read, new = blobs.read, dataset("items", name=["Ada"])

        def replacing(connection: sa.Connection, owner: str) -> Iterator[BinaryIO]:
            monkeypatch.undo()
            manager._dm.add_data_source(copy.deepcopy(new))
            return read(connection, owner)

        monkeypatch.setattr(blobs, "read", replacing)
        assert rows(client, session, "items").keys() == {"staff"}


def test_a_dataset_that_is_replaced_after_it_was_read_is_not_kept_in_memory(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(database) as client:
        session = default_session(client)
        add(client, session, "items", {"one": table(x=[1])})
    with opened(database) as client:
        manager = client.app.state.session_manager.get_scenario_manager("main")  # type: ignore[attr-defined]
        load, new = manager._dm._load_datasource_from_db, dataset("items", name=["Ada"])

        def replacing(name: str) -> Any:
            monkeypatch.undo()
            read = load(name)
            manager._dm.add_data_source(copy.deepcopy(new))
            return read

        monkeypatch.setattr(manager._dm, "_load_datasource_from_db", replacing)
        for _ in range(2):
            assert rows(client, session, "items").keys() == {"staff"}


@pytest.fixture
def reader(database: Database) -> Iterator[Any]:
    """Reads a table, and keeps it from being dropped; of SQLite, the test is about the rest."""
    engine = sa.create_engine(database.url)
    with engine.connect() as connection:
        yield lambda table: connection.execute(sa.select(sa.text("*")).select_from(sa.table(table))).fetchall()
    engine.dispose()


def test_who_reads_a_table_keeps_nobody_from_deleting_its_dataset(database: Database, reader: Any) -> None:
    with opened(database, dataset_storage="tables") as client:
        session = default_session(client)
        add(client, session, "one", FIRST)
        reader(*database.tables("algomancy_ds__staff"))
        assert client.delete(f"{session}/data/one").status_code == 204
        assert add(client, session, "one", LATER["another type"]).status_code == 201
        assert rows(client, session, "one") == without_index(LATER["another type"])


def test_what_cannot_be_deleted_is_deleted_later(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> list[str]:
        raise DatabaseUnavailable("not now")

    with opened(database) as client:
        session = default_session(client)
        add(client, session, "one", FIRST)
        monkeypatch.setattr(blobs, "delete", fail)
        assert client.delete(f"{session}/data/one").status_code == 204
        assert add(client, session, "one", FIRST).status_code == 201
        assert add(client, session, "one", FIRST).status_code == 201
        assert database.stored() == 3
        monkeypatch.undo()
        assert add(client, session, "two", LATER["no rows"]).status_code == 201
        assert database.stored() == 2
        monkeypatch.setattr(blobs, "delete", fail)
        assert client.delete(f"{session}/data/two").status_code == 204
        monkeypatch.undo()
    with opened(database) as client:
        assert database.stored() == 1
        assert rows(client, session, "one") == without_index(FIRST)


def test_what_was_committed_without_our_hearing_of_it_is_kept(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = blobs.write

    def write_and_fail(*arguments: Any) -> None:
        write(*arguments)
        raise DatabaseUnavailable("the connection was lost")

    with opened(database) as client:
        session = default_session(client)
        monkeypatch.setattr(blobs, "write", write_and_fail)
        client.declared_only = False
        assert add(client, session, "one", FIRST).status_code == 503
        monkeypatch.undo()
        assert upload_items(client, session).status_code == 200
    with opened(database) as client:
        assert rows(client, session, "one") == without_index(FIRST)
