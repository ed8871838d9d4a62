"""Long polls: their responses, their moment, and their end."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import httpx
import pytest
from starlette.applications import Starlette
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..conftest import create
from ..support import wiring
from ..support.clients import PATIENCE, eventually, serving
from ..support.errors import assert_error

Polled = Callable[..., Future[httpx.Response]]


@pytest.fixture
def scenario(http: httpx.Client, session: str) -> str:
    """The address of a scenario that blocks when it is run."""
    return f"{session}/scenarios/{create(http, session, 'Blocks')}"


@pytest.fixture
def polled(app: Starlette, http: httpx.Client, scenario: str) -> Iterator[Polled]:
    """Asks for the status, and gives the answer that will come, once the server waits."""
    watched = app.state.sessions.watcher._watched

    def waiting() -> int:
        return sum(each.watchers for each in list(watched.values()))

    with ThreadPoolExecutor() as threads:

        def poll(query: str = "?wait=60", **headers: str) -> Future[httpx.Response]:
            before = waiting()
            asked = {name.replace("_", "-"): text for name, text in headers.items()}
            answer = threads.submit(http.get, f"{scenario}/status{query}", headers=asked)
            eventually(lambda: answer.done() or waiting() > before)
            return answer

        yield poll


def tag_of(http: httpx.Client, scenario: str) -> str:
    return str(http.get(f"{scenario}/status").headers["etag"])


def test_a_status_has_a_tag_that_changes_with_it(http: httpx.Client, scenario: str) -> None:
    first = http.get(f"{scenario}/status")
    again = http.get(f"{scenario}/status", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    http.post(f"{scenario}/run")
    assert wiring.STARTED.wait(PATIENCE)
    changed = http.get(f"{scenario}/status", headers={"If-None-Match": first.headers["etag"]})
    assert changed.json()["progress"] == 42.0
    assert changed.headers["etag"] != first.headers["etag"]


def test_who_knows_the_status_is_answered_when_it_changes(http: httpx.Client, scenario: str, polled: Polled) -> None:
    tag = tag_of(http, scenario)
    answer = polled(If_None_Match=tag)
    assert not answer.done()
    http.post(f"{scenario}/run")
    assert answer.result(PATIENCE).json()["status"] in ("queued", "processing")
    assert wiring.STARTED.wait(PATIENCE)
    answer = polled(If_None_Match=tag_of(http, scenario))
    wiring.RELEASE.set()
    assert answer.result(PATIENCE).json()["status"] == "complete"


def test_who_knows_an_older_one_is_answered_at_once(http: httpx.Client, scenario: str, polled: Polled) -> None:
    assert polled(If_None_Match='"older", W/"oldest"').result(PATIENCE).json()["status"] == "created"


def test_who_says_nothing_waits_for_the_next_change(http: httpx.Client, scenario: str, polled: Polled) -> None:
    answer = polled()
    http.post(f"{scenario}/run")
    assert answer.result(PATIENCE).json()["status"] != "created"


def test_many_wait_for_the_same(http: httpx.Client, scenario: str, polled: Polled) -> None:
    answers = [polled() for _ in range(5)]
    http.post(f"{scenario}/run")
    assert all(answer.result(PATIENCE).json()["status"] != "created" for answer in answers)


@pytest.mark.parametrize("wait", ["0", "0.0", "0.1", "1e-1"])
def test_what_does_not_change_is_told_in_the_end(http: httpx.Client, scenario: str, wait: str) -> None:
    first = http.get(f"{scenario}/status", params={"wait": wait})
    assert (first.status_code, first.json()["status"]) == (200, "created")
    again = http.get(f"{scenario}/status", params={"wait": wait}, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("prefer", "applied"),
    [
        ("wait=0", "wait=0"),
        ("respond-async, WAIT = 1; x=y", "wait=1"),
        ('wait="3"', "wait=3"),
        ("wait=61", "wait=60"),
        ("wait=99999999", "wait=60"),
        ("wait=soon", None),
        ("wait=-1", None),
        ("await=1", None),
        ("return=minimal", None),
    ],
)
def test_a_wait_may_be_preferred(http: httpx.Client, scenario: str, prefer: str, applied: str | None) -> None:
    for tag in ('"older"', "W/" + tag_of(http, scenario).removeprefix("W/")):
        if tag != '"older"' and applied not in (None, "wait=0"):
            continue
        answer = http.get(f"{scenario}/status", headers={"Prefer": prefer, "If-None-Match": tag})
        assert answer.status_code == (200 if tag == '"older"' else 304)
        assert answer.headers.get("preference-applied") == applied


def test_the_query_is_more_than_a_preference(http: httpx.Client, scenario: str) -> None:
    answer = http.get(f"{scenario}/status?wait=0", headers={"Prefer": "wait=60"})
    assert "preference-applied" not in answer.headers


@pytest.mark.parametrize("wait", ["-1", "60.1", "61", "nan", "inf", "-inf", "1e400", "", "soon", "0x1", "1,5", "٣x"])
def test_a_wait_that_is_none_is_refused(http: httpx.Client, scenario: str, wait: str) -> None:
    assert_error(http.get(f"{scenario}/status", params={"wait": wait}), 422, "wait")


@pytest.mark.parametrize("doomed", ["scenario", "session"])
def test_what_is_deleted_meanwhile_is_not_found(
    http: httpx.Client, session: str, scenario: str, polled: Polled, doomed: str
) -> None:
    answer = polled()
    assert http.delete(scenario if doomed == "scenario" else session).status_code in (200, 204)
    assert_error(answer.result(PATIENCE), 404)


def test_what_is_not_there_is_not_waited_for(http: httpx.Client, session: str) -> None:
    assert_error(http.get(f"{session}/scenarios/no-such/status?wait=60"), 404)


def test_a_wait_ends_when_the_server_does(app: Starlette, http: httpx.Client, scenario: str, polled: Polled) -> None:
    answer, other = polled(), polled(If_None_Match=tag_of(http, scenario))
    stopper = threading.Thread(target=app.state.stop)
    stopper.start()
    assert answer.result(PATIENCE).json()["status"] == "created"
    assert other.result(PATIENCE).status_code == 304
    stopper.join()


def test_a_client_that_goes_away_is_waited_for_no_longer(app: Starlette, http: httpx.Client, scenario: str) -> None:
    with pytest.raises(httpx.ReadTimeout):
        http.get(f"{scenario}/status?wait=60", timeout=0.3)
    eventually(lambda: not app.state.sessions.watcher._watched)


def asked_once(app: ASGIApp) -> ASGIApp:
    """An app under a server that reports a disconnect after each `receive` that was cancelled, as gunicorn 27 does."""

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        is_cancelled = False

        async def received() -> Message:
            nonlocal is_cancelled
            if is_cancelled:
                return {"type": "http.disconnect"}
            try:
                return await receive()
            except asyncio.CancelledError:
                is_cancelled = True
                raise

        await app(scope, received, send)

    return served


def test_a_server_that_reports_a_disconnect_too_many_is_not_believed(
    app: Starlette, http: httpx.Client, scenario: str
) -> None:
    with serving(asked_once(app)) as url:
        answer = http.get(f"{url}{scenario}/status?wait=0.1")
    assert (answer.status_code, answer.json()["status"]) == (200, "created")
