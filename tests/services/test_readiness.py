"""Readiness: the database, the engine, and a server that is shutting down."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import httpx
import pytest
from starlette.applications import Starlette

from algomancy_api import ApiLauncher, lifespan
from algomancy_api.services.readiness import Probe

from ..support import wiring
from ..support.clients import AppClient, calling, eventually


def built(**overrides: Any) -> Starlette:
    return ApiLauncher.build(wiring.configuration(**overrides))


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[AppClient]:
    """A client of an app on SQLite, in the file ``wiring.sqlite`` of the folder."""
    app = ApiLauncher.build(wiring.on_sqlite(tmp_path))
    with calling(app) as client:
        yield client
    app.state.session_manager.shutdown()


def asked_anew(client: AppClient, status: int) -> httpx.Response:
    """The answer once it has that status: an answer is good for a second."""
    response: httpx.Response = eventually(lambda: (found := client.get("/ready")).status_code == status and found)
    return response


def test_a_server_without_a_database_is_ready() -> None:
    app = built()
    with calling(app) as client:
        response = client.get("/ready")
        assert (response.status_code, response.json()) == (200, {"status": "ready", "parts": {"engine": True}})
        assert "retry-after" not in response.headers
    app.state.session_manager.shutdown()


def test_a_database_in_memory_is_no_part() -> None:
    app = built(persistence_backend="database", database_url="sqlite://")
    with calling(app) as client, app.state.session_manager._db_engine.connect():
        # Its one connection is taken, as by a long ETL.
        assert client.get("/ready").json() == {"status": "ready", "parts": {"engine": True}}
    app.state.session_manager.shutdown()


def test_a_server_whose_engine_is_not_available_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("algomancy_api.engines.thread.ThreadEngine.is_ready", False)
    app = built()
    with calling(app) as client:
        response = client.get("/ready")
        assert response.status_code == 503
        assert int(response.headers["retry-after"]) > 0
        assert response.json() == {
            "detail": "Not ready: engine",
            "status": "not ready",
            "parts": {"engine": False},
        }
        assert client.get("/health").status_code == 200
    app.state.session_manager.shutdown()


def test_a_database_that_is_broken_and_mended_is_noticed(
    stored: AppClient, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert stored.get("/ready").json() == {"status": "ready", "parts": {"database": True, "engine": True}}
    assert isinstance(stored.app, Starlette)
    [file] = tmp_path.glob("*.sqlite")
    database = stored.app.state.session_manager._db_engine
    database.dispose()  # with the last connection, the journal ends
    content = file.read_bytes()
    file.write_bytes(b"no database" * 1000)
    response = asked_anew(stored, 503)
    assert response.json()["parts"] == {"database": False, "engine": True}
    assert "retry-after" in response.headers
    assert str(tmp_path) not in response.text
    assert "not a database" not in response.text, "what the driver says is for the log"
    assert "not a database" in caplog.text
    assert stored.get("/health").status_code == 200
    database.dispose()
    file.write_bytes(content)
    assert asked_anew(stored, 200).json()["parts"] == {"database": True, "engine": True}


def test_a_server_that_is_shutting_down_is_not_ready() -> None:
    app = built()

    async def around() -> list[int]:
        found = []
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            for _ in range(2):
                async with lifespan(app):
                    found.append((await client.get("/ready")).status_code)
                response = await client.get("/ready")
                found.append(response.status_code)
                assert response.json()["status"] == "stopping"
                assert "retry-after" in response.headers
        return found

    assert anyio.run(around) == [200, 503, 200, 503]


def test_a_server_that_a_host_stops_is_not_ready_and_goes_on_answering() -> None:
    app = built()
    with calling(app) as client:
        app.state.stop()
        response = client.get("/ready")
        assert (response.status_code, response.json()["status"]) == (503, "stopping")
        assert response.json()["parts"] == {"engine": True}
        assert client.get("/health").status_code == 200
    app.state.session_manager.shutdown()


# The probe -----------------------------------------------------------------------------------------------------


class Silent:
    """A check that blocks until it is released, and counts its calls."""

    def __init__(self) -> None:
        self.asked = 0
        self.release = threading.Event()

    def check(self) -> None:
        self.asked += 1
        assert self.release.wait(90)


def test_many_who_ask_share_one_check() -> None:
    silent = Silent()
    probe = Probe("thing", silent.check)
    answers: list[bool] = []

    async def ask() -> None:
        answers.append(await probe.is_available())

    async def many() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(50):
                group.start_soon(ask)
            await anyio.lowlevel.checkpoint()
            silent.release.set()
        await ask()  # within the same second

    anyio.run(many)
    assert (answers, silent.asked) == ([True] * 51, 1)


def test_a_part_that_does_not_respond_is_not_available_and_not_checked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("algomancy_api.services.readiness._PATIENCE", 0.05)
    monkeypatch.setattr("algomancy_api.services.readiness._MAX_AGE", 0.0)
    silent = Silent()
    probe = Probe("thing", silent.check)

    async def ask() -> bool:
        return await probe.is_available()

    assert [anyio.run(ask) for _ in range(3)] == [False, False, False]
    assert silent.asked == 1
    silent.release.set()
    assert eventually(lambda: anyio.run(ask))


def test_an_old_result_is_not_reused(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    asked = []
    probe = Probe("thing", lambda: asked.append(now))

    async def ask() -> None:
        nonlocal now
        for passed in (0, 0.9, 0.2, 0.9):
            now += passed
            future = probe._latest()
            await anyio.to_thread.run_sync(future.result)

    anyio.run(ask)
    assert asked == [1000.0, 1001.1]
