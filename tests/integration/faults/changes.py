"""Changes of a database that a process is killed during, and all that is there before and after them."""

import signal
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx
import pytest

from ...conftest import API, create, upload_items
from ...support.clients import ended
from ...support.databases import Database
from ..persistence.test_persistence import opened
from .forks import Forks
from .wiring import ALGORITHMS

MAIN, OTHER = f"{API}/sessions/main", f"{API}/sessions/other"

NEW = "id;name;weight\n9;hammer;1\n8;saw;2\n7;nail;\n"

#: The table of the queue. A run that is killed leaves a row in it; one that ends deletes its row a moment later.
QUEUE = "algomancy_api_queue"

#: That of the history. A run that is killed has a row, too: it was interrupted.
HISTORY = "algomancy_api_history"

#: Tags of the scenarios: one that has run on the dataset ``items``, and one that has not.
DONE, WAITING = "done", "waiting"


def scenario_url(client: Any, tag: str) -> str:
    """The URL of a scenario of the session ``main``."""
    (found,) = [each["id"] for each in client.get(f"{MAIN}/scenarios").json() if each["tag"] == tag]
    return f"{MAIN}/scenarios/{found}"


def from_json(client: Any, key: str, query: str = "") -> Any:
    """Add the dataset ``unused``, changed, under a key."""
    document = client.get(f"{MAIN}/data/unused").json()
    document["metadata"]["name"] = key
    document["tables"]["items"]["data"][0]["name"] = "hammer"
    return client.post(f"{MAIN}/data/from-json{query}", json=document)


def run(client: Any) -> None:
    """Run the scenario that has not run, to the end."""
    url = scenario_url(client, WAITING)
    client.post(f"{url}/run")
    ended(client, MAIN, url.rpartition("/")[2])


CHANGES: dict[str, Callable[[Any], Any]] = {
    "store by etl": lambda client: upload_items(client, MAIN, "new", NEW),
    "store by from-json": lambda client: from_json(client, "new"),
    "derive": lambda client: client.post(f"{MAIN}/data/items/derive", json={"new_key": "new"}),
    "replace by etl": lambda client: upload_items(client, MAIN, "items", NEW, "?replace=true"),
    "replace by from-json": lambda client: from_json(client, "items", "?replace=true"),
    "delete a dataset": lambda client: client.delete(f"{MAIN}/data/unused"),
    "copy a session": lambda client: client.post(f"{MAIN}/copy", json={"new_display_name": "copy"}),
    "delete a session": lambda client: client.delete(MAIN),
    "run": run,
    "reset": lambda client: client.post(f"{scenario_url(client, DONE)}/reset"),
    "delete a scenario": lambda client: client.delete(scenario_url(client, DONE)),
}


@dataclass(frozen=True)
class Content:
    """All that a database has for its clients, and the number of rows of each SQL table."""

    sessions: dict[str, Any]
    rows: dict[str, int]
    tables: int


def content(client: Any, database: Database) -> Content:
    """The content of a database, as a client of its server sees it."""
    names = [each["display_name"] for each in client.get(f"{API}/sessions").json()["sessions"]]
    sessions = {name: _session(client, f"{API}/sessions/{name}") for name in names}
    rows = {table: count for table, count in database.rows().items() if table not in (QUEUE, HISTORY)}
    return Content(sessions, rows, len(database.tables()))


def _session(client: Any, url: str) -> Any:
    keys = client.get(f"{url}/data").json()["keys"]
    datasets = {key: client.get(f"{url}/data/{key}").json()["tables"] for key in keys}
    forms = [client.get(f"{url}/scenarios/{each['id']}").json() for each in client.get(f"{url}/scenarios").json()]
    shown = ("status", "data_changed", "kpis", "result")
    return datasets, {
        form["tag"]: {name: form[name] for name in shown} | {"runs": _ends(client, url, form["id"])} for form in forms
    }


def _ends(client: Any, url: str, scenario_id: str) -> list[tuple[str, Any]]:
    """The outcomes and KPIs of the runs that have ended by themselves."""
    found = client.get(f"{url}/scenarios/{scenario_id}/runs").json()
    return [(each["outcome"], each["kpis"]) for each in found if each["outcome"] != "interrupted"]


def fill(client: Any) -> None:
    """Fill a new database with two sessions."""
    client.post(f"{API}/sessions", json={"display_name": "other"})
    for session in (MAIN, OTHER):
        for key in ("items", "unused"):
            assert upload_items(client, session, key).status_code == 200
        done = create(client, session, "Tabular", DONE)
        client.post(f"{session}/scenarios/{done}/run")
        assert ended(client, session, done)["status"] == "complete"
    create(client, MAIN, "Tabular", WAITING)


@cache
def changed(name: str, storage: str) -> Content:
    """The content of a database after a change that nothing disturbed."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/wiring.sqlite")
        with opened(database, algorithms=ALGORITHMS, dataset_storage=storage) as client:
            fill(client)
            before = content(client, database)
            CHANGES[name](client)
            after = content(client, database)
        assert after != before
        return after


def assert_all_or_nothing(
    forks: Forks, database: Database, name: str, moment: str, *, is_done: bool, storage: str = "columns"
) -> None:
    """A server that is killed at a moment of a change has made all of it, or nothing; then it can be made."""
    wiring: dict[str, Any] = {"algorithms": ALGORITHMS, "dataset_storage": storage}
    with opened(database, **wiring) as client:
        fill(client)
        before = content(client, database)
    with forks.serving(database, moment, storage) as server, pytest.raises(httpx.TransportError):
        CHANGES[name](server)
    assert forks.exit_code() == -signal.SIGKILL
    with opened(database, **wiring) as client:
        if not is_done:
            assert content(client, database) == before
            CHANGES[name](client)
        assert content(client, database) == changed(name, storage)
