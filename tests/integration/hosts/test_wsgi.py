"""The app under a server of WSGI, by a2wsgi, which never reports that a client has left. Skipped without a2wsgi."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import httpx
import pytest
from starlette.applications import Starlette

from algomancy_api import ApiLauncher
from algomancy_api.live import sse
from algomancy_api.live import watcher as watching

from ...conftest import API, create, default_session, upload_items
from ...live.streams import streaming
from ...support import wiring
from ...support.clients import PATIENCE, ended, eventually
from ...support.errors import assert_error

a2wsgi = pytest.importorskip("a2wsgi")


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def handle_error(self, *_arguments: object) -> None:
        """Print nothing where a client has left."""


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        """Print no line for each request."""


@contextmanager
def serving_wsgi(app: Starlette) -> Iterator[str]:
    loop = asyncio.new_event_loop()
    looping = threading.Thread(target=loop.run_forever)
    looping.start()
    wsgi = a2wsgi.ASGIMiddleware(app, loop=loop)
    with make_server("127.0.0.1", 0, wsgi, server_class=_Server, handler_class=_Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join(PATIENCE)
    loop.call_soon_threadsafe(loop.stop)
    looping.join(PATIENCE)
    loop.close()


@pytest.fixture
def app() -> Iterator[Starlette]:
    app = ApiLauncher.build(wiring.configuration())
    yield app
    wiring.RELEASE.set()
    app.state.session_manager.shutdown()


@pytest.fixture
def client(app: Starlette) -> Iterator[httpx.Client]:
    with serving_wsgi(app) as url, httpx.Client(base_url=url, timeout=PATIENCE) as client:
        yield client


def test_the_main_job(client: httpx.Client) -> None:
    session = default_session(client)
    assert upload_items(client, session).json()["success"] is True
    scenario_id = create(client, session)
    scenario = f"{session}/scenarios/{scenario_id}"
    with ThreadPoolExecutor() as threads, streaming(client, f"{scenario}/events") as stream:
        assert stream.event().kind == "snapshot"
        tag = client.get(f"{scenario}/status").headers["etag"]
        poll = threads.submit(client.get, f"{scenario}/status?wait=60", headers={"If-None-Match": tag})
        assert client.post(f"{scenario}/run").status_code == 202
        assert poll.result(PATIENCE).json()["status"] != "created"
        assert stream.until(status="complete")
        assert stream.has_ended()
    assert ended(client, session, scenario_id)["kpis"]["Size"]["value"] == 7.0
    assert len(client.get(f"{session}/data/items").json()["tables"]["items"]["data"]) == 3
    assert client.get(f"{scenario}/status?wait=0.1").status_code == 200
    assert client.head(f"{session}/events").content == b""
    assert_error(client.get(f"{session}/data/none"), 404)


def test_what_wsgi_does_not_know_is_refused(client: httpx.Client) -> None:
    """A slash in a name, since there is no raw path; and a body in chunks, which a2wsgi takes for an empty one."""
    session = default_session(client)
    assert upload_items(client, session, "a/b").json()["keys"] == ["a/b"]
    assert_error(client.get(f"{session}/data/a%2Fb"), 404)
    body = iter([b'{"display_name": "x"}'])
    chunked = client.post(f"{API}/sessions", content=body, headers={"Content-Type": "application/json"})
    assert_error(chunked, 422)


def test_a_stream_whose_client_has_left_is_given_back(
    app: Starlette, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "_HEARTBEAT_LOOKS", 1)
    monkeypatch.setattr(sse, "_LONGEST_SEND", 0.5)
    sessions = app.state.sessions
    with streaming(client, f"{default_session(client)}/events") as stream:
        assert stream.block().kind == "snapshot"
        assert stream.block().kind is None
        assert len(sessions.streams._open) == 1
    eventually(lambda: not sessions.watcher._watched)
    eventually(lambda: not sessions.streams._open)
