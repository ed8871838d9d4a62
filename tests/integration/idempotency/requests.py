"""Every POST, with a key, and what it leaves behind."""

from collections.abc import Callable
from typing import Any

import httpx

from ...conftest import API, create
from ...support.wiring import ITEMS_CSV

KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}

MAIN = f"{API}/sessions/main"

#: Sends a request with headers.
type Post = Callable[[Any, dict[str, str]], httpx.Response]


def posting(path: str, body: dict[str, Any] | None = None) -> Post:
    """What sends a body, if there is one, to a path below the first session."""
    return lambda client, headers: client.post(f"{MAIN}{path.format(**ids(client))}", json=body, headers=headers)


def ids(client: Any) -> dict[str, str]:
    """The id of each scenario of the first session, by its tag."""
    return {each["tag"]: each["id"] for each in client.get(f"{MAIN}/scenarios").json()}


def upload(client: Any, headers: dict[str, str]) -> httpx.Response:
    """Send a form, whose boundary is another one each time."""
    files, form = {"files": ("items.csv", ITEMS_CSV, "text/csv")}, {"dataset_name": "new"}
    response: httpx.Response = client.post(f"{MAIN}/etl", data=form, files=files, headers=headers)
    return response


def add_session(client: Any, headers: dict[str, str]) -> httpx.Response:
    """Create a session."""
    response: httpx.Response = client.post(f"{API}/sessions", json={"display_name": "new"}, headers=headers)
    return response


_SCENARIO = {"tag": "new", "dataset_key": "items", "algo_name": "Instant"}

_WRITTEN = {"labels": {"region": "north"}, "note": "With the new rates."}

_BATCH = {"scenarios": [_SCENARIO | _WRITTEN, _SCENARIO | {"tag": "newer"}, _SCENARIO | {"tag": "newest"}]}

_DATASET = {
    "metadata": {"id": "1", "name": "new", "type": "master_data", "creation_datetime": "2026-01-02 03:04:05"},
    "tables": {"items": {"data": [{"id": 1}], "columns": ["id"], "index": [0]}},
}

#: Every POST whose answer is stored with its effect.
POSTS: dict[str, Post] = {
    "create a session": add_session,
    "copy a session": posting("/copy", {"new_display_name": "new"}),
    "create a scenario": posting("/scenarios", _SCENARIO | _WRITTEN | {"unknown": 1}),
    "create and run a scenario": posting("/scenarios", _SCENARIO | {"run": True}),
    "create several": posting("/scenarios/batch", _BATCH),
    "create and run several": posting("/scenarios/batch", _BATCH | {"run": True}),
    "copy a scenario": posting("/scenarios/{done}/copy"),
    "copy and run a scenario": posting("/scenarios/{done}/copy", _WRITTEN | {"run": True}),
    "run": posting("/scenarios/{one}/run"),
    "reset": posting("/scenarios/{done}/reset"),
    "derive": posting("/data/items/derive", {"new_key": "new"}),
    "from-json": posting("/data/from-json", _DATASET),
    "upload": upload,
}


def run_several(client: Any, headers: dict[str, str]) -> httpx.Response:
    """Queue two scenarios that can be run, one that cannot, and one twice."""
    known = ids(client)
    body = {"scenario_ids": [known["one"], known["done"], known["two"], known["one"]]}
    response: httpx.Response = client.post(f"{MAIN}/run", json=body, headers=headers)
    return response


POSTS["run several"] = run_several

#: The POSTs that change many scenarios, each for itself. Their answers are stored before they are sent.
CHANGES: dict[str, Post] = {
    "delete several": posting("/scenarios/delete", {"filter": ["tag=one", "tag=two"]}),
    "cancel several": posting("/scenarios/cancel", {"filter": ["dataset=items"]}),
    "reset several": posting("/scenarios/reset", {"filter": ["tag=one", "tag=done"]}),
}


def fill(client: Any) -> None:
    """Add the scenarios that the requests name to a session with the dataset ``items``."""
    create(client, MAIN, tag="one")
    create(client, MAIN, tag="two")
    done = create(client, MAIN, tag="done")
    client.post(f"{MAIN}/scenarios/{done}/run")
