"""Checks of an app under any ASGI server, called by the tests of each server."""

import json
import signal
import time
from pathlib import Path

from ...conftest import create, default_session, upload_items
from ...support import wiring
from ...support.clients import SOON, ended
from . import journeys
from .servers import Server, running

MEBIBYTE = 1024 * 1024

ROWS = 50_000


def check_everything_is_there(command: list[str], folder: Path) -> None:
    """Every route, page, error and redirect."""
    with running(command, folder) as server:
        client = server.client
        journeys.every_page(client, "")
        journeys.every_route(client, "")
        journeys.assert_the_document_leads_here(client, "")
        journeys.assert_errors_as_everywhere(client, "")
        journeys.assert_redirects_stay(client, "")
        server.stopped(signal.SIGTERM)
        assert "Traceback" not in server.log, server.log


def check_the_main_job(command: list[str], folder: Path) -> None:
    """Upload, create, run, poll and download; and all of it is there after a restart."""
    with running(command, folder) as server:
        client = server.client
        session = default_session(client)
        rows = "".join(f"{number};item {number};0.5\n" for number in range(ROWS))
        assert upload_items(client, session, "large/1", f"id;name;weight\n{rows}").json()["success"] is True
        scenario_id = create(client, session, "Sleeps", dataset_key="large/1")
        assert client.post(f"{session}/scenarios/{scenario_id}/run").status_code == 202
        done = ended(client, session, scenario_id)
        assert done["status"] == "complete"
        server.stopped(signal.SIGTERM)
    with running(command, folder) as server:
        client = server.client
        assert client.get(f"{session}/scenarios/{scenario_id}").json() == done
        assert len(client.get(f"{session}/data/large%2F1").json()["tables"]["items"]["data"]) == ROWS


def check_a_large_download_is_streamed(command: list[str], folder: Path, limit: int) -> None:
    """A download of 90 MB costs the server less than a limit of memory, in MiB, even if the client dawdles."""
    with running(command, folder, in_memory=True) as server:
        client = server.client
        session = default_session(client)
        assert upload_items(client, session, "wide").json()["success"] is True
        server.reset_peak_memory()
        before = server.peak_memory()
        with client.stream("GET", f"{session}/data/wide", headers={"Accept-Encoding": "identity"}) as response:
            assert response.status_code == 200
            chunks = response.iter_raw()
            received = [next(chunks)]
            for _ in range(200):
                assert client.get("/health").status_code == 200
            received.extend(chunks)
        growth = (server.peak_memory() - before) / MEBIBYTE
    text = b"".join(received)
    assert len(text) > 60 * MEBIBYTE
    assert len(json.loads(text)["tables"]["wide"]["data"]) == wiring.WIDE_ROWS
    assert growth < limit


def check_it_stops(command: list[str], folder: Path, how: signal.Signals) -> None:
    """A signal ends the server soon and in peace, with a scenario at work and one in the queue."""
    with running(command, folder) as server:
        client = server.client
        session = default_session(client)
        upload_items(client, session)
        scenarios = [create(client, session, algorithm, algorithm) for algorithm in ("Blocks", "Instant")]
        for scenario_id in scenarios:
            client.post(f"{session}/scenarios/{scenario_id}/run")
        start = time.monotonic()
        code = server.stopped(how)
        assert time.monotonic() - start < SOON
        assert code in (0, -how, 128 + how), server.log
        assert "Traceback" not in server.log, server.log
        assert "ResourceWarning" not in server.log, server.log
        left = sorted(path.name for path in folder.iterdir())
        assert left == ["log", "wiring.sqlite", "wiring.sqlite.lock"], "the database was not closed"
    with running(command, folder) as server:
        assert status_of(server, session, scenarios[0]) == "created"
        assert ended(server.client, session, scenarios[1])["status"] == "complete", "the queue was not taken up"


def status_of(server: Server, session: str, scenario_id: str) -> str:
    """A scenario's status."""
    status: str = server.client.get(f"{session}/scenarios/{scenario_id}/status").json()["status"]
    return status
