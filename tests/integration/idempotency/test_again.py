"""A POST that is sent again with its key gets its first answer again, and changes nothing."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import msgspec
import pytest
from starlette.applications import Starlette

from algomancy_api import ApiLauncher, Token

from ...conftest import API, create
from ...support import wiring
from ...support.clients import PATIENCE, calling, ended, eventually, serving
from ...support.databases import Database
from ...support.errors import assert_error
from ..persistence.test_persistence import opened
from .requests import CHANGES, KEY, MAIN, POSTS, add_session, fill, ids, posting

REPLAYED = "idempotency-replayed"

#: Where answers are kept differently.
everywhere = pytest.mark.parametrize("app", ["memory", "sqlite", "postgresql"], indirect=True)

#: Where a test is about what happens before an answer is kept.
in_memory = pytest.mark.parametrize("app", ["memory"], indirect=True)


def content(client: Any) -> Any:
    """What a client can see of the sessions, but for what goes on."""
    names = [each["display_name"] for each in client.get(f"{API}/sessions").json()["sessions"]]
    return {
        name: (client.get(f"{API}/sessions/{name}/data").json(), client.get(f"{API}/sessions/{name}/scenarios").json())
        for name in names
    }


def idle(client: Any) -> None:
    """Wait until nothing is queued or running."""
    url = f"{MAIN}/scenarios"
    eventually(lambda: not {"queued", "processing"} & {each["status"] for each in client.get(url).json()})


@everywhere
@pytest.mark.parametrize("name", POSTS | CHANGES)
def test_the_first_answer_comes_again_and_nothing_changes(client: Any, session: str, name: str) -> None:
    assert session
    fill(client)
    idle(client)
    post = (POSTS | CHANGES)[name]
    first = post(client, KEY)
    assert first.is_success, first.text
    assert REPLAYED not in first.headers
    idle(client)
    before = content(client)
    again = post(client, KEY)
    idle(client)
    assert again.headers.pop(REPLAYED) == "true"
    assert (again.status_code, again.content) == (first.status_code, first.content)
    for header in ("content-type", "x-ignored-fields"):
        assert again.headers.get(header) == first.headers.get(header)
    assert content(client) == before


def test_it_comes_again_after_a_restart(database: Database) -> None:
    with opened(database) as client:
        first = add_session(client, KEY)
    with opened(database) as client:
        again = add_session(client, KEY)
        assert (again.status_code, again.content, again.headers[REPLAYED]) == (201, first.content, "true")


@in_memory
def test_a_key_belongs_to_one_request(client: Any, session: str) -> None:
    assert add_session(client, KEY).status_code == 201
    assert_error(client.post(f"{API}/sessions", json={"display_name": "other"}, headers=KEY), 422, "another request")
    assert_error(client.post(f"{session}/run", json={"display_name": "new"}, headers=KEY), 422, "choose a new key")
    assert_error(client.post(f"{API}/sessions?x", json={"display_name": "new"}, headers=KEY), 422)
    assert len(client.get(f"{API}/sessions").json()["sessions"]) == 2


@in_memory
def test_what_was_refused_may_be_sent_again(client: Any, session: str) -> None:
    post = posting("/scenarios", {"tag": "new", "dataset_key": "later", "algo_name": "Instant"})
    assert_error(post(client, KEY), 404)
    assert client.post(f"{session}/data/items/derive", json={"new_key": "later"}).status_code == 201
    assert post(client, KEY).status_code == 201
    assert post(client, KEY).headers[REPLAYED] == "true"


@in_memory
@pytest.mark.parametrize(
    "headers",
    [
        [("Idempotency-Key", "")],
        [("Idempotency-Key", '""')],
        [("Idempotency-Key", "k" * 256)],
        [("Idempotency-Key", b"\xc3\xa9")],
        [("Idempotency-Key", "one"), ("Idempotency-Key", "two")],
    ],
)
def test_a_malformed_key_is_refused_before_anything_else(client: Any, headers: Any) -> None:
    assert_error(client.post(f"{API}/sessions", json={"display_name": "new"}, headers=headers), 400, "1 to 255")
    assert len(client.get(f"{API}/sessions").json()["sessions"]) == 1


@in_memory
def test_a_key_in_quotes_is_the_same_key(client: Any) -> None:
    add_session(client, {"Idempotency-Key": "k" * 255})
    assert add_session(client, {"Idempotency-Key": f'"{"k" * 255}"'}).headers[REPLAYED] == "true"


@in_memory
def test_the_form_of_the_answer_is_that_of_each_request(client: Any) -> None:
    first = add_session(client, KEY)
    again = add_session(client, KEY | {"accept": "application/msgpack"})
    assert msgspec.msgpack.decode(again.content) == first.json()


@in_memory
def test_a_get_takes_no_key(client: Any) -> None:
    for _ in range(2):
        assert REPLAYED not in client.get(f"{API}/sessions", headers=KEY).headers


def with_tokens(*tokens: Token, **settings: Any) -> Starlette:
    return ApiLauncher.build(wiring.configuration(tokens=list(tokens), **settings))


def of(secret: str) -> dict[str, str]:
    return KEY | {"Authorization": f"Bearer {secret}"}


def test_each_token_has_keys_of_its_own() -> None:
    secrets = {name: name * 40 for name in "ab"}
    app = with_tokens(*(Token(name, secret, access="admin") for name, secret in secrets.items()))
    with calling(app) as client:
        client.declared_only = False  # the document has 401 where there are tokens
        assert add_session(client, of(secrets["a"])).status_code == 201
        assert_error(add_session(client, of(secrets["b"])), 409, "already exists")
        assert add_session(client, of(secrets["a"])).headers[REPLAYED] == "true"
        assert_error(add_session(client, KEY), 401)


@pytest.mark.parametrize("app", ["memory", "sqlite"], indirect=True)
def test_who_wins_is_carried_out_and_the_other_is_told_to_wait(app: Starlette, session: str) -> None:
    assert session
    with (
        serving(app) as url,
        httpx.Client(base_url=url, timeout=PATIENCE) as first,
        httpx.Client(base_url=url, timeout=PATIENCE) as second,
    ):
        form = {"files": ("items.csv", wiring.ITEMS_CSV, "text/csv")}, {"dataset_name": "slow"}

        def post(client: httpx.Client) -> httpx.Response:
            return client.post(f"{MAIN}/etl", files=form[0], data=form[1], headers=KEY)

        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(post, first)
            assert wiring.ETL_STARTED.wait(90)
            told = post(second)
            assert_error(told, 409, "under way")
            assert told.headers["retry-after"] == "1"
            wiring.ETL_RELEASE.set()
            assert answer.result().status_code == 200
        assert (again := post(second)).headers[REPLAYED] == "true"
        assert again.content == answer.result().content


@in_memory
def test_a_client_that_goes_away_leaves_its_key_usable(app: Starlette, session: str) -> None:
    assert session
    with serving(app) as url, httpx.Client(base_url=url, timeout=PATIENCE) as client:
        form = {"files": ("items.csv", wiring.ITEMS_CSV, "text/csv")}, {"dataset_name": "slow"}
        with pytest.raises(httpx.ReadTimeout):
            client.post(f"{MAIN}/etl", files=form[0], data=form[1], headers=KEY, timeout=1)
        wiring.ETL_RELEASE.set()

        def again() -> httpx.Response | None:
            response = client.post(f"{MAIN}/etl", files=form[0], data=form[1], headers=KEY)
            return None if response.status_code == 409 else response

        assert eventually(again).headers[REPLAYED] == "true"
        assert client.get(f"{MAIN}/data").json() == {"keys": ["items", "slow"]}


@pytest.mark.parametrize("app", ["memory", "sqlite"], indirect=True)
def test_of_many_at_once_one_is_carried_out(app: Starlette, session: str) -> None:
    assert session
    barrier = threading.Barrier(8)
    with serving(app) as url:

        def post(_number: int) -> httpx.Response:
            with httpx.Client(base_url=url, timeout=PATIENCE) as client:
                barrier.wait()
                return add_session(client, KEY)

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(post, range(8)))
    first = [each for each in answers if each.status_code == 201 and REPLAYED not in each.headers]
    assert len(first) == 1
    assert {each.status_code for each in answers} <= {201, 409}
    assert {each.content for each in answers if each.status_code == 201} == {first[0].content}


@in_memory
def test_a_cancelled_scenario_is_cancelled_once(client: Any, session: str) -> None:
    blocked = create(client, session, "Blocks", "blocked")
    client.post(f"{session}/scenarios/{blocked}/run")
    assert wiring.STARTED.wait(90)
    first = posting("/scenarios/{blocked}/cancel")(client, KEY)
    wiring.RELEASE.set()
    ended(client, session, blocked)
    again = posting("/scenarios/{blocked}/cancel")(client, KEY)
    assert (again.status_code, again.content) == (202, first.content)
    assert ids(client) == {"blocked": blocked}


def test_a_page_of_another_origin_may_send_the_header_and_read_the_other() -> None:
    app = ApiLauncher.build(wiring.configuration(cors_origins=["https://page.example"]))
    with calling(app) as client:
        origin = {"Origin": "https://page.example"}
        asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "idempotency-key"}
        allowed = client.request("OPTIONS", f"{API}/sessions", headers=origin | asked)
        assert "idempotency-key" in allowed.headers["access-control-allow-headers"].lower()
        exposed = add_session(client, KEY | origin).headers["access-control-expose-headers"]
        assert "Idempotency-Replayed" in exposed.split(", ")


def test_without_a_window_keys_mean_nothing() -> None:
    with calling(ApiLauncher.build(wiring.configuration(idempotency_seconds=0))) as client:
        assert add_session(client, KEY).status_code == 201
        assert_error(add_session(client, KEY), 409, "already exists")
