"""Checks that every host must pass: all routes, all pages, unusual names."""

from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, unquote, urljoin

import httpx

from ...conftest import API, upload_items
from ...support.clients import ended
from ...support.errors import assert_error

#: Names that must be encoded in a path: a slash, a space, non-ASCII letters, and text that looks percent-encoded.
SESSION = "a/b c/é 50%41?#"
RENAMED = "/é%2F"
DATASET = "d/1"


def segment(name: str) -> str:
    """A name encoded as one segment of a path."""
    return quote(name, safe="")


def every_route(client: Any, root: str) -> None:
    """Use each route under the prefix, and be answered as the contract says.

    Args:
        client: Any of the tests' clients.
        root: The address of the app, as clients write it.
    """
    sessions = f"{root}{API}/sessions"

    def call(status: int, method: str, url: str, **keywords: Any) -> Any:
        response: httpx.Response = client.request(method, url, **keywords)
        assert response.status_code == status, f"{method} {url}: {response.status_code} {response.text}"
        return response.json() if response.content else None

    call(201, "POST", sessions, json={"display_name": SESSION})
    call(200, "PATCH", f"{sessions}/{segment(SESSION)}", json={"display_name": RENAMED})
    session = f"{sessions}/{segment(RENAMED)}"
    names = {entry["display_name"] for entry in call(200, "GET", sessions)["sessions"]}
    assert names >= {"main", RENAMED}

    assert call(200, "GET", session)["display_name"] == RENAMED
    assert call(200, "GET", f"{session}/schemas")["schemas"][0]["name"] == "items"

    assert "Parametrised" in call(200, "GET", f"{session}/algorithms")["algorithms"]
    assert call(200, "GET", f"{session}/algorithms/Parametrised/parameters")["name"] == "every kind"
    assert call(200, "GET", f"{session}/kpis") == {"kpis": ["Size"]}

    assert upload_items(client, session, DATASET).json()["keys"] == [DATASET]
    data = f"{session}/data/{segment(DATASET)}"
    assert call(200, "GET", f"{data}/parameters")["parameters"][0]["name"] == "limit"
    dataset = call(200, "GET", data)
    assert len(dataset["tables"]["items"]["data"]) == 3
    [table] = call(200, "GET", f"{data}/tables")["tables"]
    assert (table["name"], table["rows"]) == ("items", 3)
    assert len(call(200, "GET", f"{data}/tables/items?limit=2")) == 2
    archive = client.request("GET", data, headers={"Accept": "application/zip"}).content
    put = f"{session}/data/{segment('put/é')}"
    assert call(201, "PUT", put, content=archive, headers={"Content-Type": "application/zip"})["success"]
    call(204, "DELETE", put)
    call(201, "POST", f"{data}/derive", json={"new_key": "100%"})
    call(201, "POST", f"{session}/data/from-json", json=dataset | {"metadata": dataset["metadata"] | {"name": "é"}})
    call(204, "DELETE", f"{session}/data/100%25")
    assert call(200, "GET", f"{session}/data") == {"keys": [DATASET, "é"]}
    call(201, "POST", f"{session}/copy", json={"new_display_name": "copy"})
    assert call(200, "GET", f"{sessions}/copy/data") == {"keys": [DATASET, "é"]}
    call(200, "DELETE", f"{sessions}/copy")

    body = {"tag": "a run", "dataset_key": DATASET, "algo_name": "Instant"}
    scenario_id = call(201, "POST", f"{session}/scenarios", json=body)["id"]
    scenario = f"{session}/scenarios/{scenario_id}"
    assert call(202, "POST", f"{scenario}/run")["status"] == "queued"
    assert ended(client, session, scenario_id)["kpis"]["Size"]["value"] == 7.0
    assert call(200, "GET", f"{scenario}/status")["status"] == "complete"
    assert [summary["id"] for summary in call(200, "GET", f"{session}/scenarios")] == [scenario_id]
    assert call(200, "GET", f"{session}/processing") is None
    assert call(200, "GET", f"{session}/queue") == []
    assert not call(202, "POST", f"{session}/run", json={"scenario_ids": [scenario_id]})["outcomes"][0]["queued"]
    assert (
        "event: snapshot" in client.request("GET", f"{scenario}/events").text
    )  # and the stream ends, as the run has ended
    assert call(200, "HEAD", f"{session}/events") is None  # the stream has no end
    ticket = call(201, "POST", f"{session}/events/ticket")["ticket"]
    assert call(200, "HEAD", f"{session}/events?ticket={ticket}") is None
    assert "is complete" in call(409, "POST", f"{scenario}/cancel")["detail"]
    assert "is complete" in call(409, "POST", f"{scenario}/stop")["detail"]
    assert call(200, "GET", f"{scenario}/progress")["points"] == []
    assert call(200, "GET", f"{scenario}/log")["complete"]
    assert [run["outcome"] for run in call(200, "GET", f"{scenario}/runs")] == ["complete"]
    assert call(200, "GET", f"{session}/compare?ids={scenario_id}")["scenarios"][0]["id"] == scenario_id
    assert call(200, "POST", f"{session}/compare", json={"ids": [scenario_id]})["scenarios"][0]["id"] == scenario_id
    assert call(200, "GET", f"{scenario}/tables")["tables"] == []
    call(404, "GET", f"{scenario}/tables/none")
    assert call(200, "PATCH", scenario, json={"labels": {"é": "1"}})["labels"] == {"é": "1"}
    assert [each["id"] for each in call(200, "GET", f"{session}/scenarios?label=%C3%A9:1")] == [scenario_id]
    changes = call(200, "GET", f"{session}/scenarios/wait?label=%C3%A9:1&wait=60")
    assert ([each["id"] for each in changes["scenarios"]], changes["done"]) == ([scenario_id], True)
    assert call(200, "POST", f"{scenario}/reset")["status"] == "created"
    copied = call(201, "POST", f"{scenario}/copy", json={"tag": "copied"})["id"]
    [one] = call(201, "POST", f"{session}/scenarios/batch", json={"scenarios": [body | {"tag": "one"}]})
    several = [copied, one["id"]]
    for change, done in (("cancel", False), ("reset", True), ("delete", True)):
        outcomes = call(200, "POST", f"{session}/scenarios/{change}", json={"ids": several})["outcomes"]
        assert [(each["id"], each["done"]) for each in outcomes] == [(each, done) for each in several]
    call(204, "DELETE", scenario)
    call(200, "DELETE", session)
    assert call(200, "GET", f"{root}{API}/webhooks") == {"webhooks": []}
    assert call(404, "GET", f"{root}{API}/webhooks/a%2Fb/deliveries")["detail"] == "Webhook 'a/b' not found"
    assert call(404, "POST", f"{root}{API}/webhooks/a%2Fb/test")["detail"] == "Webhook 'a/b' not found"


def every_page(client: Any, root: str) -> None:
    """Read ``/health``, ``/ready``, the document, and the page with all that it loads."""
    assert client.get(f"{root}/health").json()["status"] == "ok"
    assert client.get(f"{root}/ready").json()["status"] == "ready"
    page = client.get(f"{root}/docs")
    assert page.status_code == 200
    loaded = _Loaded()
    loaded.feed(page.text)
    addresses = [urljoin(f"{root}/docs", reference) for reference in loaded.references]
    assert f"{root}/openapi.json" in addresses
    assert len(addresses) >= 5
    assert {address: client.get(address).status_code for address in addresses} == dict.fromkeys(addresses, 200)


def assert_the_document_leads_here(client: Any, root: str) -> None:
    """What a client makes of the document's ``servers`` and one of its paths is an address of this app."""
    document = client.get(f"{root}/openapi.json").json()
    [server] = document["servers"]
    assert unquote(server["url"]) == (unquote(root) or "/")
    assert server["url"].isascii()
    path = next(path for path in document["paths"] if path.endswith("/sessions"))
    assert client.get(server["url"].rstrip("/") + path).json()["sessions"][0]["display_name"] == "main"


def assert_errors_as_everywhere(client: Any, root: str) -> None:
    """The errors of the router, and one of a handler's, are what they are without a host."""
    sessions = f"{root}{API}/sessions"
    assert_error(client.get(f"{root}/nowhere"), 404)
    assert_error(client.get(f"{sessions}/no%2Fsuch/data"), 404, "Session 'no/such' not found")
    for path, allowed in (
        ("", "GET, HEAD, POST"),
        ("/main", "DELETE, GET, HEAD, PATCH"),
        ("/a%2Fb/data/c%2Fd/parameters", "GET, HEAD"),
    ):
        response = client.request("PUT", f"{sessions}{path}")
        assert_error(response, 405)
        assert response.headers["allow"] == allowed


def assert_redirects_stay(client: Any, root: str) -> None:
    """A trailing slash too many leads to the address without it, the mount point and every name unharmed."""
    for path in (
        "/health",
        "/docs",
        f"{API}/sessions",
        f"{API}/sessions/a%2Fb%2541/data",
        f"{API}/sessions/main/data/x%3F",
    ):
        response = client.get(f"{root}{path}/")
        assert response.status_code == 307
        location = httpx.URL(response.headers["location"])
        assert location.raw_path.decode() == root + path


class _Loaded(HTMLParser):
    """The addresses that a page loads or shows."""

    def __init__(self) -> None:
        super().__init__()
        self.references: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.references += [value for name, value in attrs if name in ("href", "src", "data-document") and value]
