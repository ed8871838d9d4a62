"""Logins: a cookie in place of a token, with the same rights, and for the pages of this server alone."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from algomancy_api import ApiLauncher, Token
from algomancy_api.auth.token_file import line_of

from ...conftest import API
from ...support import wiring
from ...support.clients import PATIENCE, eventually, serving
from ...support.errors import assert_error
from ...support.identities import IDENTITIES, TOKENS, bearer

LOGIN, LOGOUT, MAIN = f"{API}/login", f"{API}/logout", f"{API}/sessions/main"

#: A browser says this of the requests of a page of this server.
OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}


@contextmanager
def served(mount: str = "", **configured: Any) -> Iterator[httpx.Client]:
    """A browser-like client of a server with cookies and the sessions ``main`` and ``other``: it keeps cookies."""
    app = ApiLauncher.build(wiring.configuration(**({"tokens": TOKENS, "cookie_auth": True} | configured)))
    app.state.session_manager.create_new_session("other")
    hosted = Starlette(routes=[Mount(mount, app)]) if mount else app
    with serving(hosted, access_log=True) as url, httpx.Client(base_url=url + mount, timeout=PATIENCE) as client:
        yield client
    app.state.session_manager.shutdown()


def secret_of(person: str) -> str:
    return bearer(person)["Authorization"].removeprefix("Bearer ")


def log_in(client: httpx.Client, person: str, **headers: str) -> httpx.Response:
    response = client.post(LOGIN, json={"token": secret_of(person)}, headers=headers)
    assert response.status_code == 200, response.text
    return response


def attributes(response: httpx.Response) -> set[str]:
    """The attributes of the one cookie that a response sets."""
    [cookie] = response.headers.get_list("set-cookie")
    return {part.strip().lower() for part in cookie.split(";")[1:] if "expires" not in part}


def test_a_login_may_do_what_its_token_may() -> None:
    def rights(client: httpx.Client, headers: dict[str, str]) -> list[Any]:
        asked = [("GET", f"{API}/sessions"), ("GET", MAIN), ("DELETE", f"{MAIN}/data/x"), ("POST", f"{API}/sessions")]
        answers = [client.request(*one, headers=OWN_PAGE | headers) for one in asked]
        return [(answer.status_code, answer.json()) for answer in answers]

    with served() as client:
        for person, (access, sessions) in IDENTITIES.items():
            answer = log_in(client, person)
            assert answer.json() == {"name": person, "access": access, "sessions": sessions}
            assert answer.headers["cache-control"] == "no-store"
            by_cookie = rights(client, {})
            client.cookies.clear()
            assert by_cookie == rights(client, bearer(person))
            assert rights(client, {})[0][0] == 401


def test_the_header_counts_more_than_the_cookie() -> None:
    with served() as client:
        log_in(client, "admin")
        assert client.get(MAIN, headers=bearer("read elsewhere")).status_code == 404
        assert client.get(MAIN, headers=bearer("somebody unknown")).status_code == 401
        assert client.delete(f"{MAIN}/data/x", headers=bearer("write")).status_code == 404, "no proof is needed with it"


@pytest.mark.parametrize(
    ("mount", "headers", "expected"),
    [
        ("", {}, {"path=/"}),
        ("", {"X-Forwarded-Proto": "https"}, {"path=/", "secure"}),
        ("/a b/c", {}, {"path=/a%20b/c"}),
        ("/a;b", {}, {"path=/"}),
    ],
)
def test_the_cookie_is_for_this_app_alone(mount: str, headers: dict[str, str], expected: set[str]) -> None:
    with served(mount, forwarded_allow_ips="127.0.0.1") as client:
        always = {"httponly", "samesite=strict"}
        assert attributes(log_in(client, "read", **headers)) == expected | always
        assert client.get(MAIN, headers=headers).status_code == (401 if "secure" in expected else 200)
        assert attributes(client.post(LOGOUT, headers=headers)) == expected | always | {"max-age=0"}


def test_the_cookie_has_no_token_and_is_new_each_time() -> None:
    with served() as client:
        first = log_in(client, "read").cookies["algomancy_login"]
        second = log_in(client, "read").cookies["algomancy_login"]
        assert first != second
        assert secret_of("read") not in first + second
        assert client.get(MAIN, headers={"Cookie": f"algomancy_login={first}"}).status_code == 401, "it has ended"
        headers = {"Authorization": f"Bearer {second}"}
        assert client.get(MAIN, headers=headers).status_code == 401, "it is no token"


def test_a_logout_ends_it_on_the_server() -> None:
    with served() as client:
        value = log_in(client, "read").cookies["algomancy_login"]
        assert client.post(LOGOUT).status_code == 204
        assert "algomancy_login" not in client.cookies
        stolen = {"Cookie": f"algomancy_login={value}"}
        refused = client.get(MAIN, headers=stolen)
        assert_error(refused, 401, "The login has ended; log in again")
        assert refused.headers["www-authenticate"].startswith("Bearer")
        assert client.get("/health", headers=stolen).status_code == 200, "what is open stays so"
        assert [client.post(LOGOUT, headers=headers).status_code for headers in ({}, stolen)] == [204, 204]
        assert client.post(LOGIN, json={"token": secret_of("read")}, headers=stolen).status_code == 200


def test_a_login_ends_with_its_token(tmp_path: Path) -> None:
    file = tmp_path / "tokens.toml"

    def write(*tokens: Token) -> None:
        (tmp_path / "new").write_text("".join(f"{line_of(token)}\n" for token in tokens))
        (tmp_path / "new").replace(file)

    write(*TOKENS)
    with served(tokens=(), tokens_file=file) as client:
        log_in(client, "read")
        write(Token("read", secret_of("read"), "read", ["other"]))
        eventually(lambda: client.get(MAIN).status_code == 404)  # what the token sees now
        write(Token("read", "another-secret"))
        eventually(lambda: client.get(MAIN).status_code == 401)
        file.unlink()
        eventually(lambda: client.get(MAIN).status_code == 401)


@pytest.mark.parametrize(
    ("keywords", "status", "says"),
    [
        ({"json": {"token": "unknown"}}, 401, "The token is not valid"),
        ({"json": {"token": ""}}, 401, "The token is not valid"),
        ({"json": {"token": "\N{SNOWMAN}"}}, 401, "The token is not valid"),
        ({"json": {}}, 422, "Object missing required field `token`"),
        ({"json": {"token": None}}, 422, "Expected `str`, got `null` - at `$.token`"),
        ({"json": {"token": "x" * 9000}}, 413, "The body is larger than 8192 bytes"),
        ({"content": iter([b'{"token": "', b"x" * 9000, b'"}'])}, 413, "The body is larger than 8192 bytes"),
        ({"content": msgspec.msgpack.encode({"token": "x" * 9000})}, 413, "The body is larger than 8192 bytes"),
        ({"data": {"token": "x"}}, 415, None),
        ({"content": b'{"token": "x"}', "headers": {"Content-Type": "text/plain"}}, 415, None),
        ({"json": {"token": "x"}, "headers": {"Sec-Fetch-Site": "cross-site"}}, 403, None),
        ({"json": {"token": "x"}, "headers": {"Sec-Fetch-Site": "same-site"}}, 403, None),
        ({"json": {"token": "x"}, "headers": {"Origin": "https://evil.example"}}, 403, None),
    ],
)
def test_what_is_no_login_sets_no_cookie(keywords: dict[str, Any], status: int, says: str | None) -> None:
    content = keywords.get("content")
    if content is not None and "headers" not in keywords:
        form = "msgpack" if isinstance(content, bytes) else "json"
        keywords = keywords | {"headers": {"Content-Type": f"application/{form}"}}
    with served() as client:
        response = client.post(LOGIN, **keywords)
        assert response.status_code == status, response.text
        assert says is None or response.json()["detail"] == says
        assert "set-cookie" not in response.headers
        assert status != 401 or response.headers["www-authenticate"] == 'Bearer error="invalid_token"'


def test_a_login_may_be_messagepack() -> None:
    with served() as client:
        content = msgspec.msgpack.encode({"token": secret_of("read")})
        assert client.post(LOGIN, content=content, headers={"Content-Type": "application/msgpack"}).status_code == 200
        assert client.get(MAIN).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (OWN_PAGE, 404),
        ({"X-Requested-With": "a program"}, 404),
        ({"Origin": "https://app.example.org", "Sec-Fetch-Site": "same-site"}, 404),
        ({}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_only_pages_of_this_server_and_of_named_origins_change_anything(headers: dict[str, str], status: int) -> None:
    with served(cors_origins=["https://app.example.org", "*.x"]) as client:
        log_in(client, "admin")
        assert client.get(MAIN, headers=headers).status_code == 200, "reading needs no proof"
        answers = {client.delete(f"{MAIN}/data/none", headers=headers).status_code}
        answers |= {client.post(f"{MAIN}/data/none/derive", json={"new_key": "x"}, headers=headers).status_code}
        assert answers == {status}
        ticket = client.post(f"{MAIN}/events/ticket", headers=headers)
        assert ticket.status_code == (201 if status == 404 else 403)
        if "Origin" not in headers or headers["Origin"] == "https://app.example.org":
            return
        assert client.post(LOGOUT, headers=headers).status_code == 403
        assert client.get(MAIN).status_code == 200, "nobody else logs it out"


def test_pages_of_any_origin_have_no_cookies() -> None:
    with served(cors_origins=["*"]) as client:
        log_in(client, "admin")
        headers = {"Origin": "https://any.example"}
        answer = client.get(MAIN, headers=headers)
        assert "access-control-allow-credentials" not in answer.headers
        assert answer.headers["cross-origin-resource-policy"] == "same-origin", "no page may embed it"
        assert client.delete(f"{MAIN}/data/none", headers=headers).status_code == 403


def test_a_ticket_can_be_had_with_a_cookie() -> None:
    with served() as client:
        log_in(client, "read")
        ticket = client.post(f"{MAIN}/events/ticket", headers=OWN_PAGE).json()["ticket"]
        client.cookies.clear()
        with client.stream("GET", f"{MAIN}/events", params={"ticket": ticket}) as stream:
            assert stream.status_code == 200


def test_no_shared_cache_keeps_what_a_cookie_may_see() -> None:
    with served() as client:
        log_in(client, "read")
        assert client.get(f"{API}/sessions").headers["cache-control"] == "private"
        assert client.get(MAIN).headers["cache-control"] == "no-cache", "it is asked for again each time"
    with served(cookie_auth=False) as client:
        assert "cache-control" not in client.get(f"{API}/sessions", headers=bearer("read")).headers


def test_no_answer_with_a_cookie_is_kept_for_a_retry() -> None:
    with served() as client:
        cookies = {log_in(client, "read", **{"Idempotency-Key": "the same"}).headers["set-cookie"] for _ in range(2)}
        assert len(cookies) == 2
        assert client.post(LOGOUT, headers={"Idempotency-Key": "the same"}).status_code == 204


def test_the_audit_has_logins_and_no_log_has_their_secrets(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with served() as client:
        value = log_in(client, "read").cookies["algomancy_login"]
        client.post(LOGIN, json={"token": "unknown-s3cret"})
        client.post(LOGIN, content=b'{"token": "s3cret', headers={"Content-Type": "application/json"})
        client.delete(f"{MAIN}/data/none", headers=OWN_PAGE)
        client.post(LOGOUT, headers=OWN_PAGE)
    server = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    audit = [record.getMessage().split() for record in server if record.name == "algomancy_api.audit"]
    told = [(line[0], line[1], next(word for word in line if word.startswith("status="))) for line in audit]
    assert told == [
        ('user="read"', 'operation="log_in"', "status=200"),
        ("user=-", 'operation="log_in"', "status=401"),
        ("user=-", 'operation="log_in"', "status=422"),
        ('user="read"', 'operation="delete_dataset"', "status=403"),
        ('user="read"', 'operation="log_out"', "status=204"),
    ]
    logged = "\n".join(json.dumps(vars(record), default=str) for record in server)
    assert [secret for secret in (value, secret_of("read"), "s3cret") if secret in logged] == []


def test_without_the_keyword_there_is_no_login() -> None:
    with served(cookie_auth=False) as client:
        for path in (LOGIN, LOGOUT):
            assert client.post(path, json={"token": secret_of("read")}).status_code == 401
            assert client.post(path, json={"token": secret_of("read")}, headers=bearer("admin")).status_code == 404
        assert client.get(MAIN, headers={"Cookie": "algomancy_login=x"}).json()["detail"].startswith("Requires a token")


def test_cookies_without_tokens_are_refused() -> None:
    with pytest.raises(ValueError, match="cookie_auth requires tokens"):
        ApiLauncher.build(wiring.configuration(cookie_auth=True))
