"""The Host check: what a request may call this server."""

import asyncio

import pytest
from starlette.types import Receive, Scope, Send

from algomancy_api.hosts import AllowedHosts

from .asgi import answering, exchange
from .conftest import API
from .test_errors import assert_error
from .test_launcher import PAGE, called

ALLOWED = ["api.example.org", "*.internal", "127.0.0.1", "::1", "Localhost"]


@pytest.mark.parametrize(
    ("host", "is_allowed"),
    [
        *((host, True) for host in (
            "api.example.org", "API.example.org:8051", "a.internal", "a.b.internal:1", "127.0.0.1:8051", "[::1]",
            "[::1]:8051", "localhost",
        )),
        *((host, False) for host in (
            "", "example.org", "api.example.org.evil.example", "evil-api.example.org", "xinternal", "internal",
            "api.example.org:", "api.example.org:x", "api.example.org, evil.example", "127.0.0.1.evil.example", "::1",
            "127.0.0.2", "a.internal.evil.example", "evil.example#api.example.org",
            "api.example.org\\evil", "a@api.example.org", "[::1", "é",
        )),
    ],
)  # fmt: skip
def test_a_host_is_one_of_the_list(host: str, is_allowed: bool) -> None:
    app = AllowedHosts(answering(b"", status=204), ALLOWED)
    assert exchange(app, {"Host": host}).status == (204 if is_allowed else 400)


def test_a_request_without_a_host_is_refused() -> None:
    assert exchange(AllowedHosts(answering(b"", status=204), ["a.internal"])).status == 400


def test_other_kinds_of_connection_pass() -> None:
    kinds = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        kinds.append(scope["type"])

    asyncio.run(AllowedHosts(app, ["a"])({"type": "lifespan"}, None, None))  # type: ignore[arg-type]
    assert kinds == ["lifespan"]


def test_no_page_gets_anything_under_a_name_of_its_own() -> None:
    with called(allowed_hosts=["test"], cors_origins=[PAGE]) as client:
        client.declared_only = False  # it is not the API that answers
        assert client.get(f"{API}/sessions").status_code == 200
        for path in (f"{API}/sessions", "/health", "/docs", "/openapi.json", "/nowhere"):
            refused = client.get(path, headers={"Host": "evil.example", "Origin": PAGE})
            assert_error(refused, 400, "host")
            assert "access-control-allow-origin" not in refused.headers


def test_without_a_list_every_host_will_do() -> None:
    with called() as client:
        assert client.get("/health", headers={"Host": "whatever.example"}).status_code == 200
