"""Who watches over a restart of the server misses nothing."""

import contextlib
from collections.abc import Iterator

import httpx
import pytest
from starlette.applications import Starlette

from algomancy_api import ApiLauncher

from ...conftest import create, default_session, upload_items
from ...live.streams import is_watched, streaming
from ...support import wiring
from ...support.clients import PATIENCE, eventually, serving
from ...support.databases import Database


@contextlib.contextmanager
def opened(database: Database) -> Iterator[tuple[Starlette, httpx.Client]]:
    """A server on the database, which is shut down afterwards, and a client of it."""
    app = ApiLauncher.build(database.configuration())
    with serving(app) as url, httpx.Client(base_url=url, timeout=PATIENCE) as client:
        yield app, client
    wiring.RELEASE.set()
    app.state.session_manager.shutdown()


def test_a_cursor_from_before_a_restart_gets_all(database: Database) -> None:
    cursors: dict[str, str] = {}
    with opened(database) as (_, client):
        session = default_session(client)
        upload_items(client, session)
        kept, doomed = (create(client, session, tag=tag, labels={"a": "1"}) for tag in ("kept", "doomed"))
        for query in ("", "label=a:1", f"ids={kept},{doomed}"):
            cursors[query] = client.get(f"{session}/scenarios/wait?{query}").json()["cursor"]
        client.delete(f"{session}/scenarios/{doomed}")
        new = create(client, session, tag="new", labels={"a": "1"})
    with opened(database) as (_, client):
        for query, cursor in cursors.items():
            told = client.get(f"{session}/scenarios/wait?{query}&wait=60&cursor={cursor}").json()
            found = [each["id"] for each in told["scenarios"]], told["gone"], told["snapshot"]
            assert found == (([kept], [doomed], True) if "ids" in query else ([kept, new], [], True))


@pytest.mark.parametrize("query", ["", "?label=a"])
def test_a_stream_goes_on_after_a_restart_and_tells_what_has_changed(database: Database, query: str) -> None:
    with opened(database) as (_, client):
        session = default_session(client)
        upload_items(client, session)
        scenario_id = create(client, session, labels={"a": ""})
        with streaming(client, f"{session}/events{query}") as stream:
            first = stream.event()
    with opened(database) as (app, client):
        with streaming(client, f"{session}/events{query}", first.id) as stream:
            eventually(lambda: is_watched(app))
            client.post(f"{session}/scenarios/{scenario_id}/run")
            assert stream.event().kind in ("status", "progress"), "no snapshot, since nothing has changed"
        eventually(lambda: client.get(f"{session}/scenarios/{scenario_id}/status").json()["status"] == "complete")
    with opened(database) as (_, client), streaming(client, f"{session}/events{query}", first.id) as stream:
        event = stream.event()
        assert (event.kind, event.data["scenarios"][0]["status"]) == ("snapshot", "complete")
