"""The shutdown of a server: streams and waits end, new requests are rejected, and the process exits in time."""

import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import anyio
import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message

from algomancy_api import ApiLauncher, lifespan

from ...conftest import API, create, default_session, upload_items
from ...live.streams import streaming
from ...support import wiring
from ...support.clients import PATIENCE, AppClient, calling, ended, eventually, serving
from ...support.errors import assert_error
from ...support.processes import COMMAND, Started, answering, free_port, started


def run_blocked(client: httpx.Client) -> tuple[str, str]:
    """The addresses of a session and of a scenario of it that is being run."""
    session = default_session(client)
    upload_items(client, session)
    scenario = f"{session}/scenarios/{create(client, session, 'Blocks')}"
    client.post(f"{scenario}/run")
    eventually(lambda: client.get(f"{scenario}/status").json()["progress"] == 42.0)
    return session, scenario


@contextmanager
def launched(folder: Path, grace: float, log_level: str = "info") -> Iterator[tuple[Started, httpx.Client]]:
    """A server in a process of its own, and a client of it."""
    port = free_port()
    command = (sys.executable, "-m", "tests.integration.shutdown.hanging", str(port), str(grace), log_level)
    with started(folder, *command) as process, answering(process, port) as client:
        yield process, client


# The process ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("how", "code"), [(signal.SIGTERM, -signal.SIGTERM), (signal.SIGINT, 0)])
def test_it_ends_with_open_streams_waits_and_a_run(tmp_path: Path, how: signal.Signals, code: int) -> None:
    with launched(tmp_path, 100) as (process, client), ThreadPoolExecutor() as threads, ExitStack() as streams:
        session, scenario = run_blocked(client)
        sent = threading.Event()

        def note_sent(event: str, _info: object) -> None:
            if event == "http11.receive_response_headers.started":
                sent.set()

        paths = [f"{session}/events", f"{scenario}/events"] * 10
        opened = [streams.enter_context(streaming(client, path)) for path in paths]
        assert {stream.event().kind for stream in opened} == {"snapshot"}
        answer = threads.submit(client.get, f"{scenario}/status?wait=60", extensions={"trace": note_sent})
        assert sent.wait(PATIENCE)
        client.get("/health")  # what is answered was accepted after the poll
        process.send_signal(how)
        assert all(stream.has_ended() for stream in opened), "an end, and not a broken connection"
        assert answer.result(PATIENCE).json()["status"] == "processing"
        _, log = process.ended()
        assert process.returncode == code
        assert "Traceback" not in log
        assert "ERROR" not in log


def test_a_reader_that_does_not_read_keeps_it_no_longer_than_the_grace(tmp_path: Path) -> None:
    with launched(tmp_path, 1, "error") as (process, client):
        session, _ = run_blocked(client)
        for number in range(300):
            create(client, session, tag=f"{number} {'x' * 10_000}")
        with streaming(client, f"{session}/events"):
            process.send_signal(signal.SIGTERM)
            process.ended()
    assert process.returncode == -signal.SIGTERM


@contextmanager
def hung(folder: Path, grace: float) -> Iterator[Started]:
    """A server one of whose threads will not be back in time."""
    with launched(folder, grace) as (process, client), ThreadPoolExecutor() as threads:
        answer = threads.submit(client.get, f"{API}/hang")
        eventually(lambda: process.written()[0] == "hanging\n")
        yield process
        answer.exception(PATIENCE)  # an error or a broken connection: it is over


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_nothing_keeps_it_longer_than_the_grace(tmp_path: Path, how: signal.Signals) -> None:
    with hung(tmp_path, 1) as process:
        process.send_signal(how)
        process.ended()
        assert process.returncode is not None


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_it_at_once(tmp_path: Path, how: signal.Signals) -> None:
    with hung(tmp_path, 1_000) as process:
        process.send_signal(how)
        eventually(lambda: process.poll() is not None or "Waiting for connections" in process.written()[1])
        assert process.poll() is None
        process.send_signal(how)
        _, log = process.ended()
        assert process.returncode is not None
        assert "Traceback" not in log
        assert log.count("GET /api/v1/hang: the server stopped before the end of the response") == 1


#: A server as its own command starts it, which knows nothing of the app's `stop`.
OTHERWISE = (
    "-m",
    "uvicorn",
    "--factory",
    "tests.integration.shutdown.hanging:build",
    "--no-access-log",
    "--timeout-graceful-shutdown",
    "1",
)


@contextmanager
def working(folder: Path, *, is_launched: bool) -> Iterator[tuple[Started, httpx.Client]]:
    """A server with one second for its shutdown, from `ApiLauncher.run` or from the command of uvicorn."""
    if is_launched:
        with launched(folder, 2) as place:
            yield place
        return
    port = free_port()
    with (
        started(folder, sys.executable, *OTHERWISE, "--port", str(port)) as process,
        answering(process, port) as client,
    ):
        yield process, client


@pytest.mark.parametrize("is_launched", [True, False])
def test_what_outlasts_the_grace_is_told_so_or_cut_off(tmp_path: Path, *, is_launched: bool) -> None:
    with working(tmp_path, is_launched=is_launched) as (process, client), ThreadPoolExecutor() as threads:
        answer, half = (threads.submit(client.get, f"{API}/{path}") for path in ("hang", "half"))
        eventually(lambda: process.written()[0] == "hanging\n" * 2)
        process.send_signal(signal.SIGTERM)
        response = answer.result(PATIENCE)
        assert_error(response, 503, "shutting down")
        assert int(response.headers["retry-after"]) >= 1
        with pytest.raises(httpx.RemoteProtocolError):
            half.result(PATIENCE)
        process.kill()  # the thread sleeps on
        _, log = process.ended()
    assert "Traceback" not in log
    if is_launched:  # under the command of uvicorn, the host decides on the log of the package
        for path in ("hang", "half"):
            assert log.count(f"GET /api/v1/{path}: the server stopped before the end of the response") == 1


def test_what_is_cancelled_otherwise_is_not_answered() -> None:
    """A host may cancel what it calls, and respond by itself."""
    app = ApiLauncher.build(wiring.configuration(), routes=[Route("/forever", forever)])
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        await anyio.sleep_forever()
        raise AssertionError

    async def cancelled() -> None:
        with anyio.move_on_after(0.1) as limit:
            await app(
                {"type": "http", "method": "GET", "path": f"{API}/forever", "headers": [], "query_string": b""},
                receive,
                send,
            )
        assert limit.cancelled_caught

    anyio.run(cancelled)
    assert sent == []
    app.state.session_manager.shutdown()


async def forever(_request: Request) -> Response:
    await anyio.sleep_forever()
    raise AssertionError


# The app, wherever it is served --------------------------------------------------------------------------------


@pytest.fixture
def stopping() -> Iterator[tuple[Starlette, AppClient]]:
    """An app that is being stopped, with a route of a host's own, and a client of it."""

    async def work(_request: Request) -> Response:
        return Response("done")

    routes = [Route("/work", work, methods=["GET", "PUT"])]
    app = ApiLauncher.build(wiring.configuration(shutdown_grace=2.5), routes=routes)
    with calling(app) as client:
        upload_items(client, default_session(client))
        app.state.stop()
        yield app, client
    app.state.session_manager.shutdown()


def test_new_work_is_refused(stopping: tuple[Starlette, AppClient]) -> None:
    _, client = stopping
    session = default_session(client)
    body = {"tag": "x", "dataset_key": "items", "algo_name": "Instant"}
    answers = [
        client.post(f"{API}/sessions", json={"display_name": "new"}),
        client.post(f"{session}/scenarios", json=body),
        client.post(f"{session}/scenarios/any/run"),
        client.post(f"{session}/run", json={"scenario_ids": []}),
        upload_items(client, session),
        client.patch(session, json={"display_name": "new"}),
        client.delete(session),
        client.delete(f"{session}/data/items"),
        client.request("PUT", f"{API}/work"),
    ]
    for answer in answers:
        assert_error(answer, 503, "shutting down")
        assert answer.headers["retry-after"] == "3"
    assert client.get(f"{session}/data").json() == {"keys": ["items"]}


def test_what_reads_is_answered_and_nothing_is_waited_for(stopping: tuple[Starlette, AppClient]) -> None:
    app, client = stopping
    session = default_session(client)
    assert client.get("/health").status_code == 200
    assert client.get(f"{API}/work").text == "done"
    assert client.get(f"{session}/queue").json() == []
    for path in (f"{session}/events", f"{session}/scenarios/any/events"):
        assert_error(client.get(path), 503, "shutting down")
    manager = app.state.session_manager.get_scenario_manager("main")
    scenario_id = manager.create_scenario("x", "items", "Instant").id
    assert client.get(f"{session}/scenarios/{scenario_id}/status?wait=60").json()["status"] == "created"


def test_after_its_lifespan_an_app_takes_no_work_until_it_is_entered_again() -> None:
    app = ApiLauncher.build(wiring.configuration())

    async def visit(inside: threading.Event, leave: threading.Event) -> None:
        async with lifespan(app):
            inside.set()
            await anyio.to_thread.run_sync(leave.wait, PATIENCE)

    with calling(app) as client:
        for number in range(2):
            inside, leave = threading.Event(), threading.Event()
            visitor = threading.Thread(target=anyio.run, args=(visit, inside, leave))
            visitor.start()
            assert inside.wait(PATIENCE)
            assert client.post(f"{API}/sessions", json={"display_name": str(number)}).status_code == 201
            leave.set()
            visitor.join()
            assert_error(client.post(f"{API}/sessions", json={"display_name": "more"}), 503)


def test_a_host_under_another_server_ends_the_streams_itself() -> None:
    app = ApiLauncher.build(wiring.configuration())
    with (
        serving(app, timeout_graceful_shutdown=1000) as url,
        httpx.Client(base_url=url, timeout=PATIENCE) as client,
        streaming(client, f"{default_session(client)}/events") as stream,
    ):
        assert stream.event().kind == "snapshot"
        app.state.stop()
        assert stream.has_ended()
    app.state.session_manager.shutdown()


def catches(process_id: int, number: signal.Signals) -> bool:
    """Whether a process has a handler for a signal."""
    lines = (Path("/proc") / str(process_id) / "status").read_text().splitlines()
    [mask] = [line.split()[1] for line in lines if line.startswith("SigCgt")]
    return bool(int(mask, 16) >> (number - 1) & 1)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="there is no /proc")
@pytest.mark.parametrize(("how", "code"), [(signal.SIGTERM, -signal.SIGTERM), (signal.SIGINT, 0)])
def test_it_ends_orderly_after_a_solver_has_taken_its_signals(tmp_path: Path, how: signal.Signals, code: int) -> None:
    port = free_port()
    command = [*COMMAND, "serve", "tests.integration.shutdown.taking_signals:configuration", "--port", str(port)]
    with started(tmp_path, *command) as process, answering(process, port) as client:
        session = default_session(client)
        upload_items(client, session)
        scenario = create(client, session, "Takes", run=True)
        assert ended(client, session, scenario)["status"] == "complete"
        eventually(lambda: catches(process.pid, how))
        process.send_signal(how)
        _, log = process.ended()
        assert process.returncode == code
        assert "Finished server process" in log
