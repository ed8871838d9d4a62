"""Concurrent first rows of a table, from many sessions: the table is created once, and no request fails."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from algomancy_api import ApiLauncher

from ...conftest import API, create, upload_items
from ...support.clients import PATIENCE, ended, serving
from ...support.databases import Database
from ..faults.wiring import ALGORITHMS

SESSIONS = [f"{API}/sessions/{number}" for number in range(8)]


def ran(client: httpx.Client, session: str) -> str:
    """How the run of a scenario ends whose result is a table."""
    scenario = create(client, session, "Tabular")
    client.post(f"{session}/scenarios/{scenario}/run").raise_for_status()
    status: str = ended(client, session, scenario)["status"]
    return status


@pytest.mark.parametrize("attempt", range(2))
def test_many_sessions_write_their_first_rows_at_once(database: Database, attempt: int) -> None:
    app = ApiLauncher.build(database.configuration(algorithms=ALGORITHMS))
    with serving(app) as url, httpx.Client(base_url=url, timeout=PATIENCE) as client, ThreadPoolExecutor(8) as pool:
        for session in SESSIONS:
            client.post(f"{API}/sessions", json={"display_name": session.rpartition("/")[2]}).raise_for_status()
        uploads = pool.map(lambda session: upload_items(client, session).json().get("success"), SESSIONS)
        assert set(uploads) == {True}
        assert set(pool.map(lambda session: ran(client, session), SESSIONS)) == {"complete"}
    app.state.session_manager.shutdown()
