"""Tickets: an event stream that a browser opens without a header, and what a ticket does not open."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from algomancy_api import ApiLauncher, Token
from algomancy_api.auth.token_file import line_of

from ...conftest import API, create, upload_items
from ...support import wiring
from ...support.clients import PATIENCE, eventually, serving
from ...support.errors import assert_error
from ...support.identities import AUTHENTICATION, TOKENS, bearer

MAIN, OTHER = f"{API}/sessions/main", f"{API}/sessions/other"


async def echo(request: Request) -> Response:
    return JSONResponse(request.query_params["ticket"])


@contextmanager
def served(mount: str = "", **configured: Any) -> Iterator[httpx.Client]:
    """A client of a server with the sessions ``main`` and ``other``, and uvicorn's own access log."""
    app = ApiLauncher.build(wiring.configuration(**({"tokens": TOKENS} | configured)), routes=[Route("/support", echo)])
    app.state.session_manager.create_new_session("other")
    hosted = Starlette(routes=[Mount(mount, app)]) if mount else app
    with serving(hosted, access_log=True) as url, httpx.Client(base_url=url + mount, timeout=PATIENCE) as client:
        yield client
    app.state.session_manager.shutdown()


def ticket(client: httpx.Client, headers: dict[str, str], session: str = MAIN) -> str:
    response = client.post(f"{session}/events/ticket", headers=headers)
    assert response.status_code == 201, response.text
    assert response.json()["expires_in"] == 60
    assert response.headers["cache-control"] == "no-store"
    return str(response.json()["ticket"])


def opened(client: httpx.Client, url: str, ticket: str, **keywords: Any) -> int:
    """The status of a stream, whose first event must be a snapshot."""
    with client.stream("GET", url, params={"ticket": ticket}, **keywords) as stream:
        if stream.status_code == 200:
            assert "event: snapshot" in [next(lines := stream.iter_lines()), next(lines)]
        return stream.status_code


@pytest.mark.parametrize("means", AUTHENTICATION)
def test_a_ticket_opens_one_stream_of_its_session(means: str, tmp_path: Path) -> None:
    configured, headers_of = AUTHENTICATION[means]
    with served(**{"tokens": (), **configured(tmp_path)}) as client:
        for person in ("read", "write here"):
            once = ticket(client, headers_of(person))
            assert [opened(client, f"{MAIN}/events", once) for _ in range(2)] == [200, 401]
        assert opened(client, f"{OTHER}/events", ticket(client, headers_of("read"), OTHER)) == 200
        assert opened(client, f"{MAIN}/events", "") == 401
        assert opened(client, f"{MAIN}/events", "x", headers=headers_of("read")) == 401, "it is decided by the ticket"


def test_a_ticket_opens_the_stream_of_a_scenario_by_any_name_of_the_session() -> None:
    with served() as client:
        client.headers.update(bearer("write"))
        upload_items(client, MAIN)
        scenario = create(client, MAIN)
        by_id = f"{API}/sessions/{client.get(MAIN).json()['id']}"
        del client.headers["Authorization"]
        for session in (MAIN, by_id):
            for stream in (f"{MAIN}/scenarios/{scenario}/events", f"{by_id}/events"):
                assert opened(client, stream, ticket(client, bearer("read"), session)) == 200


def test_a_ticket_opens_nothing_else() -> None:
    with served() as client:
        once = ticket(client, bearer("admin"))
        with client.stream("GET", f"{OTHER}/events", params={"ticket": once}) as refused:
            assert refused.status_code == 403  # else it has no end
            refused.read()
            assert_error(refused, 403, "The ticket is for another session")
        once = ticket(client, bearer("admin"))
        for method, path in (("GET", MAIN), ("GET", f"{MAIN}/scenarios"), ("DELETE", MAIN), ("POST", f"{MAIN}/run")):
            assert client.request(method, path, params={"ticket": once}).status_code == 401
            assert client.request(method, path, headers={"Authorization": f"Bearer {once}"}).status_code == 401
        assert opened(client, f"{MAIN}/events", once) == 200, "it is not used up by that"
        refused = client.get(f"{MAIN}/events", params={"ticket": [ticket(client, bearer("admin")) for _ in range(2)]})
        assert refused.status_code == 401, "several are none"


def test_a_ticket_for_a_session_that_is_there_no_more() -> None:
    with served() as client:
        once = ticket(client, bearer("admin"), OTHER)
        client.delete(OTHER, headers=bearer("admin"))
        assert opened(client, f"{OTHER}/events", once) == 404
        assert client.post(f"{API}/sessions", json={"display_name": "other"}, headers=bearer("admin")).is_success
        client.patch(OTHER, json={"display_name": "new"}, headers=bearer("admin"))
        once = ticket(client, bearer("admin"), f"{API}/sessions/new")
        client.patch(f"{API}/sessions/new", json={"display_name": "newer"}, headers=bearer("admin"))
        assert opened(client, f"{API}/sessions/newer/events", once) == 200, "it is for the session, not for its name"


def test_a_ticket_ends_with_its_token(tmp_path: Path) -> None:
    file = tmp_path / "tokens.toml"

    def write(*tokens: Token) -> None:
        (tmp_path / "new").write_text("".join(f"{line_of(token)}\n" for token in tokens))
        (tmp_path / "new").replace(file)

    def takes_effect(secret: str, status: int) -> None:
        headers = {"Authorization": f"Bearer {secret}"}
        eventually(lambda: client.get(MAIN, headers=headers).status_code == status)

    kept, revoked = "kept" * 10, "revoked" * 10
    write(Token("kept", kept), Token("revoked", revoked))
    with served(tokens=(), tokens_file=file) as client:
        of_revoked = ticket(client, {"Authorization": f"Bearer {revoked}"})
        of_kept = [ticket(client, {"Authorization": f"Bearer {kept}"}) for _ in range(2)]
        write(Token("kept", kept), Token("revoked", "with a new secret".replace(" ", "-")))
        takes_effect(revoked, 401)
        assert opened(client, f"{MAIN}/events", of_revoked) == 401
        assert opened(client, f"{MAIN}/events", of_kept[0]) == 200
        write(Token("kept", kept, sessions=["other"]))
        takes_effect(kept, 404)
        assert opened(client, f"{MAIN}/events", of_kept[1]) == 404, "it sees what its token sees now"


def test_who_sees_no_such_session_gets_no_ticket() -> None:
    with served() as client:
        for person, status in (("nobody", 401), ("read elsewhere", 404), ("admin nowhere", 404)):
            assert client.post(f"{MAIN}/events/ticket", headers=bearer(person)).status_code == status


def test_without_tokens_a_ticket_is_there_and_asked_for_by_nobody() -> None:
    with served(tokens=()) as client:
        once = ticket(client, {})
        assert [opened(client, f"{MAIN}/events", one) for one in (once, once, "x")] == [200, 200, 200]


def test_no_answer_with_a_ticket_is_kept_for_a_retry() -> None:
    with served() as client:
        headers = bearer("read") | {"Idempotency-Key": "the same"}
        assert ticket(client, headers) != ticket(client, headers)


@pytest.mark.parametrize("mount", ["", "/a/mount"])
def test_no_log_has_a_ticket(caplog: pytest.LogCaptureFixture, mount: str) -> None:
    caplog.set_level(logging.DEBUG)
    with served(mount) as client:
        tickets = [ticket(client, bearer("read")) for _ in range(3)]
        assert opened(client, f"{MAIN}/events", tickets[0]) == 200
        assert opened(client, f"{MAIN}/events", tickets[0]) == 401
        assert opened(client, f"{OTHER}/events", tickets[1]) == 403
        assert client.post(f"{MAIN}/run?ids=a&ticket={tickets[2]}&label=b").status_code == 401
        assert client.get(f"{mount}/nowhere?ticket={tickets[2]}").status_code in (401, 404)
        assert client.get(f"{API}/support?ticket=42", headers=bearer("read")).json() == "42", "not every ticket is ours"
    server = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    logged = [record.getMessage() for record in server]
    assert any("ticket=hidden" in line for line in logged), "uvicorn's own access log is there"
    assert [line for line in logged if "algt_" in line] == []
    assert not any(one in str(vars(record)) for record in server for one in tickets)
