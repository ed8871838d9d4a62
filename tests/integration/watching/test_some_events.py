"""Events of some scenarios of a session: by their ids, or by a label."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from ...conftest import app_on, create, default_session, upload_items
from ...live.streams import is_watched, streaming
from ...support import wiring
from ...support.clients import PATIENCE, eventually
from ...support.errors import assert_error


@pytest.fixture(params=["memory", "sqlite"])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Starlette]:
    with app_on(request.param, tmp_path, request) as app:
        yield app


@pytest.fixture
def session(http: httpx.Client) -> str:
    session = default_session(http)
    upload_items(http, session)
    return session


def test_a_label_selects_those_that_have_it_at_the_time(http: httpx.Client, session: str) -> None:
    first = create(http, session, tag="one", labels={"sweep": "s1"})
    other = create(http, session, tag="other", labels={"sweep": "s2"})
    with streaming(http, f"{session}/events?label=sweep:s1") as stream:
        snapshot = stream.event()
        assert (snapshot.kind, [each["id"] for each in snapshot.data["scenarios"]]) == ("snapshot", [first])
        http.post(f"{session}/scenarios/{other}/run")
        http.patch(f"{session}/scenarios/{first}", json={"labels": {"more": ""}})
        second = create(http, session, tag="two", labels={"sweep": "s1"})
        event = stream.event()
        assert (event.kind, event.data["id"], event.data["status"]) == ("status", second, "created")
        http.post(f"{session}/scenarios/{second}/run")
        last = stream.until(status="complete")
        assert (last.kind, last.data["id"], last.data["kpis"]["Size"]["value"]) == ("status", second, 7.0)
        http.patch(f"{session}/scenarios/{second}", json={"labels": {"sweep": None}})
        event = stream.event()
        assert (event.kind, event.data, event.id) == ("deleted", {"id": second}, snapshot.id)
        http.patch(f"{session}/scenarios/{other}", json={"labels": {"sweep": "s1"}})
        assert stream.event().data["id"] == other
        http.delete(f"{session}/scenarios/{first}")
        assert stream.event().data == {"id": first}
        http.delete(session)
        assert stream.event().kind == "gone"


def test_ids_select_those_that_exist(http: httpx.Client, session: str) -> None:
    first, other = create(http, session, "Fails", "one"), create(http, session, tag="other")
    with streaming(http, f"{session}/events?ids={first},no-such") as stream:
        assert stream.event().data == {"scenarios": [http.get(f"{session}/scenarios/{first}/status").json()]}
        http.post(f"{session}/run", json={"scenario_ids": [other, first]})
        last = stream.until(status="failed")
        assert (last.data["id"], last.data["error"]) == (first, "ValueError: no solution")
        http.delete(f"{session}/scenarios/{other}")
        http.delete(f"{session}/scenarios/{first}")
        event = stream.event()
        assert (event.kind, event.data) == ("deleted", {"id": first})


@pytest.mark.parametrize("query", ["", "?label=a"])
def test_what_waits_in_the_queue_is_followed_to_its_end(http: httpx.Client, session: str, query: str) -> None:
    blocking = create(http, session, "Blocks", "blocking")
    cancelled, run = (create(http, session, tag=tag, labels={"a": ""}) for tag in ("cancelled", "run"))
    http.post(f"{session}/run", json={"scenario_ids": [blocking, cancelled, run]})
    assert wiring.STARTED.wait(PATIENCE)
    waiting = f"{session}/scenarios/wait?ids={cancelled},{run}"
    cursor = http.get(waiting).json()["cursor"]
    with streaming(http, f"{session}/events{query}") as stream:
        stream.event()
        http.post(f"{session}/scenarios/{cancelled}/cancel")
        told = http.get(f"{waiting}&wait=60&cursor={cursor}").json()
        assert [(each["id"], each["error"]) for each in told["scenarios"]] == [(cancelled, "Cancelled")]
        assert stream.until(id=cancelled).data["error"] == "Cancelled"
        wiring.RELEASE.set()
        assert stream.until(id=run, status="complete").data["kpis"]
        while not told["done"]:
            told = http.get(f"{waiting}&wait=60&cursor={told['cursor']}").json()
            assert [each["id"] for each in told["scenarios"]] == [run]


def test_who_comes_back_gets_a_snapshot_only_if_one_of_them_has_changed(
    app: Starlette, http: httpx.Client, session: str
) -> None:
    first = create(http, session, tag="one", labels={"a": ""})
    events = f"{session}/events?label=a"
    with streaming(http, events) as stream:
        known = stream.event()
    other = create(http, session, tag="other")
    upload_items(http, session, "more")
    with streaming(http, events, known.id) as stream:
        eventually(lambda: is_watched(app))
        http.post(f"{session}/scenarios/{first}/run")
        event = stream.event()
        assert (event.kind, event.data["id"]) == ("status", first), "what others do is no reason for a snapshot"
    eventually(lambda: http.get(f"{session}/scenarios/{first}/status").json()["status"] == "complete")
    http.patch(f"{session}/scenarios/{other}", json={"labels": {"a": "1"}})
    with streaming(http, events, known.id) as stream:
        event = stream.event()
        assert (event.kind, [each["id"] for each in event.data["scenarios"]]) == ("snapshot", [first, other])
        assert stream.response.headers["content-type"].startswith("text/event-stream")


def test_streams_of_one_session_do_not_take_events_from_each_other(http: httpx.Client, session: str) -> None:
    paths = [f"{session}/events{query}" for query in ("", "?label=a", "?ids=none")]
    with streaming(http, paths[0]) as whole, streaming(http, paths[1]) as some, streaming(http, paths[2]) as none:
        assert {stream.event().kind for stream in (whole, some, none)} == {"snapshot"}
        scenario_id = create(http, session, labels={"a": ""})
        assert whole.event().data == some.event().data
        assert http.get(f"{session}/scenarios/wait").json()["scenarios"][0]["id"] == scenario_id
        http.delete(session)
        assert none.event().kind == "gone"


@pytest.mark.parametrize("query", ["ids=a&label=b", "ids=" + ",".join(map(str, range(1_001)))])
def test_what_has_no_meaning_is_refused(http: httpx.Client, session: str, query: str) -> None:
    assert_error(http.get(f"{session}/events?{query}"), 422)
