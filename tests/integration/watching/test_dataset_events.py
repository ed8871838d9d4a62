"""Events of datasets: how they come, are replaced, and go, on every backend."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from ...conftest import API, create, default_session, upload_items
from ...live.streams import Stream, is_watched, streaming
from ...support.clients import eventually

Change = Callable[[httpx.Client, str], httpx.Response]


@pytest.fixture
def session(http: httpx.Client) -> str:
    session = default_session(http)
    upload_items(http, session)
    return session


def data_id(http: httpx.Client, session: str, key: str) -> str:
    return str(http.get(f"{session}/data/{key}").json()["metadata"]["id"])


def document(http: httpx.Client, session: str, key: str) -> Any:
    """The first dataset under another key, and with its own id."""
    found = http.get(f"{session}/data/items").json()
    return found | {"metadata": found["metadata"] | {"name": key}}


def archive(http: httpx.Client, session: str) -> dict[str, Any]:
    content = http.get(f"{session}/data/items", headers={"Accept": "application/zip"}).content
    return {"content": content, "headers": {"Content-Type": "application/zip"}}


#: Each adds a dataset `new`, or replaces it.
ADDING: dict[str, Change] = {
    "upload": lambda http, session: upload_items(http, session, "new"),
    "from-json": lambda http, session: http.post(f"{session}/data/from-json", json=document(http, session, "new")),
    "put": lambda http, session: http.put(f"{session}/data/new", **archive(http, session)),
}


@pytest.fixture(params=ADDING)
def add(request: pytest.FixtureRequest) -> Change:
    return ADDING[request.param]


def told(stream: Stream) -> tuple[str | None, Any]:
    event = stream.event()
    return event.kind, event.data


def test_a_dataset_is_told_when_it_comes_is_replaced_and_goes(http: httpx.Client, session: str, add: Change) -> None:
    with streaming(http, f"{session}/events") as stream:
        first = {"key": "items", "id": data_id(http, session, "items")}
        snapshot = stream.event()
        assert snapshot.data == {"scenarios": [], "datasets": [first]}
        for _ in ("new", "replaced, perhaps by one of the same id"):
            assert add(http, session).is_success
            assert told(stream) == ("dataset_added", {"key": "new", "id": data_id(http, session, "new")})
        assert http.delete(f"{session}/data/new").status_code == 204
        last = stream.event()
        assert (last.kind, last.data) == ("dataset_deleted", {"key": "new"})
        assert last.id == snapshot.id, "it is as it was"


def test_a_derived_dataset_is_told_once(http: httpx.Client, session: str) -> None:
    with streaming(http, f"{session}/events") as stream:
        stream.event()
        assert http.post(f"{session}/data/items/derive", json={"new_key": "a b/é"}).status_code == 201
        created = create(http, session, dataset_key="a b/é")
        assert told(stream) == ("dataset_added", {"key": "a b/é", "id": data_id(http, session, "a%20b%2F%C3%A9")})
        assert stream.event().data["id"] == created


def test_what_is_refused_is_not_told(http: httpx.Client, session: str) -> None:
    scenario_id = create(http, session)
    with streaming(http, f"{session}/events") as stream:
        stream.event()
        assert upload_items(http, session).status_code == 409
        assert http.delete(f"{session}/data/items").status_code == 409
        assert http.post(f"{session}/data/from-json", content=b"{}").status_code == 400
        http.delete(f"{session}/scenarios/{scenario_id}")
        assert told(stream) == ("deleted", {"id": scenario_id})


def test_who_comes_back_learns_what_has_become_of_the_datasets(
    app: Starlette, http: httpx.Client, session: str, add: Change
) -> None:
    events = f"{session}/events"
    add(http, session)
    with streaming(http, events) as stream:
        known = stream.event()
    with streaming(http, events, known.id) as stream:
        eventually(lambda: is_watched(app))
        scenario_id = create(http, session)
        event = stream.event()
        assert (event.kind, event.data["id"]) == ("status", scenario_id), "nothing has changed"
        http.delete(f"{session}/scenarios/{scenario_id}")
        assert stream.event().id == known.id
    add(http, session)
    with streaming(http, events, known.id) as stream:
        kind, data = told(stream)
        assert (kind, [each["key"] for each in data["datasets"]]) == ("snapshot", ["items", "new"])


def test_a_copy_of_a_session_is_told_to_nobody(http: httpx.Client, session: str) -> None:
    with streaming(http, f"{session}/events") as stream:
        stream.event()
        assert http.post(f"{session}/copy", json={"new_display_name": "copy"}).status_code == 201
        with streaming(http, f"{API}/sessions/copy/events") as copied:
            assert [each["key"] for each in copied.event().data["datasets"]] == ["items"]
            http.delete(f"{API}/sessions/copy/data/items")
            assert told(copied) == ("dataset_deleted", {"key": "items"})
        upload_items(http, session, "last")
        assert stream.event().data["key"] == "last"
