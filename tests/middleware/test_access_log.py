"""The access log: a line for each request, the framework's messages, and no bodies."""

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from algomancy_utils import Logger, MessageStatus
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from algomancy_api import ApiLauncher
from algomancy_api.framework.log_bridge import LoggingBridge
from algomancy_api.http.paths import printable_path
from algomancy_api.middleware.access_log import AccessLog

from ..conftest import API, create, default_session, upload_items
from ..support import wiring
from ..support.clients import AppClient, calling, ended
from ..support.processes import COMMAND, answering, free_port, interrupted, started

REQUESTS = "algomancy_api"
FRAMEWORK = "algomancy_api.framework"


async def fail(_request: Request) -> Response:
    raise RuntimeError("on purpose")


@pytest.fixture
def client(caplog: pytest.LogCaptureFixture) -> Iterator[AppClient]:
    """A client of an app in memory that logs at INFO, with one route of ours that fails."""
    caplog.set_level(logging.INFO, REQUESTS)
    app = ApiLauncher.build(wiring.configuration())
    app.router.routes.append(Route("/fail", fail))
    with calling(app) as client:
        yield client
    app.state.session_manager.shutdown()


def lines(caplog: pytest.LogCaptureFixture, logger: str = REQUESTS) -> list[str]:
    """The messages of one logger, with their milliseconds left out."""
    messages = [record.getMessage() for record in caplog.records if record.name == logger]
    return [re.sub(r" \d+\.\d ms$", " # ms", message) for message in messages]


# Requests ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "body", "line"),
    [
        ("GET", "/health", None, "GET /health 200 # ms"),
        ("GET", "/health?token=secret", None, "GET /health 200 # ms"),
        ("POST", f"{API}/sessions", {"display_name": "secret"}, f"POST {API}/sessions 201 # ms"),
        ("POST", f"{API}/sessions", {}, f"POST {API}/sessions 422 # ms"),
        ("DELETE", "/health", None, "DELETE /health 405 # ms"),
        ("GET", "/a%0A2026%20ERROR%20forged", None, "GET /a%0A2026%20ERROR%20forged 404 # ms"),
        ("GET", "/Zürich\u2028", None, "GET /Z%C3%BCrich%E2%80%A8 404 # ms"),
    ],
)
def test_a_request_is_one_line(
    client: AppClient, caplog: pytest.LogCaptureFixture, method: str, path: str, body: Any, line: str
) -> None:
    client.request(method, path, json=body)
    assert lines(caplog) == [line]
    assert caplog.records[-1].levelname == "INFO"


def test_a_failure_has_a_traceback_and_its_line(client: AppClient, caplog: pytest.LogCaptureFixture) -> None:
    assert client.get("/fail").status_code == 500
    assert lines(caplog) == ["GET /fail", "GET /fail 500 # ms"]
    failure = caplog.records[-2]
    assert failure.levelname == "ERROR"
    assert failure.exc_info is not None
    assert repr(failure.exc_info[1]) == "RuntimeError('on purpose')"


def test_nothing_of_a_body_is_logged(client: AppClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, REQUESTS)
    session = default_session(client)
    assert upload_items(client, session, text="id;name;weight\n1;secret;12.5\n").json()["success"] is True
    scenario_id = create(client, session, "Parametrised", algo_params={"text": "secret"})
    client.post(f"{session}/scenarios/{scenario_id}/run")
    ended(client, session, scenario_id)
    client.post(f"{session}/data/from-json", content=b'{"metadata": "secret"}')
    assert len(lines(caplog)) > 5
    assert "secret" not in caplog.text


def scope_of(path: str, kind: str = "http") -> Scope:
    """What a server may pass on, without the optional raw form of the path."""
    return {"type": kind, "method": "GET", "path": path, "headers": []}


def passed_through(scope: Scope, app: Any) -> None:
    async def receive() -> Message:
        raise AssertionError("nobody asked for a body")

    async def send(_message: Message) -> None:
        """Take whatever comes."""

    anyio.run(AccessLog(app), scope, receive, send)


async def answer_nothing(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """Leave the answer to the server."""


def test_a_path_that_comes_decoded_is_still_one_line_of_ascii(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, REQUESTS)
    passed_through(scope_of("/Zürich\n2026 ERROR\x1b[31m forged\u2028"), answer_nothing)
    [line] = lines(caplog)
    assert line.isascii()
    assert line.isprintable()


def test_an_app_that_raises_is_logged_as_what_the_server_will_say(caplog: pytest.LogCaptureFixture) -> None:
    async def raises(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise RuntimeError("on purpose")

    caplog.set_level(logging.INFO, REQUESTS)
    with pytest.raises(RuntimeError):
        passed_through(scope_of("/x"), raises)
    assert lines(caplog) == ["GET /x 500 # ms"]


@pytest.mark.parametrize(
    ("level", "kind", "wrapped"),
    [("INFO", "http", True), ("WARNING", "http", False), ("INFO", "websocket", False), ("INFO", "lifespan", False)],
)
def test_only_what_is_logged_is_watched(caplog: pytest.LogCaptureFixture, level: str, kind: str, wrapped: bool) -> None:
    seen: list[Send] = []

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        seen.append(send)

    caplog.set_level(level, REQUESTS)
    passed_through(scope_of("/x", kind), app)
    assert (seen[0].__qualname__.startswith("AccessLog"), len(lines(caplog))) == (wrapped, int(wrapped))


# The framework's messages --------------------------------------------------------------------------------------


def test_the_framework_speaks_through_logging_and_never_prints(
    client: AppClient, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    session = default_session(client)
    upload_items(client, session)
    scenario_id = create(client, session, "Fails", tag="doomed")
    client.post(f"{session}/scenarios/{scenario_id}/run")
    ended(client, session, scenario_id)
    assert isinstance(client.app, Starlette)
    client.app.state.session_manager.shutdown()
    said = [(record.levelname, record.getMessage()) for record in caplog.records if record.name == FRAMEWORK]
    assert ("INFO", "ETL job completed.") in said
    assert ("ERROR", "Scenario 'doomed' failed to process.") in said
    assert ("ERROR", "ValueError: no solution") in said
    assert "raise ValueError" in caplog.text
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("status", "level"),
    [
        (MessageStatus.INFO, "INFO"),
        (MessageStatus.SUCCESS, "INFO"),
        (MessageStatus.WARNING, "WARNING"),
        (MessageStatus.ERROR, "ERROR"),
    ],
)
def test_a_message_has_the_level_of_its_status(
    caplog: pytest.LogCaptureFixture, status: MessageStatus, level: str
) -> None:
    caplog.set_level(logging.INFO, FRAMEWORK)
    LoggingBridge().log("100 % Zürich", status)
    assert caplog.record_tuples == [(FRAMEWORK, getattr(logging, level), "100 % Zürich")]


def test_a_message_with_a_name_of_many_lines_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, FRAMEWORK)
    LoggingBridge().log("Scenario 'a\n2026 ERROR\r\x1b[31mforged\u2028' created.")
    assert lines(caplog, FRAMEWORK) == [r"Scenario 'a\n2026 ERROR\r\x1b[31mforged\u2028' created."]


def test_the_memory_of_messages_is_bounded() -> None:
    bridge = LoggingBridge()
    for number in range(5_000):
        bridge.success(f"message {number}")
    kept = bridge.get_logs(MessageStatus.SUCCESS)
    assert 1 <= len(kept) <= 1_000
    assert kept[-1].message == "message 4999"
    assert bridge.latest_log is kept[-1]
    bridge.clear()
    assert bridge.get_logs() == []


def test_each_app_has_its_own_messages() -> None:
    one = LoggingBridge()
    one.error("of one")
    two = LoggingBridge()
    assert isinstance(two, Logger)
    assert [message.message for message in one.get_logs()] == ["of one"]
    assert two.get_logs() == []


# On the console ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("level", "shown"), [("info", True), ("warning", False)])
def test_the_console_shows_requests_at_info(tmp_path: Path, level: str, shown: bool) -> None:
    port = free_port()
    options = ["--port", str(port), "--log-level", level]
    with started(tmp_path, *COMMAND, "serve", "tests.support.wiring:configuration", *options) as process:
        with answering(process, port) as client:
            client.get("/nowhere")
            scenario = {"display_name": "a session"}
            client.post(f"{API}/sessions", json=scenario)
        output, log = interrupted(process)
    assert output == ""
    found = [re.search(rf"INFO: .*{line}", log) for line in (r"GET /nowhere 404 \d+\.\d ms", "ScenarioManager init")]
    assert [match is not None for match in found] == [shown, shown]


def test_a_path_is_one_word_where_the_server_does_not_tell_how_it_came() -> None:
    assert printable_path({"path": "/a b\n\x1b[1mé"}) == "/a%20b%0A%1B%5B1m%C3%A9"
