"""The lifespan of an app: which resources its end closes, which it leaves open, and that it never hangs."""

import gc
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import httpx
import pytest
from starlette.applications import Starlette

from algomancy_api import ApiLauncher, lifespan

from ...conftest import API, create, default_session, upload_items
from ...support import wiring
from ...support.clients import PATIENCE, SOON, AppClient, calling, ended, eventually, serving
from . import journeys
from .resources import host_that_enters, open_files, worker_threads


def assert_closed(app: Starlette, folder: Path) -> None:
    """The threads of the app's sessions end, and its database is closed."""
    eventually(lambda: worker_threads(app) == [])
    assert open_files(folder) == []


def by_itself(app: Starlette) -> tuple[Starlette, str]:
    """The app as it is served on its own, and its address."""
    return app, ""


def in_a_host(app: Starlette) -> tuple[Starlette, str]:
    """A host that mounts it, and its address."""
    return host_that_enters(app), "/0"


@pytest.mark.parametrize("way", [by_itself, in_a_host])
def test_leaving_ends_threads_and_closes_the_database(
    tmp_path: Path, way: Callable[[Starlette], tuple[Starlette, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("algomancy_api.framework.scenario_processor._IDLE", PATIENCE)
    app = ApiLauncher.build(wiring.on_sqlite(tmp_path))
    served, root = way(app)
    with serving(served, lifespan="on") as url, httpx.Client(base_url=url, timeout=PATIENCE) as client:
        journeys.every_route(client, root)
        session = f"{root}{API}/sessions/{client.get(f'{root}{API}/sessions').json()['default']}"
        upload_items(client, session)
        ended(client, session, create(client, session, run=True))
        assert len(worker_threads(app)) == 1
        assert "wiring.sqlite" in open_files(tmp_path)
    assert_closed(app, tmp_path)
    del app, served
    gc.collect()  # a connection that nobody has closed would warn, and the warning fail the test


async def once(app: Starlette) -> None:
    async with lifespan(app):
        pass


async def with_an_error(app: Starlette) -> None:
    with pytest.raises(LookupError):
        async with lifespan(app):
            raise LookupError


async def cancelled(app: Starlette) -> None:
    with anyio.CancelScope() as scope:
        async with lifespan(app):
            scope.cancel()
            await anyio.sleep_forever()


async def twice_at_a_time(app: Starlette) -> None:
    async with lifespan(app), lifespan(app):
        pass


@pytest.mark.parametrize("visit", [once, with_an_error, cancelled, twice_at_a_time])
@pytest.mark.parametrize("backend", ["memory", "sqlite"])
def test_however_it_is_left_it_is_closed(
    tmp_path: Path, backend: str, visit: Callable[[Starlette], Awaitable[None]]
) -> None:
    app = ApiLauncher.build(wiring.on_sqlite(tmp_path) if backend == "sqlite" else wiring.configuration())
    with calling(app) as client:
        journeys.every_route(client, "")
    anyio.run(visit, app)
    assert_closed(app, tmp_path)


def test_an_app_that_was_never_asked_anything_is_closed(tmp_path: Path) -> None:
    app = ApiLauncher.build(wiring.on_sqlite(tmp_path))
    with serving(app, lifespan="on"):
        pass
    assert_closed(app, tmp_path)


# With work at hand ---------------------------------------------------------------------------------------------


@contextmanager
def at_work(app: Starlette) -> Iterator[tuple[AppClient, str, list[str]]]:
    """An app of which one scenario is being run, and two are in the queue."""
    with calling(app) as client:
        session = default_session(client)
        upload_items(client, session)
        scenarios = [create(client, session, algorithm, algorithm) for algorithm in ("Blocks", "Instant", "Sleeps")]
        for scenario_id in scenarios:
            assert client.post(f"{session}/scenarios/{scenario_id}/run").status_code == 202
        assert wiring.STARTED.wait(PATIENCE)
        yield client, session, scenarios
    wiring.RELEASE.set()
    app.state.session_manager.shutdown()


def test_leaving_waits_for_no_scenario_and_after_a_restart_those_in_the_queue_are_run(tmp_path: Path) -> None:
    app = ApiLauncher.build(wiring.on_sqlite(tmp_path))
    with at_work(app) as (_, session, scenarios):
        start = time.monotonic()
        anyio.run(once, app)
        assert time.monotonic() - start < SOON
        assert open_files(tmp_path) == []

        successor = ApiLauncher.build(wiring.on_sqlite(tmp_path))
        with calling(successor) as client:
            cut_off, *queued = scenarios
            assert {ended(client, session, scenario_id)["status"] for scenario_id in queued} == {"complete"}
            assert client.get(f"{session}/scenarios/{cut_off}/status").json()["status"] == "created"
            wiring.RELEASE.set()
            assert client.post(f"{session}/scenarios/{cut_off}/run").status_code == 202
            assert {ended(client, session, scenario_id)["status"] for scenario_id in scenarios} == {"complete"}
        anyio.run(once, successor)


def test_a_served_app_stops_soon_with_work_at_hand(tmp_path: Path) -> None:
    app = ApiLauncher.build(wiring.on_sqlite(tmp_path))
    with at_work(app):
        start = time.monotonic()
        with serving(host_that_enters(app), lifespan="on") as url:
            assert httpx.get(f"{url}/0/health", timeout=PATIENCE).status_code == 200
        assert time.monotonic() - start < SOON
        assert open_files(tmp_path) == []


def test_after_leaving_nothing_is_begun_or_stored(tmp_path: Path) -> None:
    app = ApiLauncher.build(wiring.on_sqlite(tmp_path))
    with at_work(app) as (client, session, scenarios):
        anyio.run(once, app)
        wiring.RELEASE.set()
        assert_closed(app, tmp_path)
        for scenario_id in scenarios:
            assert client.get(f"{session}/scenarios/{scenario_id}/status").json()["status"] == "created"
    del app
    gc.collect()


@pytest.mark.parametrize("backend", ["memory", "sqlite"])
def test_it_can_be_entered_again(tmp_path: Path, backend: str) -> None:
    app = ApiLauncher.build(wiring.on_sqlite(tmp_path) if backend == "sqlite" else wiring.configuration())
    with at_work(app) as (_, session, scenarios):
        for _ in range(2):
            with serving(app, lifespan="on") as url:
                assert httpx.get(f"{url}/health", timeout=PATIENCE).status_code == 200
        with serving(app, lifespan="on") as url, httpx.Client(base_url=url, timeout=PATIENCE) as client:
            assert client.get(f"{session}/scenarios/{scenarios[0]}/status").json()["status"] == "processing"
            for scenario_id in scenarios[1:]:
                # A database keeps the queue, and what a former visit to the app had begun was interrupted by its end.
                if client.get(f"{session}/scenarios/{scenario_id}/status").json()["status"] == "created":
                    assert client.post(f"{session}/scenarios/{scenario_id}/run").status_code == 202
                else:
                    assert backend == "sqlite"
                assert ended(client, session, scenario_id)["status"] == "complete"
            wiring.RELEASE.set()
            assert ended(client, session, scenarios[0])["status"] == "complete"
        assert_closed(app, tmp_path)
