"""The status of every route for every kind of token. A route that is missing in the table fails."""

from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from algomancy_api import get_scenario_manager, get_session_manager, operation

from ...conftest import API
from ...middleware.test_authorization import begun
from ...support.clients import AppClient
from ...support.identities import AUTHENTICATION, IDENTITIES, protected
from ...support.validation import Declarations


async def own(_request: Request) -> Response:
    return JSONResponse("yours")


@operation("Everybody's", returns={200: str}, access="open")
async def everybodys(_request: Request) -> Response:
    """It is everybody's."""
    return JSONResponse("everybody's")


@operation("The boss's", returns={200: str}, access="admin")
async def bosses(_request: Request) -> Response:
    """It is the boss's."""
    return JSONResponse("the boss's")


async def scenarios_of(request: Request) -> Response:
    return JSONResponse(get_scenario_manager(request).count_scenarios())


async def all_sessions(request: Request) -> Response:
    return JSONResponse(len(get_session_manager(request).list_sessions()))


OWN = [
    Route("/own", own, methods=["GET", "PUT", "OPTIONS"]),
    Route("/own/everybodys", everybodys, methods=["GET", "POST"]),
    Route("/own/bosses", bosses),
    Route("/own/all-sessions", all_sessions),
    Route("/sessions/{session_id}/own", scenarios_of),
]

#: By method and path: what it takes, and what comes of it then: a status, and of a 404 what is not there.
TABLE: dict[str, tuple[str, str]] = {
    "GET /sessions": ("read", "200"),
    "POST /sessions": ("admin", "409"),
    "POST /sessions/{session_id}/copy": ("admin", "409"),
    "GET /sessions/{session_id}": ("read", "200"),
    "PATCH /sessions/{session_id}": ("admin", "200"),
    "GET /sessions/{session_id}/algorithms": ("read", "200"),
    "GET /sessions/{session_id}/algorithms/{algorithm_name}/parameters": ("read", "200"),
    "GET /sessions/{session_id}/kpis": ("read", "200"),
    "GET /sessions/{session_id}/schemas": ("read", "200"),
    "GET /sessions/{session_id}/compare": ("read", "422"),
    "POST /sessions/{session_id}/compare": ("read", "404 Scenario"),
    "GET /sessions/{session_id}/scenarios": ("read", "200"),
    "POST /sessions/{session_id}/scenarios": ("write", "422"),
    "GET /sessions/{session_id}/scenarios/{scenario_id}": ("read", "404 Scenario"),
    "PATCH /sessions/{session_id}/scenarios/{scenario_id}": ("write", "422"),
    "DELETE /sessions/{session_id}/scenarios/{scenario_id}": ("write", "404 Scenario"),
    "POST /sessions/{session_id}/scenarios/{scenario_id}/run": ("write", "404 Scenario"),
    "POST /sessions/{session_id}/scenarios/{scenario_id}/cancel": ("write", "404 Scenario"),
    "POST /sessions/{session_id}/scenarios/{scenario_id}/reset": ("write", "404 Scenario"),
    "GET /sessions/{session_id}/scenarios/{scenario_id}/status": ("read", "404 Scenario"),
    "GET /sessions/{session_id}/scenarios/{scenario_id}/runs": ("read", "404 Scenario"),
    "GET /sessions/{session_id}/scenarios/{scenario_id}/log": ("read", "404 Scenario"),
    "GET /sessions/{session_id}/scenarios/{scenario_id}/progress": ("read", "404 Scenario"),
    "POST /sessions/{session_id}/scenarios/{scenario_id}/stop": ("write", "404 Scenario"),
    "GET /sessions/{session_id}/scenarios/{scenario_id}/events": ("read", "404 Scenario"),
    "GET /sessions/{session_id}/scenarios/wait": ("read", "200"),
    "POST /sessions/{session_id}/scenarios/batch": ("write", "422"),
    "POST /sessions/{session_id}/scenarios/delete": ("write", "422"),
    "POST /sessions/{session_id}/scenarios/cancel": ("write", "422"),
    "POST /sessions/{session_id}/scenarios/reset": ("write", "422"),
    "POST /sessions/{session_id}/scenarios/{scenario_id}/copy": ("write", "404 Scenario"),
    "POST /sessions/{session_id}/run": ("write", "422"),
    "GET /sessions/{session_id}/processing": ("read", "200"),
    "GET /sessions/{session_id}/queue": ("read", "200"),
    "GET /sessions/{session_id}/events": ("read", "200"),
    "POST /sessions/{session_id}/events/ticket": ("read", "201"),
    "GET /sessions/{session_id}/data": ("read", "200"),
    "GET /sessions/{session_id}/data/{data_key}": ("read", "404 Dataset"),
    "GET /sessions/{session_id}/scenarios/{scenario_id}/tables": ("read", "404 Scenario"),
    "GET /sessions/{session_id}/scenarios/{scenario_id}/tables/{table}": ("read", "404 Scenario"),
    "GET /sessions/{session_id}/data/{data_key}/tables": ("read", "404 Dataset"),
    "GET /sessions/{session_id}/data/{data_key}/tables/{table}": ("read", "404 Dataset"),
    "PUT /sessions/{session_id}/data/{data_key}": ("write", "415"),
    "DELETE /sessions/{session_id}/data/{data_key}": ("write", "404 Dataset"),
    "GET /sessions/{session_id}/data/{data_key}/parameters": ("read", "404 Dataset"),
    "POST /sessions/{session_id}/data/{data_key}/derive": ("write", "422"),
    "POST /sessions/{session_id}/data/from-json": ("write", "400"),
    "POST /sessions/{session_id}/etl": ("write", "422"),
    "GET /webhooks": ("admin", "200"),
    "GET /webhooks/{webhook}/deliveries": ("admin", "404 Webhook"),
    "POST /webhooks/{webhook}/test": ("admin", "404 Webhook"),
    "GET /health": ("open", "200"),
    "GET /ready": ("open", "200"),
    "GET /metrics": ("read", "200"),
    "GET /openapi.json": ("open", "200"),
    "GET /docs": ("open", "200"),
    "GET /docs/swagger-ui": ("open", "200"),
    "GET /docs/page": ("open", "200"),
    "GET /console": ("open", "200"),
    "GET /console/files": ("open", "200"),
    "GET /own": ("read", "200"),
    "PUT /own": ("write", "200"),
    "OPTIONS /own": ("read", "200"),
    "GET /own/everybodys": ("open", "200"),
    "POST /own/everybodys": ("open", "200"),
    "GET /own/bosses": ("admin", "200"),
    "GET /own/all-sessions": ("read", "200"),
    "GET /sessions/{session_id}/own": ("read", "200"),
    # The last one, since nothing is in the session after it.
    "DELETE /sessions/{session_id}": ("admin", "200"),
}

#: Statuses for a token that sees some sessions only.
LIMITED = {
    "GET /metrics": "403",
    "GET /own/all-sessions": "403",
    "POST /sessions": "403",
    "GET /webhooks": "403",
    "GET /webhooks/{webhook}/deliveries": "403",
    "POST /webhooks/{webhook}/test": "403",
}

VALUES = {
    "session_id": "main",
    "scenario_id": "no-such",
    "algorithm_name": "Instant",
    "data_key": "no-such",
    "table": "no-such",
    "webhook": "no-such",
}
STREAMS = {"GET /sessions/{session_id}/events"}
FILES = {
    "GET /docs/swagger-ui": "/swagger-ui.css",
    "GET /docs/page": "/start.js",
    "GET /console/files": "/console.js",
}
BODIES = {
    "POST /sessions": {"display_name": "main"},
    "POST /sessions/{session_id}/copy": {"new_display_name": "main"},
    "PATCH /sessions/{session_id}": {"display_name": "main"},
    "POST /sessions/{session_id}/compare": {"ids": ["no-such"]},
}
RANK = ("open", "read", "write", "admin")


def entries(routes: list[BaseRoute]) -> dict[str, str]:
    """The routes of an app as the table has them, with the paths that they stand at."""
    found = {}
    for route in routes:
        assert isinstance(route, Route | Mount)
        methods = (getattr(route, "methods", None) or {"GET"}) - {"HEAD"}
        path = route.path.removeprefix(API)
        found.update({f"{method} {path}": route.path for method in methods})
    return found


def expected(entry: str, person: str) -> str:
    """What comes of a request."""
    needed, outcome = TABLE[entry]
    if needed == "open":
        return outcome
    if person not in IDENTITIES:
        return "401"
    access, sessions = IDENTITIES[person]
    if RANK.index(access) < RANK.index(needed):
        return "403"
    sees_main = sessions in (["*"], ["main"])
    if "{session_id}" in entry and not sees_main:
        return "404 Session"
    if entry == "POST /sessions" and sessions == ["main"]:
        return outcome  # it may give its own session's name, which is taken
    return outcome if sessions == ["*"] else LIMITED.get(entry, outcome)


def outcome(client: AppClient, declared: Declarations, entry: str, path: str, headers: dict[str, str]) -> str:
    """What comes of a request, which the document must declare."""
    method = entry.partition(" ")[0]
    address = path.format(**VALUES) + FILES.get(entry, "")
    body: dict[str, Any] = {"json": BODIES[entry]} if entry in BODIES else {}
    if entry in STREAMS and streams(client, address, headers):
        return "200"
    response = client.request(method, address, headers=headers, **body)
    declared.refuse_undeclared(response)
    if method == "GET":
        assert client.request("HEAD", address, headers=headers).status_code == response.status_code
    if response.status_code in (401, 403) and entry not in LIMITED:
        assert response.headers["www-authenticate"].startswith("Bearer")
        assert list(response.json()) == ["detail"]
    missing = response.json()["detail"].partition(" ")[0] if response.status_code == 404 else ""
    return f"{response.status_code} {missing}".rstrip()


def streams(client: AppClient, address: str, headers: dict[str, str]) -> bool:
    """Whether a stream begins, which does not end by itself."""
    found: int = client._call(begun, client.app, address, "GET", *headers.items())
    return found == 200


def app_of(client: AppClient) -> Starlette:
    assert isinstance(client.app, Starlette)
    return client.app


def test_the_table_has_every_route() -> None:
    with protected(*OWN, metrics=True) as client:
        assert entries(app_of(client).routes).keys() == TABLE.keys()


@pytest.mark.parametrize("person", ["nobody", "somebody unknown", *IDENTITIES])
@pytest.mark.parametrize("means", AUTHENTICATION)
def test_who_may_do_what(means: str, person: str, tmp_path: Path) -> None:
    configured, headers_of = AUTHENTICATION[means]
    with protected(*OWN, metrics=True, **{"tokens": (), **configured(tmp_path)}) as client:
        declared = Declarations(client.get("/openapi.json").json())
        paths = entries(app_of(client).routes)
        found = {entry: outcome(client, declared, entry, paths[entry], headers_of(person)) for entry in TABLE}
    assert found == {entry: expected(entry, person) for entry in TABLE}
