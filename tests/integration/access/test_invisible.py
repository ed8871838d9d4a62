"""Sessions that a token cannot see look as if they did not exist: on every route, in every spelling of a path."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest
from starlette.applications import Starlette

from ...conftest import API, create, upload_items
from ...support.clients import AppClient
from ...support.errors import assert_error
from ...support.identities import IDENTITIES, bearer, protected
from .test_sessions import ADMIN, ids
from .test_table import OWN, TABLE, entries

#: A name, and an id, of no session: as long as those of the invisible one.
ABSENT = {"name": "nope", "id": str(uuid4())}

#: How a client may write either of them into a path.
SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "percent-encoded": lambda name: "".join(f"%{ord(character):02x}" for character in name),
    "its beginning": lambda name: f"%{ord(name[0]):02X}{name[1:]}",
    "in capitals": str.upper,
    "with a slash": lambda name: quote(f"{name}/x", safe=""),
    "behind a slash": lambda name: quote(f"../{name}", safe=""),
    "with a null": lambda name: quote(f"{name}\0", safe=""),
    "with a line break": lambda name: quote(f"{name}\n", safe=""),
    "with a space": lambda name: quote(f"{name} ", safe=""),
}

#: All that any of the routes asks for in a body.
BODY = {
    "display_name": "other", "new_display_name": "other", "new_key": "x",
    "tag": "x", "dataset_key": "items", "algo_name": "Instant",
}  # fmt: skip

BODIES: list[dict[str, Any]] = [
    {"json": BODY},
    {"json": BODY, "headers": {"Accept": "application/msgpack"}},
    {"content": b"{", "headers": {"Content-Type": "application/json"}},
    {"content": b"\x91" * 50, "headers": {"Content-Type": "application/msgpack"}},
    {"content": b"", "headers": {"Content-Type": "text/plain"}},
    {"data": {"dataset_name": "items"}, "files": {"files": ("items.csv", "id;name;weight\n1;a;2\n", "text/csv")}},
]

#: What a GET may ask for beside the path.
QUERIES: list[dict[str, Any]] = [{}, {"params": {"wait": "0", "replace": "true"}, "headers": {"If-None-Match": "*"}}]

BLIND = [person for person, (_, sessions) in IDENTITIES.items() if sessions not in (["*"], ["main"])]


def told(response: httpx.Response, name: str) -> tuple[int, bytes, dict[str, str]]:
    """All that an answer tells, but for the name that was asked for and the id of the request."""
    headers = {header: value for header, value in response.headers.items() if header != "x-request-id"}
    return response.status_code, response.content.replace(name.encode(), b"?"), headers


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("by", ABSENT)
def test_an_invisible_session_answers_as_one_that_is_not_there(
    by: str, spelling: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with protected(*OWN) as client:
        behind = populated(client)
        present = {"name": "main", "id": ids(client)["main"]}[by]
        before = everything(client)
        opened = opened_sessions(client, monkeypatch)
        for entry, path in session_paths(client).items():
            method = entry.partition(" ")[0]
            for keywords in QUERIES if method == "GET" else BODIES:
                for person in BLIND:
                    found, missing = (
                        asked(client, method, path, spelling, name, behind, keywords, person)
                        for name in (present, ABSENT[by])
                    )
                    assert found == missing, (entry, person, keywords)
                    assert found[0] >= 400
        assert opened == [], "whoever does not see it does not have it opened: an answer takes no longer for it"
        monkeypatch.undo()
        assert everything(client) == before


def populated(client: AppClient) -> dict[str, str]:
    """What there is in the invisible session, by its place in a path."""

    class Admin:
        def post(self, url: str, **keywords: Any) -> httpx.Response:
            keywords.pop("timeout", None)
            return client.post(url, headers=ADMIN, **keywords)

    upload_items(Admin(), f"{API}/sessions/main")
    scenario = create(Admin(), f"{API}/sessions/main")
    return {"scenario_id": scenario, "data_key": "items", "table": "items", "algorithm_name": "Instant"}


def session_paths(client: AppClient) -> dict[str, str]:
    """The routes that lead into a session, a host's own included."""
    assert isinstance(client.app, Starlette)
    paths = entries(client.app.routes)
    return {entry: paths[entry] for entry in TABLE if "{session_id}" in entry}


def asked(
    client: AppClient,
    method: str,
    path: str,
    spelling: str,
    name: str,
    behind: dict[str, str],
    keywords: dict[str, Any],
    person: str,
) -> tuple[int, bytes, dict[str, str]]:
    """What an answer tells."""
    address = path.format(session_id=SPELLINGS[spelling](name), **behind)
    headers = keywords.get("headers", {}) | bearer(person)
    response = client.request(method, address, **keywords | {"headers": headers})
    return told(response, name.upper() if spelling == "in capitals" else name)


def everything(client: AppClient) -> list[Any]:
    """What an admin sees."""
    paths = ("sessions", "sessions/main/data", "sessions/main/data/items", "sessions/main/scenarios")
    return [client.get(f"{API}/{path}", headers=ADMIN).json() for path in paths]


def opened_sessions(client: AppClient, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Those that are opened from now on; none is open any more."""
    assert isinstance(client.app, Starlette)
    opened: list[str] = []
    state = client.app.state
    monkeypatch.setattr(state.sessions, "_open", {})
    monkeypatch.setattr(state.session_manager, "get_scenario_manager", opened.append)
    return opened


def test_what_is_seen_is_not_opened_by_others_names_for_it() -> None:
    """The spellings above are names of their own: none of them is another one's."""
    with protected() as client:
        for spelling in ("plain", "percent-encoded", "its beginning"):
            address = f"{API}/sessions/{SPELLINGS[spelling]('main')}/data"
            assert client.get(address, headers=bearer("read")).json() == {"keys": []}
        for spelling in SPELLINGS.keys() - {"plain", "percent-encoded", "its beginning"}:
            assert_error(client.get(f"{API}/sessions/{SPELLINGS[spelling]('main')}/data", headers=bearer("read")), 404)
