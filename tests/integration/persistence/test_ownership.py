"""One server owns a database: a second one is rejected in one line, and a killed owner blocks nobody."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import anyio
import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from algomancy_api import ApiLauncher, lifespan
from algomancy_api.framework import DatabaseInUse
from algomancy_api.framework.database.dialects.postgresql import advisory_lock

from ...conftest import API, create, default_session, upload_items
from ...support.clients import PATIENCE, calling, eventually
from ...support.databases import OWNER, Database
from ...support.errors import assert_error
from ...support.processes import COMMAND, ROOT, Process, free_port
from .cluster import Cluster

TARGET = "on_database_from_environment"


async def visit(app: Starlette) -> None:
    async with lifespan(app):
        pass


def started_second(database: Database, *command: str) -> subprocess.CompletedProcess[str]:
    """How a second server of a database ends, which it has to do by itself."""
    environment = os.environ | {"WIRING_DATABASE": database.url}
    return subprocess.run(  # noqa: S603
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def test_a_second_process_is_refused_in_one_line(database: Database) -> None:
    server = Process(TARGET, free_port(), WIRING_DATABASE=database.url)
    second = started_second(database, *COMMAND, "serve", f"tests.support.wiring:{TARGET}", "--port", str(free_port()))
    assert (second.returncode, second.stdout) == (2, "")
    [line] = second.stderr.splitlines()
    assert f"is in use by process {server.process_id} on " in line
    assert "--workers 1" in line
    assert server.client.post(f"{API}/sessions", json={"display_name": "unharmed"}).status_code == 201
    server.end()
    # Killed, it is in nobody's way.
    ApiLauncher.build(database.configuration()).state.session_manager.shutdown()


def test_two_workers_are_refused(tmp_path: Path) -> None:
    """uvicorn starts its workers anew for as long as they end: it is stopped at the first refusal."""
    database = Database(f"sqlite:///{tmp_path}/own.sqlite")
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "--factory",
        "tests.integration.persistence.factory:build",
        "--workers",
        "2",
    ]
    environment = os.environ | {"WIRING_DATABASE": database.url}
    arguments = [*command, "--port", str(free_port())]
    with subprocess.Popen(arguments, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            assert process.stderr is not None
            assert any("run one worker (uvicorn: --workers 1)" in line for line in process.stderr)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.communicate(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()


def test_a_second_app_of_one_process_is_refused_until_the_first_is_closed(database: Database) -> None:
    app = ApiLauncher.build(database.configuration())
    with pytest.raises(DatabaseInUse, match="another app of this process"):
        ApiLauncher.build(database.configuration())
    with calling(app) as client:
        upload_items(client, default_session(client))
    anyio.run(visit, app)
    second = ApiLauncher.build(database.configuration())
    with pytest.raises(DatabaseInUse):
        anyio.run(visit, app)
    second.state.session_manager.shutdown()


@pytest.mark.parametrize(("table", "column"), [("algomancy_sessions", "display_name"), ("algomancy_scenarios", "tag")])
def test_what_cannot_be_read_fails_the_build_and_leaves_the_database_free(
    database: Database, table: str, column: str
) -> None:
    ApiLauncher.build(database.configuration()).state.session_manager.shutdown()
    with database.connected() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {table} RENAME COLUMN {column} TO other")
    with pytest.raises(sa.exc.SQLAlchemyError):
        ApiLauncher.build(database.configuration())
    with database.connected() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {table} RENAME COLUMN other TO {column}")
    ApiLauncher.build(database.configuration()).state.session_manager.shutdown()


def test_an_app_that_is_closed_writes_nothing(database: Database) -> None:
    app = ApiLauncher.build(database.configuration())
    with calling(app) as client:
        session = default_session(client)
        upload_items(client, session)
        anyio.run(visit, app)
        assert_error(client.post(f"{API}/sessions", json={"display_name": "late"}), 503)
        assert client.get(f"{session}/data").json() == {"keys": ["items"]}


def test_an_app_is_not_entered_again_after_another_has_used_its_database(database: Database) -> None:
    app = ApiLauncher.build(database.configuration())
    anyio.run(visit, app)
    anyio.run(visit, app)
    anyio.run(visit, ApiLauncher.build(database.configuration()))
    with pytest.raises(DatabaseInUse, match="was used by another server"):
        anyio.run(visit, app)


def test_a_database_in_memory_is_everybodys_own() -> None:
    apps = [ApiLauncher.build(Database("sqlite://").configuration()) for _ in range(2)]
    for app in apps:
        with calling(app) as client:
            session = default_session(client)
            upload_items(client, session)
            create(client, session)
        app.state.session_manager.shutdown()


@pytest.mark.parametrize("url", ["sqlite:///file:{folder}/own.sqlite?uri=true", "sqlite:///{folder}/link.sqlite"])
def test_one_file_is_one_database_by_whatever_name(tmp_path: Path, url: str) -> None:
    app = ApiLauncher.build(Database(f"sqlite:///{tmp_path}/own.sqlite").configuration())
    (tmp_path / "link.sqlite").symlink_to(tmp_path / "own.sqlite")
    with pytest.raises(DatabaseInUse):
        ApiLauncher.build(Database(url.format(folder=tmp_path)).configuration())
    app.state.session_manager.shutdown()


def test_a_file_that_was_put_in_the_place_of_the_database_is_not_written_to(tmp_path: Path) -> None:
    file = tmp_path / "own.sqlite"
    app = ApiLauncher.build(Database(f"sqlite:///{file}").configuration())
    with calling(app) as client:
        file.rename(tmp_path / "former.sqlite")
        shutil.copy(tmp_path / "former.sqlite", file)
        assert_error(client.post(f"{API}/sessions", json={"display_name": "lost"}), 503)
    app.state.session_manager.shutdown()


def test_schemas_of_postgresql_are_databases_of_their_own(cluster: Cluster) -> None:
    with cluster.database() as url:
        database = Database(url)
        with database.connected() as connection:
            connection.exec_driver_sql("CREATE SCHEMA other")
        apps = [
            ApiLauncher.build(Database(f"{url}{path}").configuration()) for path in ("", "&options=-csearch_path=other")
        ]
        for app in apps:
            app.state.session_manager.shutdown()


def test_who_lost_the_lock_takes_it_back_unless_another_was_there(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(advisory_lock, "_TRUSTED", 0)
    with cluster.database() as url:
        database = Database(url)
        app = ApiLauncher.build(database.configuration())
        with calling(app) as client:
            cluster.disconnect_all()
            assert client.post(f"{API}/sessions", json={"display_name": "back"}).status_code == 201
            with pytest.raises(DatabaseInUse, match="another app of this process"):
                ApiLauncher.build(database.configuration())
            with database.connected() as connection:
                connection.execute(sa.text(f"UPDATE {OWNER} SET token = 'of another'"))  # noqa: S608
            cluster.disconnect_all()
            for _ in range(2):
                assert_error(client.post(f"{API}/sessions", json={"display_name": "late"}), 503)
        app.state.session_manager.shutdown()


def test_while_another_has_the_lock_everything_is_a_503(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(advisory_lock, "_TRUSTED", 0)
    monkeypatch.setattr(advisory_lock, "_PATIENCE", 0)
    with cluster.database() as url:
        app = ApiLauncher.build(Database(url).configuration())
        with calling(app) as client:
            cluster.disconnect_all()
            other = advisory_lock.AdvisoryLock(sa.make_url(url))
            eventually(other.acquire)
            for _ in range(2):
                assert_error(client.post(f"{API}/sessions", json={"display_name": "late"}), 503)
            assert client.get("/health").status_code == 200
            other.release()
            assert client.post(f"{API}/sessions", json={"display_name": "later"}).status_code == 201
        app.state.session_manager.shutdown()


def test_an_app_of_a_process_that_forked_has_no_right_of_its_own(database: Database) -> None:
    app = ApiLauncher.build(database.configuration())
    child = os.fork()
    if not child:
        try:
            app.state.session_manager.create_new_session("of the child")
        except DatabaseInUse:
            os._exit(0)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    app.state.session_manager.create_new_session("of the parent")
    app.state.session_manager.shutdown()
