"""The log of a run through the API, on every engine."""

import logging
import resource
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.applications import Starlette

from algomancy_api import ApiConfiguration, ApiLauncher

from ...conftest import API, create, default_session, upload_items
from ...support.clients import PATIENCE, AppClient, calling, eventually
from ...support.errors import assert_error
from .conftest import Scenario

New = Callable[..., Scenario]

#: The engines whose runs are processes.
PROCESSES = pytest.mark.parametrize("engine", ["process", "dask"], indirect=True)

MARK = "[truncated: "


def part(client: Any, url: str, cursor: str | None = None, **parameters: Any) -> dict[str, Any]:
    query = parameters if cursor is None else {"from": cursor} | parameters
    response = client.get(f"{url}/log", params=query)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def followed(client: Any, url: str) -> list[dict[str, Any]]:
    """All lines until the run has ended, read with the cursor."""
    lines: list[dict[str, Any]] = []
    cursor = None
    while True:
        found = part(client, url, cursor, wait=20)
        lines += found["lines"]
        if found["complete"]:
            return lines
        cursor = found["next"]


def texts(lines: list[dict[str, Any]], stream: str = "stdout") -> list[str]:
    return [line["text"] for line in lines if line["stream"] == stream]


def test_the_log_has_what_a_run_prints_and_logs_while_it_runs_and_after_its_end(
    client: AppClient, scenario: New
) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    running = scenario("Shows").started()
    eventually(lambda: "" in texts(part(client, running.url)["lines"]))
    during = part(client, running.url)
    assert not during["complete"]
    assert not during["truncated"]
    out = texts(during["lines"])
    assert out[0] == "to stdout"
    assert "".join(out[1:-1]) == "é" * 300_000
    assert out[-1] == ""
    errors = [line for line in during["lines"] if line["stream"] == "stderr"]
    assert [(line["text"], line["level"]) for line in errors] == [("to stderr", "WARNING"), ("100 %", "WARNING")]
    logged = [(line["text"], line["level"]) for line in during["lines"] if line["stream"] == "log"]
    assert logged == [("solver: logged 7", "WARNING"), ("solver: in two lines", "WARNING")]
    times = [datetime.fromisoformat(line["time"]) for line in during["lines"]]
    assert before < min(times) <= max(times) < datetime.now(UTC) + timedelta(seconds=1)
    (running.folder / "release").touch()
    assert running.ended()["status"] == "complete"
    rest = part(client, running.url, during["next"], wait=20)
    assert (texts(rest["lines"]), rest["complete"]) == (["the end"], True)
    again = part(client, running.url)
    assert again["lines"] == during["lines"] + rest["lines"]
    assert (again["next"], again["complete"]) == (rest["next"], True)
    assert part(client, running.url, again["next"])["lines"] == []


def test_a_reader_with_the_cursor_sees_each_line_once_also_of_two_sessions_at_once(
    app: Starlette, client: AppClient, session: str
) -> None:
    assert app.state.sessions
    client.post(f"{API}/sessions", json={"display_name": "other"})
    other = f"{API}/sessions/other"
    upload_items(client, other)
    urls = {}
    for name, address in (("a", session), ("b", other)):
        urls[name] = f"{address}/scenarios/{create(client, address, 'Counts', algo_params={'folder': name})}"
    for url in urls.values():
        assert client.post(f"{url}/run").status_code == 202
    with ThreadPoolExecutor() as threads:
        readers = {name: threads.submit(followed, client, url) for name, url in urls.items()}
        for name, reader in readers.items():
            assert texts(reader.result(4 * PATIENCE)) == [f"{name} {number}" for number in range(20_000)]
    for url in urls.values():
        assert client.get(f"{url}/status").json()["status"] == "complete"


def test_a_wait_ends_with_the_next_line_and_not_before(app: Starlette, client: AppClient, scenario: New) -> None:
    running = scenario("Shows").started()
    eventually(lambda: "" in texts(part(client, running.url)["lines"]))
    cursor = part(client, running.url)["next"]
    silent = part(client, running.url, cursor, wait=0.3)
    assert (silent["lines"], silent["next"], silent["complete"]) == ([], cursor, False)
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(part, client, running.url, cursor, wait=60)
        eventually(lambda: app.state.sessions.watcher._watched)
        assert not waiting.done()
        (running.folder / "release").touch()
        assert texts(waiting.result(PATIENCE)["lines"]) == ["the end"]
    response = client.get(f"{running.url}/log", headers={"Prefer": "wait=60"})
    assert response.headers["preference-applied"] == "wait=60"


@pytest.mark.parametrize("engine", ["thread"], indirect=True)
def test_a_wait_in_the_queue_ends_with_the_first_line(client: AppClient, scenario: New) -> None:
    first = scenario("Gated", "first").started()
    second = scenario("Shows", "second")
    second.post("run")
    queued = part(client, second.url)
    assert (queued["lines"], queued["next"], queued["complete"]) == ([], "0", False)
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(part, client, second.url, wait=60)
        (first.folder / "release").touch()
        assert waiting.result(PATIENCE)["lines"][0]["text"] == "to stdout"


def test_the_log_is_empty_before_a_run_and_after_a_reset(client: AppClient, scenario: New) -> None:
    counted = scenario("Counts")
    empty = {"lines": [], "next": "0", "complete": True, "truncated": False}
    assert part(client, counted.url, wait=60) == empty
    counted.post("run")
    first = part(client, counted.url, wait=60)
    counted.ended()
    counted.post("reset")
    assert part(client, counted.url) == empty
    assert part(client, counted.url, "0") == empty
    assert_error(client.get(f"{counted.url}/log?from={first['next']}"), 410)
    counted.post("run")
    counted.ended()
    assert_error(client.get(f"{counted.url}/log?from={first['next']}&wait=60"), 410)
    assert part(client, counted.url)["lines"][0]["text"] == first["lines"][0]["text"]


def test_a_run_that_fails_or_is_cancelled_keeps_its_log(client: AppClient, scenario: New) -> None:
    running = scenario("Shows").started()
    eventually(lambda: part(client, running.url)["lines"])
    running.post("cancel")
    if part(client, running.url)["complete"] is False:  # a thread cannot be stopped
        (running.folder / "release").touch()
    running.ended()
    found = part(client, running.url, wait=60)
    assert found["complete"]
    assert texts(found["lines"])[0] == "to stdout"


def test_the_log_outlives_the_server(
    app: Starlette, client: AppClient, configured: Callable[..., ApiConfiguration], scenario: New
) -> None:
    running = scenario("Shows").started()
    (running.folder / "release").touch()
    lines = followed(client, running.url)
    running.ended()
    cursor = part(client, running.url)["next"]
    app.state.session_manager.close()
    again = ApiLauncher.build(configured())
    with calling(again) as restarted:
        assert followed(restarted, running.url) == lines
        assert part(restarted, running.url, cursor) == {
            "lines": [],
            "next": cursor,
            "complete": True,
            "truncated": False,
        }
    again.state.session_manager.close()


def test_a_client_may_have_the_log_as_text(client: AppClient, scenario: New) -> None:
    counted = scenario("Counts")
    counted.post("run")
    counted.ended()
    whole, url, parts = "", f"{counted.url}/log", 0
    while url:
        response = client.get(url, headers={"Accept": "text/plain"})
        assert response.headers["content-type"] == "text/plain; charset=utf-8"
        assert "Accept" in response.headers["vary"]
        whole, parts = whole + response.text, parts + 1
        following = response.links.get("next")
        url = str(response.url.join(following["url"])) if following else ""
    assert whole == "".join(f"{counted.folder} {number}\n" for number in range(20_000))
    assert parts == 4
    response = client.get(f"{counted.url}/log", headers={"Accept": "application/json, text/plain;q=0.5"})
    assert response.headers["content-type"] == "application/json"


@pytest.mark.parametrize("cursor", ["", "1", "-1", "x", "0123456789ab-", "0123456789ab--1", "٣", "0123456789ab-1e3"])
def test_a_bad_cursor_is_a_422(client: AppClient, scenario: New, cursor: str) -> None:
    assert_error(client.get(f"{scenario('Instant').url}/log", params={"from": cursor}), 422)


def test_a_cursor_beyond_the_end_is_a_422(client: AppClient, scenario: New) -> None:
    counted = scenario("Counts")
    counted.post("run")
    counted.ended()
    run, _, _ = part(client, counted.url)["next"].partition("-")
    assert_error(client.get(f"{counted.url}/log?from={run}-20001"), 422)
    assert part(client, counted.url, f"{run}-20000")["complete"]


def test_an_unknown_scenario_has_no_log(client: AppClient, scenario: New) -> None:
    known = scenario("Instant")
    for query in ("", "?wait=60"):
        assert_error(client.get(f"{known.url}x/log{query}"), 404)
    assert_error(client.get(f"{known.url}/log?wait=61"), 422)
    client.delete(known.url)
    assert_error(client.get(f"{known.url}/log"), 404)


@PROCESSES
def test_bytes_and_records_of_a_process_are_in_its_log(client: AppClient, scenario: New) -> None:
    talking = scenario("Prints")
    talking.result()
    lines = part(client, talking.url)["lines"]
    assert r"bytes \xff\xfe of no text" in texts(lines)
    assert texts(lines)[-1] == "no end of line"
    assert sum(map(len, texts(lines, "stderr"))) == len("printed to stderr") + 20_000
    logged = texts(lines, "log")
    assert "solver: ValueError: a reason" in logged
    assert "algomancy_api.framework: by way of the framework" in logged


@PROCESSES
def test_a_flood_fills_neither_memory_nor_log(
    client: AppClient, scenario: New, engine: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "algomancy_api.engines")
    flood = scenario("Floods")
    scenario("Instant", "before").result()  # what a first run imports is no part of it
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    flood.post("run")
    eventually(lambda: flood.status in ("complete", "failed"), 4 * PATIENCE)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert flood.status == "complete"
    assert grown * (1 if sys.platform == "darwin" else 1024) < 120_000_000
    lines = followed(client, flood.url)
    out = [text for text in texts(lines) if not text.startswith(MARK)]
    marks = [text for text in texts(lines, "log") if text.startswith(MARK)]
    assert (out[0], out[-1]) == ("the first line", "the last line")
    assert marks
    assert part(client, flood.url)["truncated"]
    least = {"process": 9_000_000, "dask": 500_000}  # a worker sends some 5 MB in a second
    assert least[engine] < sum(len(text) + 1 for text in out) <= 10_000_000
    assert {text[:5] for text in out[1:-1]} == {"line "}
    logged = [record for record in caplog.records if record.name == "algomancy_api.engines"]
    assert len(logged) < 100_000
    assert any("more lines: at most 200 a second are logged" in record.getMessage() for record in logged)
    assert [record for record in logged if record.levelno >= logging.ERROR] == []


def test_a_short_log_has_the_length_of_the_configuration(
    configured: Callable[..., ApiConfiguration], tmp_path: Any
) -> None:
    app = ApiLauncher.build(configured(run_log=200_000))
    with calling(app) as client:
        session = default_session(client)
        upload_items(client, session)
        counted = Scenario(client, session, "Counts", tmp_path)
        counted.post("run")
        counted.ended()
        lines = followed(client, counted.url)
        assert texts(lines)[0].endswith(" 0")
        assert texts(lines)[-1].endswith(" 19999")
        assert len(texts(lines, "log")) == 1
        assert 100_000 < sum(len(line["text"]) for line in lines) < 200_000
    app.state.session_manager.close()
    app.state.engine.close()
