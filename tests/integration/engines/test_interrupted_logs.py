"""After the end of the server in the middle of a run, the log has what that run had printed."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from ...conftest import default_session, upload_items
from ...support.clients import eventually
from ...support.databases import Database
from ...support.errors import assert_error
from ...support.processes import Process, free_port
from .conftest import Scenario
from .test_logs import followed, part, texts

TABLE = "algomancy_api_run_logs"


def on(*pairs: tuple[str, str]) -> pytest.MarkDecorator:
    """A decorator for a test on some databases and engines, since each starts several servers."""
    return pytest.mark.parametrize(("database", "engine"), pairs, indirect=True)


type Serve = Callable[..., Any]


@pytest.fixture
def serve(database: Database, engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> Serve:
    """A context with a server on the database; all of them have one address."""
    port = free_port()
    address = request.getfixturevalue("dask").address if engine == "dask" else ""

    @contextmanager
    def serving(how: signal.Signals = signal.SIGKILL, resume: str = "queued") -> Iterator[httpx.Client]:
        server = Process(
            "configuration",
            port,
            module="tests.integration.engines.printing",
            WIRING_DATABASE=database.url,
            PRINTING_ENGINE=engine,
            PRINTING_CLUSTER=address,
            PRINTING_RESUME=resume,
        )
        try:
            eventually(lambda: server.client.get("/ready").status_code == 200)
            yield server.client
        finally:
            server.end(how)

    return serving


def printed(client: httpx.Client, folder: Path) -> tuple[Scenario, dict[str, Any]]:
    """A scenario whose run goes on, and all that it has printed."""
    session = default_session(client)
    upload_items(client, session)
    running = Scenario(client, session, "Shows", folder).started()
    eventually(lambda: "" in texts(part(client, running.url)["lines"]))
    return running, part(client, running.url)


def assert_all_is_stored(database: Database, running: Scenario, count: int) -> None:
    """Wait until the database has the lines; nothing else tells a client."""
    query = sa.text(f"SELECT max(first_line + line_count) FROM {TABLE} WHERE scenario_id = :id")  # noqa: S608

    def is_stored() -> bool:
        with database.connected() as connection:
            return bool(connection.execute(query, {"id": running.id}).scalar() == count)

    eventually(is_stored)


@on(("sqlite", "thread"), ("postgresql", "process"), ("sqlite", "dask"))
def test_a_kill_leaves_the_log_and_the_cursor(database: Database, serve: Serve, tmp_path: Path) -> None:
    with serve() as client:
        running, during = printed(client, tmp_path)
        assert_all_is_stored(database, running, len(during["lines"]))
    run, _, number = during["next"].partition("-")
    for _ in range(2):  # a second start keeps it, too
        with serve() as client:
            state = client.get(f"{default_session(client)}/scenarios").json()
            assert [(each["status"], each["interrupted"]) for each in state] == [("created", True)]
            assert part(client, running.url, wait=30) == during | {"complete": True}
            assert part(client, running.url, f"{run}-20")["lines"] == during["lines"][20:]
            for line in (int(number), int(number) + 3):  # a client may have read lines that were not stored yet
                end: dict[str, Any] = {"lines": [], "next": f"{run}-{line}", "complete": True, "truncated": False}
                assert part(client, running.url, end["next"]) == end


@on(("sqlite", "thread"), ("sqlite", "process"))
def test_a_shutdown_leaves_all_lines(serve: Serve, tmp_path: Path) -> None:
    with serve(signal.SIGTERM) as client:
        running, during = printed(client, tmp_path)
    with serve() as client:
        assert part(client, running.url) == during | {"complete": True}


@on(("sqlite", "thread"))
def test_the_next_run_has_a_log_of_its_own(database: Database, serve: Serve, tmp_path: Path) -> None:
    with serve() as client:
        running, during = printed(client, tmp_path)
        assert_all_is_stored(database, running, len(during["lines"]))
    (tmp_path / "release").touch()
    with serve(resume="all") as client:
        lines = followed(client, running.url)
        assert texts(lines)[-1] == "the end"
        assert len(lines) == len(during["lines"]) + 1
        assert_error(client.get(f"{running.url}/log?from={during['next']}"), 410)


@on(("sqlite", "thread"))
def test_it_is_gone_with_a_reset(database: Database, serve: Serve, tmp_path: Path) -> None:
    with serve() as client:
        running, during = printed(client, tmp_path)
        assert_all_is_stored(database, running, len(during["lines"]))
    with serve() as client:
        assert client.post(f"{running.url}/reset").status_code == 200
        assert part(client, running.url)["lines"] == []
        assert database.rows()[TABLE] == 0
