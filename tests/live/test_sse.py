"""Event streams: which events are sent, in which order, which are skipped, and the end of a stream."""

import re

import anyio
import httpx
import pytest
from starlette.applications import Starlette
from starlette.types import Message

from algomancy_api import ApiLauncher
from algomancy_api.live import sse
from algomancy_api.live import watcher as watching

from ..conftest import API, create, default_session, upload_items
from ..support import wiring
from ..support.clients import PATIENCE, eventually, serving
from ..support.errors import assert_error
from .streams import is_watched, streaming


def state(scenario_id: str, status: str, progress: float = 0.0, tag: str = "a run") -> dict[str, object]:
    return {"id": scenario_id, "tag": tag, "status": status, "progress": progress}


#: The KPIs of a complete scenario, in its last event.
KPIS = {"kpis": {"Size": {"name": "Size", "better_when": "AT_MOST", "unit": "s", "value": 7.0, "threshold": 10.0}}}


def blocked(http: httpx.Client, session: str, tag: str = "a run") -> tuple[str, str]:
    """The id and the address of a scenario that is being run, until it is released."""
    scenario_id = create(http, session, "Blocks", tag)
    http.post(f"{session}/scenarios/{scenario_id}/run")
    assert wiring.STARTED.wait(PATIENCE)
    return scenario_id, f"{session}/scenarios/{scenario_id}"


# One scenario --------------------------------------------------------------------------------------------------


def test_a_scenario_is_followed_from_its_creation_to_its_end(http: httpx.Client, session: str) -> None:
    scenario_id = create(http, session, "Blocks")
    url = f"{session}/scenarios/{scenario_id}"
    with streaming(http, f"{url}/events") as stream:
        first = stream.event()
        assert (first.kind, first.data) == ("snapshot", state(scenario_id, "created"))
        http.post(f"{url}/run")
        running = stream.until(progress=42.0)
        assert running.kind in ("status", "progress")
        assert running.data == http.get(f"{url}/status").json() == state(scenario_id, "processing", 42.0)
        wiring.RELEASE.set()
        last = stream.until(status="complete")  # it may have been seen at 100 % before
        assert (last.kind, last.data) == ("status", state(scenario_id, "complete", 100.0) | KPIS)
        assert stream.has_ended()
        assert len({first.id, running.id, last.id}) == 3


def test_progress_alone_is_an_event_of_its_own(http: httpx.Client, session: str) -> None:
    scenario_id = create(http, session, "Steps")
    with streaming(http, f"{session}/scenarios/{scenario_id}/events") as stream:
        http.post(f"{session}/scenarios/{scenario_id}/run")
        stream.until(status="processing")
        for progress in (10.0, 20.0, 30.0):
            wiring.STEP.put(progress)
            event = stream.until(progress=progress)
            assert (event.kind, event.data) == ("progress", state(scenario_id, "processing", progress))
        wiring.STEP.put(None)
        assert stream.until(status="complete").kind == "status"


def test_who_comes_back_gets_what_is_new_and_nothing_twice(http: httpx.Client, session: str) -> None:
    _, url = blocked(http, session)
    with streaming(http, f"{url}/events") as stream:
        running = stream.event()
    with streaming(http, f"{url}/events", running.id) as stream:
        wiring.RELEASE.set()
        last = stream.until(status="complete")
        assert last.kind == "status"
    with streaming(http, f"{url}/events", running.id) as stream:
        again = stream.event()
        assert (again.kind, again.data, again.id) == ("snapshot", last.data, last.id)
        assert stream.has_ended()
    response = http.get(f"{url}/events", headers={"Last-Event-ID": last.id})
    assert (response.status_code, response.content) == (204, b""), "a browser would come back for ever"


def test_who_comes_when_it_has_ended_is_told_how(http: httpx.Client, session: str) -> None:
    scenario_id = create(http, session, "Fails")
    url = f"{session}/scenarios/{scenario_id}"
    http.post(f"{url}/run")
    eventually(lambda: http.get(f"{url}/status").json()["status"] == "failed")
    with streaming(http, f"{url}/events", "nonsense") as stream:
        assert stream.event().data["status"] == "failed"
        assert stream.has_ended()


@pytest.mark.parametrize("doomed", ["scenario", "session"])
def test_a_deletion_is_the_last_event(http: httpx.Client, session: str, doomed: str) -> None:
    scenario_id = create(http, session)
    url = f"{session}/scenarios/{scenario_id}"
    with streaming(http, f"{url}/events") as stream:
        stream.event()
        http.delete(url if doomed == "scenario" else session)
        event = stream.event()
        assert (event.kind, event.data) == ("deleted", {"id": scenario_id})
        assert stream.has_ended()
    assert_error(http.get(f"{url}/events", headers={"Last-Event-ID": event.id}), 404)


@pytest.mark.parametrize("is_running", [True, False])
def test_a_cancelled_scenario_is_told_as_failed(http: httpx.Client, session: str, is_running: bool) -> None:
    running, _ = blocked(http, session)
    waiting = create(http, session, "Blocks", "another")
    http.post(f"{session}/scenarios/{waiting}/run")
    doomed = running if is_running else waiting
    with streaming(http, f"{session}/scenarios/{doomed}/events") as stream:
        assert stream.event().data["status"] == ("processing" if is_running else "queued")
        assert http.post(f"{session}/scenarios/{doomed}/cancel").status_code == 202
        wiring.RELEASE.set()
        last = stream.until(status="failed")
        assert last.data["error"] == "Cancelled"
        assert stream.has_ended()


def test_the_last_event_of_a_run_that_failed_says_why(http: httpx.Client, session: str) -> None:
    scenario_id = create(http, session, "Fails")
    url = f"{session}/scenarios/{scenario_id}"
    failed = state(scenario_id, "failed") | {"error": "ValueError: no solution"}
    with streaming(http, f"{session}/events") as everything, streaming(http, f"{url}/events") as one:
        etag = http.get(f"{url}/status").headers["etag"]
        everything.event()
        http.post(f"{url}/run")
        assert one.until(status="failed").data == failed
        assert everything.until(status="failed").data == failed
    polled = http.get(f"{url}/status?wait=30", headers={"If-None-Match": etag})
    assert polled.json() == failed
    with streaming(http, f"{session}/events") as later:
        assert later.event().data["scenarios"] == [failed]


# A session -----------------------------------------------------------------------------------------------------


def test_a_session_is_followed_until_it_is_gone(http: httpx.Client, session: str) -> None:
    old = create(http, session, tag="old")
    with streaming(http, f"{session}/events") as stream:
        snapshot = stream.event()
        assert (snapshot.kind, list(snapshot.data)) == ("snapshot", ["scenarios", "datasets"])
        assert snapshot.data["scenarios"] == [state(old, "created", tag="old")]
        new = create(http, session, "Blocks", "new")
        event = stream.event()
        assert (event.kind, event.data) == ("status", state(new, "created", tag="new"))
        http.post(f"{session}/scenarios/{new}/run")
        stream.until(id=new, status="processing", progress=42.0)
        wiring.RELEASE.set()
        event = stream.until(id=new, status="complete")
        assert (event.kind, event.data) == ("status", state(new, "complete", 100.0, "new") | KPIS)
        http.post(f"{session}/scenarios/{new}/reset")
        event = stream.event()
        assert (event.kind, event.data) == ("status", state(new, "created", tag="new"))
        http.delete(f"{session}/scenarios/{new}")
        event = stream.event()
        assert (event.kind, event.data) == ("deleted", {"id": new})
        assert event.id == snapshot.id, "it is as it was"
        assert http.delete(session).status_code == 200
        event = stream.event()
        assert (event.kind, event.data) == ("gone", {"id": session.rpartition("/")[2]})
        assert stream.has_ended()
    assert_error(http.get(f"{session}/events"), 404)


def test_who_comes_back_to_a_session_gets_what_is_new(app: Starlette, http: httpx.Client, session: str) -> None:
    with streaming(http, f"{session}/events") as stream:
        empty = stream.event()
        assert empty.data["scenarios"] == []
        scenario_id = create(http, session, tag="one")
        known = stream.event()
    with streaming(http, f"{session}/events", known.id) as stream:
        eventually(lambda: is_watched(app))
        other = create(http, session, tag="two")
        assert stream.event().data["id"] == other
    with streaming(http, f"{session}/events", known.id) as stream:
        event = stream.event()
        assert event.kind == "snapshot"
        assert [scenario["id"] for scenario in event.data["scenarios"]] == [scenario_id, other]


def test_who_is_cut_off_amid_several_changes_begins_anew(
    app: Starlette, http: httpx.Client, session: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "_INTERVAL", 3600)
    watcher = app.state.sessions.watcher
    with streaming(http, f"{session}/events") as stream:
        snapshot = stream.event()
        ids = [create(http, session, tag=tag) for tag in ("one", "two")]
        watcher._loop.call_soon_threadsafe(watcher.look)
        one, two = stream.event(), stream.event()
        assert [one.data["id"], two.data["id"]] == ids
        assert one.id == snapshot.id != two.id
    with streaming(http, f"{session}/events", one.id) as stream:
        assert stream.event().kind == "snapshot"


def test_a_session_remains_the_same_under_a_new_name(http: httpx.Client, session: str) -> None:
    with streaming(http, f"{API}/sessions/main/events") as stream:
        stream.event()
        http.patch(session, json={"display_name": "renamed"})
        scenario_id = create(http, session)
        assert stream.event().data["id"] == scenario_id


def test_a_scenario_that_runs_as_soon_as_it_is_created_is_told() -> None:
    app = ApiLauncher.build(wiring.configuration(autorun=True))
    with serving(app) as url, httpx.Client(base_url=url, timeout=PATIENCE) as client:
        session = default_session(client)
        upload_items(client, session)
        with streaming(client, f"{session}/events") as stream:
            stream.event()
            scenario_id = create(client, session)
            assert stream.until(status="complete").data["id"] == scenario_id
    app.state.session_manager.shutdown()


# The form ------------------------------------------------------------------------------------------------------


def test_a_stream_is_neither_compressed_nor_packed_nor_kept(http: httpx.Client, session: str) -> None:
    for path in (f"{session}/events", f"{session}/scenarios/{create(http, session)}/events"):
        with streaming(http, path, Accept="application/msgpack", Accept_Encoding="zstd, br, gzip") as stream:
            assert stream.event().kind == "snapshot"
            headers = stream.response.headers
            assert headers["content-type"] == "text/event-stream; charset=utf-8"
            assert headers["cache-control"] == "no-store"
            assert headers["vary"] == "Accept, Accept-Encoding"
            assert "content-encoding" not in headers


def test_head_does_not_wait_for_the_end(http: httpx.Client, session: str) -> None:
    response = http.head(f"{session}/events")
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-type"].startswith("text/event-stream")


def test_awkward_names_are_one_line(http: httpx.Client, session: str) -> None:
    tag = 'a\n\r\n\u2028data: "b" \x00é'
    with streaming(http, f"{session}/events") as stream:
        stream.event()
        create(http, session, tag=tag)
        assert stream.event().data["tag"] == tag


def test_a_silent_stream_gives_signs_of_life(http: httpx.Client, session: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "_HEARTBEAT_LOOKS", 2)
    for path in (f"{session}/events", f"{session}/scenarios/{create(http, session)}/events"):
        with streaming(http, path) as stream:
            assert stream.block().kind == "snapshot"
            assert stream.block() == (None, "", None)
            assert stream.block() == (None, "", None)


def test_a_sign_of_life_is_one_line(http: httpx.Client, session: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A blank line would be the end of an event, which some clients then report."""
    monkeypatch.setattr(watching, "_HEARTBEAT_LOOKS", 1)
    with http.stream("GET", f"{session}/events") as response:
        received = b""
        for piece in response.iter_raw():
            received += piece
            if received.count(b": alive") == 2:
                break
    assert received.partition(b"\r\n\r\n")[2] == b": alive\r\n: alive\r\n"


@pytest.mark.parametrize("taken", [0, 1, 3])
def test_a_client_that_takes_nothing_more_is_given_up(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not every server reports that a client has left; under some, a `send` then never returns."""
    monkeypatch.setattr(watching, "_HEARTBEAT_LOOKS", 1)
    monkeypatch.setattr(sse, "_LONGEST_SEND", 0.2)
    app = ApiLauncher.build(wiring.configuration())
    sent: list[Message] = []

    async def receive() -> Message:
        await anyio.sleep_forever()
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)
        if len(sent) > 1 + taken:
            await anyio.sleep_forever()

    scope = {
        "type": "http", "method": "GET", "path": f"{API}/sessions/main/events", "headers": [], "query_string": b"",
    }  # fmt: skip

    async def watch() -> None:
        with anyio.fail_after(PATIENCE):
            await app(scope, receive, send)

    anyio.run(watch)
    assert len(sent) == 2 + taken
    assert sent[-1]["more_body"], "an end would not be taken either"
    assert not app.state.sessions.watcher._watched
    assert not app.state.sessions.streams._open
    app.state.session_manager.shutdown()


def test_a_slow_client_has_time_for_a_large_event() -> None:
    assert sse._longest_send(b"x" * 10_000_000) > 1_000


@pytest.mark.parametrize("path", ["scenarios/no-such/events", "../no-such/events"])
def test_what_is_not_there_cannot_be_watched(http: httpx.Client, session: str, path: str) -> None:
    address = re.sub(r"[^/]+/\.\./", "", f"{session}/{path}")
    assert_error(http.get(address), 404)


# Several clients -----------------------------------------------------------------------------------------------


def test_many_watch_the_same_and_leave_nothing_behind(app: Starlette, http: httpx.Client, session: str) -> None:
    _, url = blocked(http, session)
    watcher = app.state.sessions.watcher
    with streaming(http, f"{url}/events") as one, streaming(http, f"{url}/events") as two:
        assert one.event() == two.event()
        with streaming(http, f"{session}/events") as three:
            three.event()
            assert len(watcher._watched) == 2
        eventually(lambda: len(watcher._watched) == 1)
        wiring.RELEASE.set()
        assert one.event() == two.event()
    eventually(lambda: not watcher._watched)
    eventually(lambda: watcher._timer is None)
    assert app.state.session_manager.get_scenario_manager(session.rpartition("/")[2]).changes.is_followed is False


def test_a_client_that_goes_away_cancels_no_run(app: Starlette, http: httpx.Client, session: str) -> None:
    _, url = blocked(http, session)
    with streaming(http, f"{url}/events") as stream:
        stream.event()
    eventually(lambda: not app.state.sessions.watcher._watched)
    assert http.get(f"{url}/status").json()["status"] == "processing"
    wiring.RELEASE.set()
    eventually(lambda: http.get(f"{url}/status").json()["status"] == "complete")
