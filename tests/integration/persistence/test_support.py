"""Unsupported databases are rejected with one line, before any connection or write."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from algomancy_api import ApiLauncher, cli
from algomancy_api.framework import DatabaseInUse

from ...conftest import create, default_session, upload_items
from ...support.clients import calling
from ...support.databases import Database
from .cluster import Cluster
from .test_persistence import assert_refused

#: An address that must not be connected to is a listener's own.
OTHERS = [
    "mysql+pymysql://root:a-secret@{address}/x",
    "mariadb+pymysql://root:a-secret@{address}/x",
    "mysql://root:a-secret@{address}/x",
    "duckdb:///{folder}/x",
    "duckdb:///:memory:",
    "oracle+oracledb://root:a-secret@{address}/x",
    "mssql+pyodbc://root:a-secret@{address}/x",
    "cockroachdb://root:a-secret@{address}/x",
    "postgres://root:a-secret@{address}/x",
    "postgresql+asyncpg://root:a-secret@{address}/x",
    "postgresql+pg8000://root:a-secret@{address}/x",
    "postgresql+psycopg_async://root:a-secret@{address}/x",
    "sqlite+aiosqlite:///{folder}/x",
    "SQLite:///{folder}/x",
]


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A port that somebody might connect to."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        yield listener


@pytest.mark.parametrize("template", OTHERS)
def test_another_database_or_driver_is_refused_before_it_is_touched(
    listener: socket.socket, tmp_path: Path, template: str
) -> None:
    host, port = listener.getsockname()
    url = template.format(address=f"{host}:{port}", folder=tmp_path)
    with pytest.raises(ValueError, match=r"^database_url must be of SQLite .* or PostgreSQL .*; got '") as refusal:
        ApiLauncher.build(Database(url).configuration())
    assert str(refusal.value).endswith(f"got {url.partition(':')[0]!r}")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(BlockingIOError):
        listener.accept()


def test_the_command_says_which_databases_there_may_be(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WIRING_DATABASE", "mariadb+pymysql://root:a-secret@127.0.0.1/x")
    assert cli.main(["serve", "tests.support.wiring:on_database_from_environment"]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "database_url must be of SQLite" in line
    assert line.endswith("got 'mariadb+pymysql'")


@pytest.mark.parametrize("template", ["sqlite:///{folder}/x", "sqlite+pysqlite:///file:{folder}/x?uri=true"])
def test_the_drivers_of_sqlite_hold(tmp_path: Path, template: str) -> None:
    assert_held(Database(template.format(folder=tmp_path)))


@pytest.mark.parametrize("driver", ["postgresql", "postgresql+psycopg", "postgresql+psycopg2"])
def test_the_drivers_of_postgresql_hold(cluster: Cluster, driver: str) -> None:
    with cluster.database() as url:
        database = Database(url.replace("postgresql+psycopg", driver))
        assert_held(database)
        wide = {f"column {number}": number for number in range(1700)}
        tables: dict[str, object] = {"new": {"columns": list(wide), "data": [wide], "index": [0]}}
        assert_refused(database, tables, "1600", dataset_storage="tables")


def assert_held(database: Database) -> None:
    """An app that owns the database keeps another off."""
    app = ApiLauncher.build(database.configuration())
    with calling(app) as client:
        session = default_session(client)
        upload_items(client, session)
        create(client, session)
    with pytest.raises(DatabaseInUse):
        ApiLauncher.build(database.configuration())
    app.state.session_manager.shutdown()


def test_a_password_in_the_query_of_a_url_is_not_shown(cluster: Cluster) -> None:
    with cluster.database() as url:
        database = Database(f"{url}&password=a-secret")
        app = ApiLauncher.build(database.configuration())
        with pytest.raises(DatabaseInUse) as refusal:
            ApiLauncher.build(database.configuration())
        app.state.session_manager.shutdown()
    assert "a-secret" not in str(refusal.value)
