"""The check of the `Host` header."""

import asyncio
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message, Receive, Scope, Send

from algomancy_api.middleware.allowed_hosts import AllowedHosts

from ..conftest import API
from ..support.asgi import answering, exchange
from ..support.errors import assert_error
from ..test_launcher import PAGE, called

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
            "api.example.org\\evil", "a@api.example.org", "[::1", "é", "[127.0.0.1]", "*.internal", "api.example.org.",
        )),
    ],
)  # fmt: skip
def test_a_host_is_one_of_the_list(host: str, is_allowed: bool) -> None:
    app = AllowedHosts(answering(b"", status=204), ALLOWED)
    assert exchange(app, {"Host": host}).status == (204 if is_allowed else 400)


@pytest.mark.parametrize(
    "host",
    [
        "evil,a.internal", "evil, a.internal", "a.internal,a.internal", "evil;a.internal", "evil a.internal",
        "user@a.internal", "user:x@a.internal", "evil/a.internal", "evil?.internal", "evil#.internal", "%61.internal",
        "evil%00.internal", "evil\x00.internal", "evil\t.internal", "évil.internal", ".internal", "..internal",
        "a..internal", ".a.internal", "a.internal.", "-.internal", "-a.internal", "a-.internal", "*.internal",
        "'.internal", "[::1].internal", "[a:.internal]", "[a.internal]", "a:80.internal", f"{'a' * 64}.internal",
        f"{'a.' * 123}internal", "a.internal:", "a.internal:x", "a.internal:1:2", "a.internal:123456",
    ],
)  # fmt: skip
def test_below_a_domain_are_names_and_nothing_else(host: str) -> None:
    assert exchange(AllowedHosts(answering(b"", status=204), ALLOWED), {"Host": host}).status == 400


LETTERS = "abcxyz0189_"
LABELS = st.from_regex(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", fullmatch=True, alphabet=LETTERS + "-")


@given(st.lists(LABELS, min_size=1, max_size=3).map(".".join), st.sampled_from(["", ":1", ":8051", ":65535"]))
def test_every_name_below_a_domain_is_allowed(name: str, port: str) -> None:
    for host in (f"{name}.internal", f"{name}.INTERNAL", f"{name.upper()}.internal"):
        assert exchange(AllowedHosts(answering(b"", status=204), ALLOWED), {"Host": host + port}).status == 204


@given(st.text(st.sampled_from(LETTERS + "-.,;:@%/\\?#&=*[]() \t'\"é\xa0"), max_size=8))
def test_nothing_else_below_a_domain_is(before: str) -> None:
    """Not even what ends in the domain: whether it does is not asked of what is no name."""
    is_name = all(re.fullmatch(r"(?!-)[a-z0-9_-]+(?<!-)", label) for label in before.split("."))
    host = f"{before}.internal"
    assert exchange(AllowedHosts(answering(b"", status=204), ["*.internal"]), {"Host": host}).status == (
        204 if is_name else 400
    )


def test_two_host_headers_are_refused() -> None:
    async def ask() -> list[Message]:
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        hosts = [(b"host", b"evil.example"), (b"host", b"a.internal")]
        app = AllowedHosts(answering(b"", status=204), ALLOWED)
        await app({"type": "http", "method": "GET", "path": "/", "headers": hosts}, None, send)  # type: ignore[arg-type]
        return sent

    assert asyncio.run(ask())[0]["status"] == 400


def test_a_request_without_a_host_is_refused() -> None:
    assert exchange(AllowedHosts(answering(b"", status=204), ["a.internal"])).status == 400


def test_other_kinds_of_connection_pass() -> None:
    kinds = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        kinds.append(scope["type"])

    asyncio.run(AllowedHosts(app, ["a"])({"type": "lifespan"}, None, None))  # type: ignore[arg-type]
    assert kinds == ["lifespan"]


def test_dns_rebinding_is_refused() -> None:
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
