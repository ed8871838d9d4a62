"""Checks of an app under any ASGI server with clients that watch, wait, or leave in the middle."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from httpx_sse import connect_sse

from ...conftest import create, default_session, upload_items
from ...live.streams import streaming
from ...support.clients import PATIENCE, SOON, ended, eventually
from ..wire.raw_client import Conversation
from .factory import STREAMS
from .servers import Server, running


def check_clients(command: list[str], folder: Path) -> None:
    """What a client needs from a server that it stays with, and from one that it leaves."""
    with running(command, folder, in_memory=True) as server:
        session = default_session(server.client)
        assert upload_items(server.client, session).json()["success"] is True
        assert_head_has_no_body(server, f"{session}/data/items", "/openapi.json", "/health", "/nowhere")
        assert_a_poll_ends_in_time(server.client, session)
        assert_events_come(server.client, session)
        assert upload_items(server.client, session, "wide").json()["success"] is True
        assert_who_leaves_is_forgotten(server.client, f"{session}/data/wide")
        assert_who_leaves_is_forgotten(server.client, f"{session}/events")
        assert "Traceback" not in server.log, server.log
        assert_it_stops_with_an_open_stream(server, session)


def assert_head_has_no_body(server: Server, *paths: str) -> None:
    """The next response on the same connection begins right after the headers."""
    for path in paths:
        with Conversation(server.client.base_url.port or 0) as conversation:
            for method, connection in (("HEAD", "keep-alive"), ("GET", "close")):
                conversation.send(f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: {connection}\r\n\r\n".encode())
            head, _, rest = conversation.everything().partition(b"\r\n\r\n")
        assert rest.startswith(b"HTTP/1.1 "), (path, head, rest[:100])
        assert head.partition(b"\r\n")[0] == rest.partition(b"\r\n")[0], path


def assert_a_poll_ends_in_time(client: httpx.Client, session: str) -> None:
    """A long poll whose time is over is answered, with and without the state that the client knows."""
    url = f"{session}/scenarios/{create(client, session, tag='polled')}/status"
    answer = client.get(f"{url}?wait=0.2")
    assert (answer.status_code, answer.json()["status"]) == (200, "created")
    assert client.get(f"{url}?wait=0.2", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


def assert_events_come(client: httpx.Client, session: str) -> None:
    """A client of Server-Sent Events gets a snapshot, the changes of a run, and the end."""
    scenario_id = create(client, session, tag="watched")
    scenario = f"{session}/scenarios/{scenario_id}"
    with connect_sse(client, "GET", f"{scenario}/events") as source:
        events = source.iter_sse()
        assert next(events).event == "snapshot"
        assert client.post(f"{scenario}/run").status_code == 202
        received = list(events)
    assert {event.event for event in received} <= {"status", "progress"}
    assert received[-1].json()["status"] == "complete"
    assert ended(client, session, scenario_id)["kpis"]["Size"]["value"] == 7.0


def assert_who_leaves_is_forgotten(client: httpx.Client, path: str) -> None:
    """More clients than may be there at the same time begin to read, and leave."""
    for _ in range(STREAMS + 2):
        eventually(lambda: _left(client, path))


def _left(client: httpx.Client, path: str) -> bool:
    """Leave a response after its first bytes; False if too many others are open."""
    with client.stream("GET", path, headers={"Accept-Encoding": "identity"}) as response:
        assert response.status_code in (200, 429), response.read()
        return response.status_code == 200 and bool(next(response.iter_raw()))


def assert_it_stops_with_an_open_stream(server: Server, session: str) -> None:
    """SIGTERM ends the server soon and in peace, whoever still watches."""
    with open_stream(server, session):
        start = time.monotonic()
        code = server.stopped(signal.SIGTERM)
        assert time.monotonic() - start < SOON, server.log
    assert code in (0, -signal.SIGTERM, 128 + signal.SIGTERM), server.log
    assert "Traceback" not in server.log, server.log


@contextmanager
def open_stream(server: Server, session: str) -> Iterator[None]:
    with (
        httpx.Client(base_url=server.client.base_url, timeout=PATIENCE) as client,
        streaming(client, f"{session}/events") as stream,
    ):
        assert stream.event().kind == "snapshot"
        yield
