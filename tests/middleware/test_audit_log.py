"""The audit log: one line for each request that changed something, or tried to."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from starlette.applications import Starlette
from starlette.authentication import AuthCredentials, AuthenticationBackend, BaseUser, SimpleUser
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from algomancy_api import ApiLauncher

from ..conftest import API, create, default_session, upload_items
from ..support import wiring
from ..support.clients import AppClient, calling
from ..support.identities import AUTHENTICATION, protected

AUDIT = "algomancy_api.audit"

SESSION = f"{API}/sessions/main"


class Nameless(BaseUser):
    @property
    def is_authenticated(self) -> bool:
        return True


class ByHeader(AuthenticationBackend):
    """A backend that accepts the user name of a header without a check."""

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, BaseUser] | None:
        name = conn.headers.get("x-user")
        if name is None:
            return None
        return AuthCredentials(), Nameless() if name == "nameless" else SimpleUser(name)


async def change(_request: Request) -> Response:
    raise RuntimeError("on purpose")


@contextmanager
def audited(mount: str = "", **overrides: Any) -> Iterator[AppClient]:
    """A client of an app in memory, with a route of ours that fails, and users."""
    app = ApiLauncher.build(
        wiring.configuration(**overrides),
        routes=[Route("/own/{thing}", change, methods=["POST"])],
        middleware=[Middleware(AuthenticationMiddleware, backend=ByHeader())],
    )
    with calling(Starlette(routes=[Mount(mount, app)]) if mount else app) as client:
        yield client
    app.state.session_manager.shutdown()


@pytest.fixture
def client(caplog: pytest.LogCaptureFixture) -> Iterator[AppClient]:
    caplog.set_level(logging.INFO, "algomancy_api")
    with audited() as client:
        yield client


def audits(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The lines of the audit, without their client."""
    lines = [record.getMessage() for record in caplog.records if record.name == AUDIT]
    assert all(line.endswith(' client="127.0.0.1"') for line in lines)
    return [line.removesuffix(' client="127.0.0.1"') for line in lines]


def audit(operation: str, status: int, user: str | None = None, **names: str) -> str:
    words = {"user": user, "operation": operation, "session": None, "scenario": None, "dataset": None, "new_name": None}
    told = {name: "-" if value is None else json.dumps(value) for name, value in (words | names).items()}
    return " ".join(f"{name}={value}" for name, value in (told | {"status": str(status)}).items())


def test_each_change_is_one_line(client: AppClient, caplog: pytest.LogCaptureFixture) -> None:
    upload_items(client, SESSION)
    client.post(f"{SESSION}/data/items/derive", json={"new_key": "more/items"})
    client.delete(f"{SESSION}/data/more%2Fitems")
    scenario_id = create(client, SESSION, tag="a run")
    client.post(f"{SESSION}/scenarios/{scenario_id}/run")
    client.post(f"{API}/sessions", json={"display_name": "other"})
    client.patch(f"{API}/sessions/other", json={"display_name": "another"})
    client.post(f"{API}/sessions/another/copy", json={"new_display_name": "a copy"})
    client.delete(f"{API}/sessions/another")
    assert audits(caplog) == [
        audit("run_etl", 200, session="main", new_name="items"),
        audit("derive_dataset", 201, session="main", dataset="items", new_name="more/items"),
        audit("delete_dataset", 204, session="main", dataset="more/items"),
        audit("create_scenario", 201, session="main", new_name="a run"),
        audit("run_scenario", 202, session="main", scenario=scenario_id),
        audit("create_session", 201, new_name="other"),
        audit("rename_session", 200, session="other", new_name="another"),
        audit("copy_session", 201, session="another", new_name="a copy"),
        audit("delete_session", 200, session="another"),
    ]


def test_safe_methods_have_no_line(client: AppClient, caplog: pytest.LogCaptureFixture) -> None:
    for path in ("/", "/health", "/ready", f"{API}/sessions", f"{SESSION}/scenarios", "/docs", "/openapi.json"):
        assert client.get(path).status_code == 200
        assert client.request("HEAD", path).status_code == 200
    client.request("OPTIONS", f"{API}/sessions")
    assert audits(caplog) == []


def test_a_query_in_a_body_has_no_line(client: AppClient, caplog: pytest.LogCaptureFixture) -> None:
    assert client.post(f"{SESSION}/compare", json={"ids": ["no-such"]}).status_code == 404
    assert audits(caplog) == []


def test_requests_that_cannot_change_anything_have_no_line(client: AppClient, caplog: pytest.LogCaptureFixture) -> None:
    for path in ("/health", "/nowhere", "/docs/page/start.js", f"{API}/sessions/"):
        assert client.post(path).status_code in (307, 404, 405)
    assert audits(caplog) == []


def test_an_attempt_that_fails_is_a_line_with_its_status(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "algomancy_api")
    with audited(allow_session_create=False) as client:
        client.post(f"{API}/sessions", json={"display_name": "other"})
        client.delete(f"{SESSION}/scenarios/none")
        client.post(f"{API}/sessions/nowhere/data/x/derive", json={"new_key": "y"})
        client.post(f"{SESSION}/scenarios", json={"tag": 1})
        client.patch(f"{API}/sessions/main", json={"display_name": " "})
        client.post(f"{API}/own/x")
    assert audits(caplog) == [
        audit("create_session", 403),
        audit("delete_scenario", 404, session="main", scenario="none"),
        audit("derive_dataset", 404, session="nowhere", dataset="x"),
        audit("create_scenario", 422, session="main"),
        audit("rename_session", 409, session="main", new_name=" "),
        audit("change", 500),
    ]


def test_a_line_has_the_user(client: AppClient, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("alice", "", "nameless"):
        client.post(f"{API}/sessions", json={}, headers={"X-User": name})
    assert audits(caplog) == [
        audit("create_session", 422, user="alice"),
        audit("create_session", 422, user=""),
        audit("create_session", 422, user="Nameless"),
    ]


@pytest.mark.parametrize("means", AUTHENTICATION)
def test_a_line_has_the_token_even_of_a_refused_request(
    caplog: pytest.LogCaptureFixture, means: str, tmp_path: Path
) -> None:
    caplog.set_level(logging.INFO, "algomancy_api")
    configured, headers_of = AUTHENTICATION[means]
    with protected(**{"tokens": (), **configured(tmp_path)}) as client:
        for person in ("nobody", "somebody unknown", "read", "write elsewhere", "write here"):
            client.delete(f"{SESSION}/data/none", headers=headers_of(person))
        client.delete(f"{API}/sessions/other", headers=headers_of("admin here"))
        client.patch(f"{API}/sessions/other", json={"display_name": "o"}, headers=headers_of("admin"))
        client.post("/nowhere")
    tried = {"session": "main", "dataset": "none"}
    assert audits(caplog) == [
        audit("delete_dataset", 401, **tried),
        audit("delete_dataset", 401, **tried),
        audit("delete_dataset", 403, user="read", **tried),
        audit("delete_dataset", 404, user="write elsewhere", **tried),
        audit("delete_dataset", 404, user="write here", **tried),
        audit("delete_session", 404, user="admin here", session="other"),
        audit("rename_session", 200, user="admin", session="other", new_name="o"),
    ]
    assert "x" * 32 not in caplog.text, "no secret is in it"


class Door:
    """Middleware that names the user and refuses the request."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        scope["user"] = SimpleUser("mallory")
        await Response(status_code=403)(scope, receive, send)


def test_a_refusal_by_the_authorization_is_a_line(client: AppClient, caplog: pytest.LogCaptureFixture) -> None:
    assert isinstance(client.app, Starlette)
    client.app.user_middleware.append(Middleware(Door))  # the last one before the router
    client.declared_only = False
    client.delete(f"{SESSION}/data/a%2Fb")
    assert audits(caplog) == [audit("delete_dataset", 403, user="mallory", session="main", dataset="a/b")]


FORGED = 'a" status=201\n2026 INFO user="root"\x1b[31m\u2028é/%2F'


def test_a_name_cannot_forge_a_line(client: AppClient, caplog: pytest.LogCaptureFixture) -> None:
    client.delete(f"{API}/sessions/{quote(FORGED, safe='')}")
    client.post(f"{API}/sessions", json={"display_name": FORGED})
    lines = audits(caplog)
    assert lines == [
        audit("delete_session", 404, session=FORGED),
        audit("create_session", 201, new_name=FORGED),
    ]
    assert all(line.isascii() and line.isprintable() for line in lines)


def test_names_in_a_mounted_app_are_whole(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "algomancy_api")
    with audited(mount="/tools") as client:
        client.delete(f"/tools{API}/sessions/a%2Fb%25/data/c%20d")
    assert audits(caplog) == [audit("delete_dataset", 404, session="a/b%", dataset="c d")]


def test_nothing_of_a_body_is_in_it(client: AppClient, caplog: pytest.LogCaptureFixture) -> None:
    session = default_session(client)
    upload_items(client, session, text="id;name;weight\n1;secret;12.5\n")
    create(client, session, "Parametrised", algo_params={"text": "secret"})
    client.post(f"{session}/data/from-json", content=b'{"metadata": "secret"}')
    client.post(f"{API}/sessions", content=b'{"display_name": "secret', headers={"Authorization": "Bearer secret"})
    assert len(audits(caplog)) == 4
    assert not [line for line in audits(caplog) if "secret" in line]


@pytest.mark.parametrize(("client_of", "told"), [(None, "-"), (("203.0.113.9", 1), '"203.0.113.9"')])
def test_a_line_has_the_client(caplog: pytest.LogCaptureFixture, client_of: Any, told: str) -> None:
    caplog.set_level(logging.INFO, "algomancy_api")
    app = ApiLauncher.build(wiring.configuration())

    async def from_there(scope: Any, receive: Any, send: Any) -> None:
        await app(scope | {"client": client_of}, receive, send)

    with calling(from_there) as client:
        client.delete(f"{API}/sessions/nowhere")
    [line] = [record.getMessage() for record in caplog.records if record.name == AUDIT]
    assert line.endswith(f" client={told}")
    app.state.session_manager.shutdown()


def test_without_its_level_there_is_none(client: AppClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "algomancy_api")
    client.delete(f"{API}/sessions/nowhere")
    assert audits(caplog) == []
