"""A database that is lost and comes back: no tracebacks, and nothing is lost that can be kept."""

import contextlib
import logging
import signal
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from algomancy_api import ApiLauncher
from algomancy_api.framework import DatabaseUnavailable
from algomancy_api.framework.database.dialects.sqlite import SQLite

from ...conftest import API, create, default_session, upload_items
from ...support import wiring
from ...support.clients import PATIENCE, AppClient, calling, ended, eventually
from ...support.databases import Database, skip_without_postgresql
from ...support.errors import assert_error
from .cluster import Cluster, running_cluster


@pytest.fixture(scope="module")
def own_cluster() -> Iterator[Cluster]:
    """A server that these tests may stop."""
    skip_without_postgresql()
    with running_cluster() as cluster:
        yield cluster


class Away:
    """A database that can be taken away and brought back."""

    def __init__(self, database: Database, take: Callable[[], object], bring: Callable[[], object]) -> None:
        self.database = database
        self.take = take
        self.bring = bring


@contextlib.contextmanager
def postgresql_that_is_killed(request: pytest.FixtureRequest, _folder: Path) -> Iterator[Away]:
    cluster: Cluster = request.getfixturevalue("own_cluster")
    with cluster.database() as url:
        yield Away(Database(url), lambda: cluster.stop(signal.SIGQUIT), cluster.start)


@contextlib.contextmanager
def sqlite_that_is_locked(_request: pytest.FixtureRequest, folder: Path) -> Iterator[Away]:
    file = folder / "wiring.sqlite"
    with contextlib.closing(sqlite3.connect(file, check_same_thread=False)) as other:
        yield Away(Database(f"sqlite:///{file}"), lambda: other.execute("BEGIN IMMEDIATE"), other.rollback)


@contextlib.contextmanager
def sqlite_that_is_moved(_request: pytest.FixtureRequest, folder: Path) -> Iterator[Away]:
    file, elsewhere = folder / "wiring.sqlite", folder / "elsewhere"
    yield Away(Database(f"sqlite:///{file}"), lambda: file.rename(elsewhere), lambda: elsewhere.rename(file))


@pytest.fixture(params=[postgresql_that_is_killed, sqlite_that_is_locked, sqlite_that_is_moved])
def away(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Away]:
    # As long as another's lock is waited for, the tests would wait as well.
    pragmas = tuple(pragma for pragma in SQLite.on_connect if "busy_timeout" not in pragma)
    monkeypatch.setattr(SQLite, "on_connect", (*pragmas, "PRAGMA busy_timeout = 100"))
    with request.param(request, tmp_path) as away:
        yield away


@pytest.fixture
def app(away: Away) -> Iterator[Starlette]:
    app = ApiLauncher.build(away.database.configuration())
    yield app
    wiring.RELEASE.set()
    app.state.session_manager.shutdown()


@pytest.fixture
def client(app: Starlette) -> Iterator[AppClient]:
    with calling(app) as client:
        yield client


@pytest.fixture
def session(client: AppClient) -> str:
    address = default_session(client)
    assert upload_items(client, address).status_code == 200
    return address


def changes(client: AppClient, session: str, scenario: str) -> list[httpx.Response]:
    """Every change that needs the database."""
    body = {"tag": "another", "dataset_key": "items", "algo_name": "Instant"}
    return [
        client.post(f"{API}/sessions", json={"display_name": "new"}),
        client.post(f"{session}/copy", json={"new_display_name": "copy"}),
        client.patch(session, json={"display_name": "renamed"}),
        client.post(f"{session}/scenarios", json=body),
        client.post(f"{session}/scenarios/{scenario}/reset"),
        client.delete(f"{session}/scenarios/{scenario}"),
        client.post(f"{session}/data/items/derive", json={"new_key": "derived"}),
        upload_items(client, session, "another"),
        client.delete(f"{session}/data/unused"),
        client.delete(session),
    ]


def state(client: AppClient, session: str) -> list[Any]:
    """All that can be seen of a session."""
    scenarios = client.get(f"{session}/scenarios").json()
    return [
        client.get(f"{API}/sessions").json(),
        client.get(f"{session}/data").json(),
        scenarios,
        [client.get(f"{session}/scenarios/{scenario['id']}").json() for scenario in scenarios],
    ]


def test_a_change_is_a_503_and_has_not_happened(
    away: Away, client: AppClient, session: str, caplog: pytest.LogCaptureFixture
) -> None:
    upload_items(client, session, "unused")
    scenario = create(client, session)
    client.post(f"{session}/scenarios/{scenario}/run")
    ended(client, session, scenario)
    before = state(client, session)
    away.take()
    try:
        caplog.clear()
        answers = changes(client, session, scenario)
        assert client.get("/health").status_code == 200
        assert state(client, session)[:3] == before[:3]
    finally:
        away.bring()
    for answer in answers:
        assert_error(answer, 503, "not available")
        assert int(answer.headers["retry-after"]) > 0
    assert [record for record in caplog.records if record.name == "algomancy_api" and record.exc_info] == []
    assert state(client, session) == before
    assert {answer.status_code // 100 for answer in changes(client, session, scenario)} == {2}


def test_what_was_done_before_and_after_is_there_after_a_restart(away: Away, client: AppClient, session: str) -> None:
    scenario = create(client, session)
    away.take()
    assert_error(upload_items(client, session, "lost"), 503)
    assert_error(client.patch(session, json={"display_name": "renamed"}), 503)
    away.bring()
    assert upload_items(client, session, "later").status_code == 200
    assert client.patch(session, json={"display_name": "renamed"}).status_code == 200
    client.post(f"{session}/scenarios/{scenario}/run")
    assert ended(client, session, scenario)["status"] == "complete"
    before = state(client, session)
    client.app.state.session_manager.shutdown()  # type: ignore[attr-defined]
    successor = ApiLauncher.build(away.database.configuration())
    with calling(successor) as again:
        assert state(again, session) == before
    successor.state.session_manager.shutdown()


def test_a_run_that_ends_meanwhile_is_stored_when_the_database_is_back(
    away: Away, client: AppClient, session: str, caplog: pytest.LogCaptureFixture
) -> None:
    scenario = create(client, session, "Blocks")
    following = create(client, session, "Instant", "following")
    for scenario_id in (scenario, following):
        client.post(f"{session}/scenarios/{scenario_id}/run")
    assert wiring.STARTED.wait(PATIENCE)
    away.take()
    with caplog.at_level(logging.ERROR, "algomancy_api.framework"):
        wiring.RELEASE.set()
        eventually(lambda: "cannot be stored, trying again" in caplog.text)
    assert client.get(f"{session}/scenarios/{scenario}/status").json()["status"] == "processing"
    away.bring()
    assert ended(client, session, scenario)["status"] == "complete"
    assert ended(client, session, following)["status"] == "complete"
    before = state(client, session)
    client.app.state.session_manager.shutdown()  # type: ignore[attr-defined]
    successor = ApiLauncher.build(away.database.configuration())
    with calling(successor) as again:
        assert state(again, session) == before
    successor.state.session_manager.shutdown()


def test_a_server_stops_with_a_result_that_cannot_be_stored(
    away: Away, app: Starlette, client: AppClient, session: str, caplog: pytest.LogCaptureFixture
) -> None:
    scenario = create(client, session, "Blocks")
    client.post(f"{session}/scenarios/{scenario}/run")
    assert wiring.STARTED.wait(PATIENCE)
    away.take()
    try:
        wiring.RELEASE.set()
        eventually(lambda: "cannot be stored, trying again" in caplog.text)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(app.state.session_manager.close).result(PATIENCE)
    finally:
        away.bring()
    successor = ApiLauncher.build(away.database.configuration())
    with calling(successor) as again:
        assert again.get(f"{session}/scenarios/{scenario}/status").json()["status"] == "created"
    successor.state.session_manager.shutdown()


def test_a_server_does_not_start_without_its_database(own_cluster: Cluster) -> None:
    with own_cluster.database() as url:
        own_cluster.stop()
        try:
            with pytest.raises(DatabaseUnavailable, match="connection to server"):
                ApiLauncher.build(Database(url).configuration())
        finally:
            own_cluster.start()


def test_connections_that_an_administrator_ends_are_replaced(cluster: Cluster) -> None:
    with cluster.database() as url:
        app = ApiLauncher.build(Database(url).configuration())
        with calling(app) as client:
            session = default_session(client)
            upload_items(client, session)
            for number in range(3):
                cluster.disconnect_all()
                create(client, session, tag=f"after {number}")
        app.state.session_manager.shutdown()
