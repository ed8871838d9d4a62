"""The metrics: the response to a scraper, and that clients cannot create series."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import httpx
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parsed_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parsed
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Mount, Route

from algomancy_api import ApiLauncher
from algomancy_api.webhooks import dispatcher, line
from algomancy_api.webhooks.memory import OutboxInMemory

from ..conftest import API, create, default_session, upload_items
from ..support import wiring
from ..support.clients import PATIENCE, AppClient, calling, ended, eventually, serving
from ..support.errors import assert_error
from ..support.processes import ROOT
from ..support.receivers import answers, in_turn, receiving

REQUESTS = "algomancy_api_requests_total"
DURATION = "algomancy_api_request_duration_seconds_count"


@contextmanager
def measured(mount: str = "", routes: Any = (), middleware: Any = (), **overrides: Any) -> Iterator[AppClient]:
    """A client of an app in memory with metrics, mounted if so told."""
    app = ApiLauncher.build(wiring.configuration(metrics=True, **overrides), routes=routes, middleware=middleware)
    with calling(Starlette(routes=[Mount(mount, app)]) if mount else app) as client:
        yield client
    app.state.session_manager.shutdown()


@pytest.fixture
def client() -> Iterator[AppClient]:
    with measured() as client:
        yield client


def scraped(client: Any, path: str = "/metrics") -> dict[str, dict[tuple[str, ...], float]]:
    """Every sample by its name, and by the values of its labels."""
    response = client.get(path)
    assert response.status_code == 200
    samples: dict[str, dict[tuple[str, ...], float]] = {}
    for family in parsed(response.text):
        for sample in family.samples:
            labels = tuple(sample.labels[name] for name in sorted(sample.labels))
            samples.setdefault(sample.name, {})[labels] = sample.value
    return samples


def value(client: Any, name: str, *labels: str) -> float | None:
    return scraped(client)[name].get(labels)


async def fail(_request: Request) -> Response:
    raise RuntimeError("on purpose")


class Refusing:
    """A host's own middleware that answers by itself, or raises."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["query_string"] == b"refuse":
            await Response(status_code=418)(scope, receive, send)
        elif scope["query_string"] == b"raise":
            raise RuntimeError("on purpose")
        else:
            await self.app(scope, receive, send)


# Requests ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "labels"),
    [
        ("GET", "/health", ("GET", "/health", "200")),
        ("HEAD", "/health", ("HEAD", "/health", "200")),
        ("GET", f"{API}/sessions/main/kpis", ("GET", f"{API}/sessions/{{session_id}}/kpis", "200")),
        ("GET", f"{API}/sessions/no%2Fsuch/kpis", ("GET", f"{API}/sessions/{{session_id}}/kpis", "404")),
        ("POST", f"{API}/sessions", ("POST", f"{API}/sessions", "422")),
        ("GET", f"{API}/own/1", ("GET", f"{API}/own/{{thing}}", "500")),
        ("GET", f"{API}/own/a%2Fb", ("GET", f"{API}/own/{{thing}}", "500")),
        ("GET", "/docs/page/start.js", ("GET", "/docs/page", "200")),
        ("GET", "/health?refuse", ("GET", "/health", "418")),
        ("GET", f"{API}/own/1?refuse", ("GET", f"{API}/own/{{thing}}", "418")),
        ("GET", f"{API}/sessions/a%2Fb/kpis?refuse", ("GET", f"{API}/sessions/{{session_id}}/kpis", "418")),
        ("GET", "/health?raise", ("GET", "/health", "500")),
        ("GET", "/nowhere", ("GET", "other", "404")),
        ("GET", "/nowhere?refuse", ("GET", "other", "418")),
        ("INVENTED", "/nowhere", ("other", "other", "404")),
        ("OPTIONS", f"{API}/sessions", ("OPTIONS", "other", "200")),
    ],
)
@pytest.mark.parametrize("mount", ["", "/tools/x"])
def test_a_request_is_counted_by_its_route(mount: str, method: str, path: str, labels: tuple[str, ...]) -> None:
    routes = [Route("/own/{thing}", fail)]
    page = {"Origin": "https://page.example", "Access-Control-Request-Method": "GET"}
    with measured(mount, routes, [Middleware(Refusing)], cors_origins=["https://page.example"]) as client:
        client.declared_only = False
        response = client.request(method, mount + path, headers=page if method == "OPTIONS" else {})
        assert str(response.status_code) == labels[2]
        samples = scraped(client, f"{mount}/metrics")
    assert samples[REQUESTS] == {labels: 1}
    assert samples[DURATION] == {labels[:2]: 1}


def test_messagepack_is_counted_by_its_route(client: AppClient) -> None:
    headers = {"Content-Type": "application/msgpack"}
    client.post(f"{API}/sessions/main/scenarios", content=b"\x80", headers=headers)
    assert scraped(client)[REQUESTS] == {("POST", f"{API}/sessions/{{session_id}}/scenarios", "422"): 1}


def test_clients_cannot_make_series(client: AppClient) -> None:
    for number in range(50):
        client.get(f"/x{number}/y")
        client.get(f"{API}/sessions/s{number}/data")
        client.request(f"M{number}", "/health")
        client.post(f"{API}/sessions", json={"display_name": f"s{number}"})
    samples = scraped(client)
    assert len(samples[REQUESTS]) == 4
    assert all(len(series) < 100 for series in samples.values())
    assert samples["algomancy_api_sessions"] == {(): 51}


def test_a_stream_is_counted_at_its_end_and_timed_at_its_beginning() -> None:
    more = anyio.Event()

    async def stream(_request: Request) -> Response:
        async def pieces() -> Any:
            yield b"a"
            await more.wait()
            yield b"b"

        return StreamingResponse(pieces())

    async def release(_request: Request) -> Response:
        more.set()
        return Response()

    routes = [Route("/stream", stream), Route("/release", release)]
    app = ApiLauncher.build(wiring.configuration(metrics=True, compression=False), routes=routes)
    with (
        serving(app) as url,
        httpx.Client(base_url=url, timeout=PATIENCE) as client,
        httpx.Client(base_url=url, timeout=PATIENCE) as other,
    ):
        with client.stream("GET", f"{API}/stream") as response:
            pieces = response.iter_bytes()
            assert next(pieces) == b"a"
            meanwhile = scraped(other)
            other.get(f"{API}/release")
            assert list(pieces) == [b"b"]
        afterwards = eventually(
            lambda: ("GET", f"{API}/stream", "200") in (found := scraped(other))[REQUESTS] and found
        )
    assert meanwhile["algomancy_api_requests_in_progress"] == {(): 2}
    assert ("GET", f"{API}/stream", "200") not in meanwhile.get(REQUESTS, {})
    assert afterwards["algomancy_api_requests_in_progress"] == {(): 1}
    app.state.session_manager.shutdown()


# Runs and what there is ----------------------------------------------------------------------------------------


def run(client: AppClient, session: str, algorithm: str, **body: Any) -> str:
    scenario_id: str = create(client, session, algorithm, tag=algorithm)
    client.post(f"{session}/scenarios/{scenario_id}/run", json=body)
    return scenario_id


def test_runs_are_counted_by_their_outcome(client: AppClient) -> None:
    session = default_session(client)
    upload_items(client, session)
    assert scraped(client)["algomancy_api_runs_total"] == {
        (outcome,): 0 for outcome in ("complete", "failed", "cancelled", "timed_out")
    }
    for algorithm in ("Instant", "Fails", "Exits"):
        ended(client, session, run(client, session, algorithm))
    blocking = run(client, session, "Blocks", timeout=0.05)
    waiting = run(client, session, "Sleeps")
    client.post(f"{session}/scenarios/{waiting}/cancel")
    assert wiring.STARTED.wait(90)
    assert isinstance(client.app, Starlette)
    [queue] = client.app.state.session_manager._sessions.values()
    eventually(lambda: queue._processor._running[0].run.should_stop)
    wiring.RELEASE.set()
    ended(client, session, blocking)
    expected = {("complete",): 1, ("failed",): 2, ("cancelled",): 1, ("timed_out",): 1}
    samples = eventually(lambda: (found := scraped(client))["algomancy_api_runs_total"] == expected and found)
    durations = samples["algomancy_api_run_duration_seconds_count"]
    assert durations == {("complete",): 1, ("failed",): 2, ("timed_out",): 1}, "one never began"
    assert samples["algomancy_api_run_duration_seconds_sum"]["timed_out",] >= 0.05


def test_a_run_that_is_as_if_it_had_never_been_has_no_outcome(client: AppClient) -> None:
    session = default_session(client)
    upload_items(client, session)
    blocking = run(client, session, "Blocks")
    assert wiring.STARTED.wait(90)
    assert isinstance(client.app, Starlette)
    sessions = client.app.state.session_manager
    sessions.close()  # it does not wait for the run, which is then to be run again
    wiring.RELEASE.set()
    eventually(lambda: value(client, "algomancy_api_scenarios_running") == 0)
    assert client.get(f"{session}/scenarios/{blocking}/status").json()["status"] == "created"
    assert set(scraped(client)["algomancy_api_runs_total"].values()) == {0}


def test_what_there_is_is_looked_up(client: AppClient) -> None:
    session = default_session(client)
    upload_items(client, session)
    client.post(f"{API}/sessions", json={"display_name": "other"})
    blocking = run(client, session, "Blocks")
    assert wiring.STARTED.wait(90)
    waiting = [run(client, session, algorithm) for algorithm in ("Instant", "Sleeps")]
    names = ("sessions", "datasets", "scenarios", "scenarios_queued", "scenarios_running")
    samples = scraped(client)
    assert [samples[f"algomancy_api_{name}"][()] for name in names] == [2, 1, 3, 2, 1]
    assert "algomancy_api_engine_workers" not in samples, "threads have no bound"
    wiring.RELEASE.set()
    for scenario_id in (blocking, *waiting):
        ended(client, session, scenario_id)
    eventually(lambda: value(client, "algomancy_api_scenarios_running") == 0)
    assert value(client, "algomancy_api_scenarios_queued") == 0


TRIES = "algomancy_api_webhook_tries_total"
WAITING, OLDEST = "algomancy_api_webhook_deliveries_waiting", "algomancy_api_webhook_oldest_waiting_seconds"


def test_tries_of_webhooks_are_counted_by_their_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatcher, "pause_after", lambda *_: 0.05)
    monkeypatch.setattr(line, "rest_after", lambda *_: 0.05)
    behaviour = in_turn(answers(500), answers(), answers(410))
    with receiving(behaviour) as receiver, measured(webhooks=[receiver.webhook()]) as client:
        session = default_session(client)
        upload_items(client, session)
        assert set(scraped(client)[TRIES].items()) == {(("delivered",), 0), (("failed",), 0), (("gave_up",), 0)}
        run(client, session, "Instant")
        eventually(lambda: value(client, TRIES, "delivered") == 1)
        assert (value(client, TRIES, "failed"), value(client, WAITING), value(client, OLDEST)) == (1, 0, 0)
        run(client, session, "Fails")
        eventually(lambda: value(client, TRIES, "gave_up") == 1)
        assert value(client, WAITING) == 0
        stopped(client)


def test_events_that_wait_are_counted_and_their_age_is_told() -> None:
    with receiving(answers(500)) as receiver, measured(webhooks=[receiver.webhook()]) as client:
        session = default_session(client)
        upload_items(client, session)
        for algorithm in ("Instant", "Fails"):
            ended(client, session, run(client, session, algorithm))
        receiver.first()
        samples = scraped(client)
        assert samples[WAITING][()] == 2
        assert 0 < samples[OLDEST][()] < 3600
        stopped(client)


def test_an_outbox_that_is_away_hides_no_other_metric(client: AppClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_: Any) -> Any:
        raise OSError

    monkeypatch.setattr(OutboxInMemory, "backlog", away)
    samples = scraped(client)
    assert WAITING not in samples
    assert samples["algomancy_api_sessions"][()] == 1


def stopped(client: AppClient) -> None:
    """End the threads that send events."""
    assert isinstance(client.app, Starlette)
    client.app.state.dispatcher.close()


def test_an_engine_with_a_bound_tells_of_its_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("algomancy_api.engines.thread.ThreadEngine.workers", (4, 3))
    with measured() as client:
        samples = scraped(client)
    assert samples["algomancy_api_engine_workers"] == {(): 4}
    assert samples["algomancy_api_engine_workers_busy"] == {(): 3}


# The format ----------------------------------------------------------------------------------------------------


def test_a_scraper_may_want_openmetrics(client: AppClient) -> None:
    client.get("/health")
    response = client.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0, text/plain"})
    assert response.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    families: Any = parsed_openmetrics(response.text)  # type: ignore[no-untyped-call]
    names = {family.name for family in families}
    assert {"algomancy_api_requests", "algomancy_api_sessions", "process_cpu_seconds"} <= names


@pytest.mark.parametrize(
    "accept", ["", "*/*", "application/json", "text/plain; version=x.y", "application/openmetrics-text; version=x"]
)
def test_everybody_else_gets_text(client: AppClient, accept: str) -> None:
    response = client.get("/metrics", headers={"Accept": accept})
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert list(parsed(response.text))


# On and off ----------------------------------------------------------------------------------------------------


def test_without_them_there_is_no_route() -> None:
    app = ApiLauncher.build(wiring.configuration())
    with calling(app) as client:
        assert_error(client.get("/metrics"), 404)
    app.state.session_manager.shutdown()


def test_two_apps_count_for_themselves() -> None:
    with measured() as one, measured() as other:
        one.get("/health")
        assert scraped(one)[REQUESTS] == {("GET", "/health", "200"): 1}
        assert REQUESTS not in scraped(other) or scraped(other)[REQUESTS].keys() == {("GET", "/metrics", "200")}


def test_a_route_of_a_host_is_not_in_the_way(client: AppClient) -> None:
    with pytest.raises(ValueError, match="'/metrics' is taken"):
        ApiLauncher.build(wiring.configuration(metrics=True, prefix="/"), routes=[Route("/metrics", fail)])


def outcome_of(program: str) -> tuple[int, str]:
    before = "import sys; from algomancy_api import ApiLauncher; from benchmarks.served.wiring import configuration;"
    command = [sys.executable, "-c", before + program]
    found = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)  # noqa: S603
    return found.returncode, found.stderr


def test_their_library_is_needed_only_where_they_are_on() -> None:
    off = "ApiLauncher.build(configuration()); sys.exit('prometheus_client' in sys.modules)"
    assert outcome_of(off) == (0, "")
    without = (
        "sys.modules['prometheus_client'] = None; ApiLauncher.build(configuration().as_dict() | {'metrics': True})"
    )
    code, said = outcome_of(without)
    assert code == 1
    message = "metrics=True requires the extra 'metrics': pip install 'algomancy-api[metrics]'"
    assert said.splitlines()[-1] == f"ImportError: {message}"
