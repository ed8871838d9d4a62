"""The id of a request: in every response, and in each of its log lines."""

import asyncio
import logging
import random
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import anyio
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from algomancy_api import ApiLauncher, Limits, RequestIdFilter
from algomancy_api.live.watched_session import WatchedSession
from algomancy_api.live.watcher import Watcher
from algomancy_api.middleware.request_id import RequestIds

from ..conftest import API, create, default_session, upload_items
from ..support import wiring
from ..support.clients import PATIENCE, AppClient, calling, ended, serving
from ..support.identities import bearer, protected
from ..support.processes import ROOT
from ..test_launcher import called

ID = "x-request-id"
PAGE = "https://page.example"

SAME = JSONResponse({})


async def fail(_request: Request) -> Response:
    raise RuntimeError("on purpose")


async def same(_request: Request) -> Response:
    return SAME


@pytest.fixture
def own() -> Iterator[Starlette]:
    """An app in memory with a route of ours that fails, and one that sends the same answer again and again."""
    app = ApiLauncher.build(
        wiring.configuration(cors_origins=[PAGE]), routes=[Route("/fail", fail), Route("/same", same)]
    )
    yield app
    app.state.session_manager.shutdown()


@pytest.fixture
def client(own: Starlette) -> Iterator[AppClient]:
    with calling(own) as client:
        yield client


def answered(app: Any, headers: list[tuple[bytes, bytes]]) -> str:
    """The one id on the answer to a request with such headers."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    async def ask() -> None:
        await app({"type": "http", "method": "GET", "path": "/", "headers": headers}, receive, send)

    asyncio.run(ask())
    [value] = [value for name, value in sent[0]["headers"] if name == b"x-request-id"]
    return bytes(value).decode()


START: Message = {"type": "http.response.start", "status": 200}


async def answering(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send(START)  # the very same for each request
    await send({"type": "http.response.body"})


def test_every_answer_has_an_id_of_its_own(own: Starlette) -> None:
    asked = [
        ("GET", "/health", {}, 200),
        ("HEAD", "/health", {}, 200),
        ("GET", f"{API}/sessions/main/scenarios", {"If-None-Match": "*"}, 304),
        ("GET", "/docs", {}, 200),
        ("GET", "/nowhere", {}, 404),
        ("PUT", "/health", {}, 405),
        ("GET", f"{API}/sessions/", {}, 307),
        ("POST", f"{API}/sessions", {}, 422),
        ("GET", f"{API}/fail", {}, 500),
        ("OPTIONS", "/health", {"Origin": PAGE, "Access-Control-Request-Method": "GET"}, 200),
        ("OPTIONS", "/health", {"Origin": "https://x.example", "Access-Control-Request-Method": "GET"}, 400),
        ("GET", f"{API}/sessions/main/data/items", {"Accept-Encoding": "zstd"}, 200),
        ("GET", f"{API}/sessions", {"Accept": "application/msgpack"}, 200),
    ]
    with serving(own) as url, httpx.Client(base_url=url, timeout=PATIENCE) as client:
        upload_items(client, f"{API}/sessions/main")
        answers = [client.request(method, path, headers=headers) for method, path, headers, _ in asked]
    assert [answer.status_code for answer in answers] == [status for *_, status in asked]
    ids = [answer.headers.get_list(ID) for answer in answers]
    assert [len(found) for found in ids] == [1] * len(ids)
    assert len({found[0] for found in ids}) == len(ids)


def test_what_is_refused_before_it_gets_anywhere_has_one_too() -> None:
    limits = Limits(url=200, headers=1000, body=100)
    asked: list[tuple[int, str, dict[str, Any]]] = [
        (400, "/health", {"headers": {"Host": "other.example"}}),
        (414, f"/{'x' * 300}", {}),
        (431, "/health", {"headers": {"X-Long": "x" * 2000}}),
        (413, f"{API}/sessions", {"json": {"display_name": "x" * 200}, "headers": bearer("admin")}),
        (401, f"{API}/sessions", {}),
        (403, f"{API}/sessions", {"headers": bearer("read")}),
        (200, f"{API}/sessions", {"headers": {"Origin": PAGE, "Access-Control-Request-Method": "GET"}}),
    ]
    with protected(limits=limits, allowed_hosts=["test"], cors_origins=[PAGE]) as client:
        for status, path, request in asked:
            request["headers"] = {"Host": "test", ID: f"for-{status}"} | request.get("headers", {})
            method = "OPTIONS" if "Origin" in request["headers"] else "POST"
            answer = client.request(method, path, **request)
            assert (answer.status_code, answer.headers.get_list(ID)) == (status, [f"for-{status}"])


@pytest.mark.parametrize(
    "own_id", ["a", "0b7ff1f4-5d0c-4b8e-9d0a-6a3f0c1c2a58", "Root=1-67:8;a,b@c/d+e~f.g_h", "x" * 128]
)
def test_a_client_may_name_its_request(client: AppClient, own_id: str) -> None:
    for path in ("/health", "/nowhere", f"{API}/fail"):
        assert client.get(path, headers={ID: own_id}).headers[ID] == own_id


@given(st.binary(max_size=140))
def test_a_name_that_is_no_word_is_replaced(name: bytes) -> None:
    is_word = 0 < len(name) <= 128 and all(chr(byte).isalnum() or chr(byte) in "_.~+/=:;,@-" for byte in name)
    given_id = answered(RequestIds(answering), [(b"x-request-id", name)])
    assert given_id.isascii()
    assert given_id.isprintable()
    assert 0 < len(given_id) <= 128
    assert (given_id.encode() == name) == (is_word and name.isascii())


def test_an_answer_that_is_sent_again_has_one_id_each_time(client: AppClient) -> None:
    answers = [client.get(f"{API}/same") for _ in range(3)]
    assert [len(answer.headers.get_list(ID)) for answer in answers] == [1, 1, 1]
    assert len({answer.headers[ID] for answer in answers}) == 3


def test_two_apps_do_not_give_the_same_id() -> None:
    assert answered(RequestIds(answering), []) != answered(RequestIds(answering), [])


def test_an_id_tells_nothing_of_the_requests_before_it() -> None:
    """Neither how many there were nor which ids they had: no place in it is the same for all, or goes up."""
    app = RequestIds(answering)
    ids = []
    for _ in range(300):
        random.seed(1)
        ids.append(answered(app, []))
    places = list(zip(*ids, strict=True))
    assert len(places) >= 22, "so many places of 16 values each cannot be guessed"
    assert [place for place in places if len(set(place)) < 16] == []
    assert [place for place in places if list(place) in (sorted(place), sorted(place, reverse=True))] == []


FORKING = """
import os, sys
from algomancy_api.middleware.request_id import RequestIds
from tests.middleware.test_request_id import answered, answering

app = RequestIds(answering)
answered(app, [])
child = os.fork()
os.write(1, "".join(f"{answered(app, [])} " for _ in range(20)).encode())
if child:
    os.waitpid(child, 0)
"""


def test_processes_of_one_fork_do_not_give_the_same_id() -> None:
    ran = subprocess.run([sys.executable, "-c", FORKING], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    ids = ran.stdout.split()
    assert (len(ids), len(set(ids))) == (40, 40)


@pytest.mark.parametrize("origins", [[PAGE], ["*"]])
def test_a_page_can_read_it(origins: list[str]) -> None:
    with called(cors_origins=origins) as client:
        exposed = client.get("/health", headers={"Origin": PAGE}).headers["access-control-expose-headers"]
    assert ID in exposed.lower().split(", ")


@pytest.mark.parametrize("kind", ["lifespan", "websocket"])
def test_what_is_no_request_has_none(kind: str) -> None:
    seen: list[Any] = []

    async def app(*arguments: Any) -> None:
        seen.extend(arguments)

    sent: Any = ({"type": kind}, object(), object())
    asyncio.run(RequestIds(app)(*sent))
    assert seen == list(sent)


# In the log ----------------------------------------------------------------------------------------------------


@pytest.fixture
def records() -> Iterator[list[tuple[str, str]]]:
    """The messages that are logged, each with the id of its request."""
    seen: list[tuple[str, str]] = []

    class Handler(logging.Handler):
        def emit(self, record: Any) -> None:
            seen.append((record.getMessage(), record.request_id))

    handler = Handler()
    handler.addFilter(RequestIdFilter())
    logger = logging.getLogger("algomancy_api")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield seen
    logger.removeHandler(handler)
    logger.setLevel(before)


def ids_of(records: list[tuple[str, str]], text: str) -> set[str]:
    found = {request_id for message, request_id in records if text in message}
    assert found, f"nothing was logged of {text!r}"
    return found


def test_the_line_and_the_traceback_of_a_failure_have_it(client: AppClient, records: list[tuple[str, str]]) -> None:
    client.get(f"{API}/fail", headers={ID: "mine"})
    assert records[-2:] == [(f"GET {API}/fail", "mine"), (records[-1][0], "mine")]
    assert records[-1][0].startswith(f"GET {API}/fail 500 ")


def test_lines_of_its_worker_threads_have_it(client: AppClient, records: list[tuple[str, str]]) -> None:
    session = default_session(client)
    files = {"files": ("items.csv", wiring.ITEMS_CSV, "text/csv")}
    client.post(f"{session}/etl", data={"dataset_name": "items"}, files=files, headers={ID: "long"})
    assert ids_of(records, "ETL job completed") == {"long"}  # on one of the few threads for long work
    body = {"tag": "mine", "dataset_key": "items", "algo_name": "Instant"}
    created = client.post(f"{session}/scenarios", json=body, headers={ID: "short"})
    assert ids_of(records, "'mine'") >= {"short"}  # on one of the many
    client.post(f"{session}/scenarios/{created.json()['id']}/run", headers={ID: "run"})
    ended(client, session, created.json()["id"])
    assert ids_of(records, "Processing scenario 'mine'") == {"-"}, "a run is nobody's request"


def test_requests_at_the_same_time_do_not_share_it(own: Starlette, records: list[tuple[str, str]]) -> None:
    async def many() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(own), base_url="http://test") as client:
            asked = (client.get(f"/unknown/{number}", headers={ID: f"n{number}"}) for number in range(50))
            answers = await asyncio.gather(*asked)
        assert [answer.headers[ID] for answer in answers] == [f"n{number}" for number in range(50)]

    asyncio.run(many())
    for number in range(50):
        assert ids_of(records, f"/unknown/{number} ") == {f"n{number}"}


def test_those_who_go_to_a_thread_together_do_not_share_it(own: Starlette, records: list[tuple[str, str]]) -> None:
    tags = [f"tag {number}" for number in range(20)]

    async def many() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(own), base_url="http://test") as client:
            files = {"files": ("items.csv", wiring.ITEMS_CSV, "text/csv")}
            await client.post(f"{API}/sessions/main/etl", data={"dataset_name": "items"}, files=files)
            bodies = ({"tag": tag, "dataset_key": "items", "algo_name": "Instant"} for tag in tags)
            asked = (
                client.post(f"{API}/sessions/main/scenarios", json=body, headers={ID: body["tag"].replace(" ", "-")})
                for body in bodies
            )
            assert {answer.status_code for answer in await asyncio.gather(*asked)} == {201}

    asyncio.run(many())
    for tag in tags:
        assert ids_of(records, f"'{tag}'") == {tag.replace(" ", "-")}


def test_a_look_for_all_who_watch_is_nobodys_request(
    own: Starlette, records: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    watcher = Watcher()
    looked = anyio.Event()

    def fail_to_look(_watched: WatchedSession) -> None:
        looked.set()
        raise RuntimeError("on purpose")

    async def watching(scope: Scope, receive: Receive, send: Send) -> None:
        manager = own.state.session_manager.get_scenario_manager(own.state.session_manager.start_session_id)
        with watcher.session(manager, lambda: False):
            monkeypatch.setattr(WatchedSession, "look", fail_to_look)
            await looked.wait()
        await answering(scope, receive, send)

    assert answered(RequestIds(watching), [(b"x-request-id", b"first")]) == "first"
    assert ids_of(records, "watched scenario cannot be read") == {"-"}


def test_a_session_that_a_request_makes_is_not_marked_by_it(client: AppClient, records: list[tuple[str, str]]) -> None:
    client.post(f"{API}/sessions", json={"display_name": "other"}, headers={ID: "maker"})
    session = f"{API}/sessions/other"
    upload_items(client, session)
    scenario_id = create(client, session, tag="later")
    client.post(f"{session}/scenarios/{scenario_id}/run")
    ended(client, session, scenario_id)
    assert ids_of(records, "Processing scenario 'later'") == {"-"}
