"""The rate limit: 429, how senders are identified, and which requests do not count."""

import logging
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from starlette.applications import Starlette
from starlette.authentication import BaseUser, SimpleUser, UnauthenticatedUser
from starlette.routing import Route

from algomancy_api import ApiLauncher, Limits
from algomancy_api.auth.identity import sender_of
from algomancy_api.middleware import rate_limit

from ..conftest import API
from ..integration.access.test_table import everybodys, own
from ..support import wiring
from ..support.clients import PATIENCE, AppClient, calling, eventually, serving
from ..support.errors import assert_error
from ..support.identities import AUTHENTICATION, TOKENS, bearer, protected
from .test_authorization import OPEN

MOST = 3

LIMITED: dict[str, Any] = {"limits": Limits(requests=MOST)}

PATH = f"{API}/sessions"


def refused(client: AppClient, path: str = PATH, **headers: str) -> httpx.Response:
    """The first answer that tells somebody to wait."""
    for _ in range(1_000):
        response = client.get(path, headers=headers)
        if response.status_code == 429:
            return response
        assert response.status_code == 200
    raise AssertionError("nothing was refused")


def statuses(client: AppClient, method: str, path: str, **headers: str) -> set[int]:
    """What comes of many more requests than anybody may send."""
    return {client.request(method, path, headers=headers).status_code for _ in range(10 * MOST)}


def layers(app: Starlette) -> list[str]:
    """The layers of an app, from the outside in."""
    layer: Any = app.build_middleware_stack()
    found = []
    while layer is not app.router:
        found.append(type(layer).__name__)
        layer = layer.app
    return found


def test_who_asks_too_often_is_told_to_wait_and_is_answered_later() -> None:
    with protected(**LIMITED) as client:
        response = refused(client, **bearer("read"))
        assert_error(response, 429, "More than 3 requests per second; try again later")
        assert response.headers["retry-after"] == "1"
        eventually(lambda: client.get(PATH, headers=bearer("read")).status_code == 200)


def test_however_many_ask_at_once_no_more_are_answered_than_may_be() -> None:
    app = ApiLauncher.build(wiring.configuration(limits=Limits(requests=20)))
    with serving(app) as url, ThreadPoolExecutor(8) as threads, httpx.Client(base_url=url, timeout=PATIENCE) as client:
        begin = time.monotonic()
        answers = Counter(threads.map(lambda _: client.get(PATH).status_code, range(200)))
        elapsed = time.monotonic() - begin
    assert answers.keys() == {200, 429}
    assert 20 <= answers[200] <= 20 * (1 + elapsed) + 1
    app.state.session_manager.shutdown()


@pytest.mark.parametrize("means", AUTHENTICATION)
def test_each_token_has_a_limit_of_its_own(means: str, tmp_path: Path) -> None:
    configured, headers_of = AUTHENTICATION[means]
    with protected(**LIMITED, **{"tokens": (), **configured(tmp_path)}) as client:
        for person in ("read", "write", "read elsewhere", "admin elsewhere"):
            assert client.get(PATH, headers=headers_of(person)).status_code == 200
            refused(client, **headers_of(person))


def test_requests_without_access_do_not_count() -> None:
    with protected(**LIMITED) as client:
        assert statuses(client, "GET", PATH) == {401}
        assert statuses(client, "GET", PATH, Authorization="Bearer nonsense") == {401}
        assert statuses(client, "DELETE", f"{PATH}/main", **bearer("read")) == {403}
        assert client.get(PATH, headers=bearer("read")).status_code == 200


@pytest.mark.parametrize("tokens", [TOKENS, ()])
def test_what_is_open_is_always_answered(tokens: Any) -> None:
    with protected(Route("/own/everybodys", everybodys), **LIMITED, tokens=tokens) as client:
        refused(client, **bearer("read"))
        for path in (*OPEN, f"{API}/own/everybodys"):
            assert statuses(client, "GET", path, **bearer("read")) == {200}
            assert statuses(client, "HEAD", path, **bearer("nobody")) == {200}


def test_a_route_of_a_hosts_own_and_one_that_is_none_are_counted() -> None:
    with protected(Route("/own", own), **LIMITED) as client:
        refused(client, f"{API}/own", **bearer("read"))
        assert statuses(client, "GET", "/nowhere", **bearer("write")) == {404, 429}


def test_without_tokens_each_address_has_a_limit_of_its_own_behind_a_proxy_too() -> None:
    app = ApiLauncher.build(wiring.configuration(**LIMITED, forwarded_allow_ips="*"))
    with calling(app) as client:
        for address in ("192.0.2.1", "192.0.2.2", "2001:db8::1"):
            assert client.get(PATH, headers={"X-Forwarded-For": address}).status_code == 200
            refused(client, **{"X-Forwarded-For": address})
    app.state.session_manager.shutdown()


def test_a_refusal_comes_in_the_form_that_is_accepted_and_pages_can_read_it() -> None:
    page = {"Origin": "https://page.example"}
    with protected(**LIMITED, cors_origins=[page["Origin"]]) as client:
        asked = {"Accept": "application/msgpack"} | page | bearer("read")
        packed = refused(client, **asked)
        assert list(msgspec.msgpack.decode(packed.content)) == ["detail"]
        assert packed.headers["access-control-allow-origin"] == page["Origin"]


def test_a_refused_change_is_in_the_audit_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "algomancy_api.audit")
    with protected(**LIMITED) as client:
        refused(client, **bearer("admin"))
        client.delete(f"{PATH}/main", headers=bearer("admin"))
        assert 'user="admin" operation="delete_session"' in caplog.messages[-1]
        assert "status=429" in caplog.messages[-1]


def test_the_oldest_sender_is_dropped_and_starts_with_a_full_quota(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limit, "_MAX_SENDERS", 2)
    with protected(limits=Limits(requests=1)) as client:
        refused(client, **bearer("read"))
        for other in ("write", "admin"):
            client.get(PATH, headers=bearer(other))
        assert client.get(PATH, headers=bearer("read")).status_code == 200


def test_without_a_limit_all_requests_are_answered() -> None:
    for tokens in (TOKENS, ()):
        counting, other = (
            ApiLauncher.build(wiring.configuration(tokens=tokens, limits=limits))
            for limits in (LIMITED["limits"], Limits())
        )
        expected = layers(other)
        expected.insert(layers(counting).index("RateLimit"), "RateLimit")
        assert layers(counting) == expected
        assert "RateLimit" not in layers(other)
        for app in (counting, other):
            app.state.session_manager.shutdown()


# Senders -------------------------------------------------------------------------------------------------------


class Known(SimpleUser):
    """A user whose name others may have, too."""

    def __init__(self, identity: object, name: str = "x") -> None:
        super().__init__(name)
        self._identity = identity

    @property
    def identity(self) -> Any:
        return self._identity


class Silent(BaseUser):
    """A user that is authenticated and has no name."""

    @property
    def is_authenticated(self) -> bool:
        return True


class Named(Silent):
    """A user with a display name and no identity."""

    def __init__(self, name: str) -> None:
        self._name = name

    @property
    def display_name(self) -> str:
        return self._name


HERE = ("127.0.0.1", 1)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"user": Known(1)}, {"user": Known(2)}),
        ({"user": SimpleUser("x")}, {"user": SimpleUser("y")}),
        ({"user": Named("x")}, {"user": Named("y")}),
        ({"user": Named("127.0.0.1")}, {"client": HERE}),
        ({"user": Named("")}, {"user": Silent()}),
        ({"client": HERE}, {"client": ("127.0.0.2", 1)}),
        ({"client": HERE}, {"client": None}),
    ],
)
def test_senders_are_told_apart(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert sender_of(one) != sender_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"user": Known(1, "x"), "client": HERE}, {"user": Known(1, "y"), "client": ("127.0.0.2", 1)}),
        ({"user": Named("x")}, {"user": Named("x"), "client": HERE}),
        ({"client": HERE}, {"client": ("127.0.0.1", 2), "user": UnauthenticatedUser()}),
        ({"client": None}, {}),
    ],
)
def test_a_sender_is_the_same_however_they_come(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert sender_of(one) == sender_of(other)
