"""MessagePack beside JSON: every route speaks both, and says the same in both."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from algomancy_api import operation
from algomancy_api.middleware import messagepack
from algomancy_api.middleware.messagepack import MessagePack
from algomancy_api.serialization import messagepack as packing

from ..conftest import API, create
from ..openapi.test_own_routes import extended
from ..support.asgi import Exchange, answering, exchange
from ..support.clients import AppClient

MESSAGEPACK = "application/msgpack"
JSON = "application/json"
ROWS = [{"id": number, "name": "a name"} for number in range(5_000)]

pack, unpack = msgspec.msgpack.encode, msgspec.msgpack.decode


def asked(client: Any, method: str, path: str, **keywords: Any) -> httpx.Response:
    """An answer to a client that wants MessagePack."""
    response: httpx.Response = client.request(method, path, headers={"Accept": MESSAGEPACK}, **keywords)
    return response


def sent(client: Any, path: str, value: Any, media_type: str = MESSAGEPACK) -> httpx.Response:
    """An answer in JSON to a body in MessagePack."""
    response: httpx.Response = client.post(path, content=pack(value), headers={"Content-Type": media_type})
    return response


# Answers -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "{api}/sessions", 200),
        ("GET", "{session}/algorithms", 200),
        ("GET", "{session}/algorithms/Parametrised/parameters", 200),
        ("GET", "{session}/kpis", 200),
        ("GET", "{session}/scenarios", 200),
        ("GET", "{session}/scenarios/{scenario}", 200),
        ("GET", "{session}/scenarios/{scenario}/status", 200),
        ("GET", "{session}/processing", 200),
        ("GET", "{session}/data", 200),
        ("GET", "{session}/data/items", 200),
        ("GET", "{session}/data/items/parameters", 200),
        ("GET", "/health", 200),
        ("GET", "/openapi.json", 200),
        ("GET", "{session}/scenarios/nowhere", 404),
        ("GET", "{session}/data/nothing", 404),
        ("GET", "/nowhere", 404),
        ("PUT", "{api}/sessions", 405),
        ("POST", "{api}/sessions", 422),
        ("DELETE", "{session}/data/items", 409),
        ("POST", "{session}/etl", 422),
    ],
)
def test_every_answer_says_the_same_in_both_forms(
    client: AppClient, session: str, method: str, path: str, status: int
) -> None:
    path = path.format(api=API, session=session, scenario=create(client, session))
    plain, packed = client.request(method, path), asked(client, method, path)
    assert (plain.status_code, plain.headers["content-type"]) == (status, JSON)
    assert (packed.status_code, packed.headers["content-type"]) == (status, MESSAGEPACK)
    assert unpack(packed.content) == plain.json()
    assert plain.headers["vary"] == packed.headers["vary"] == "Accept, Accept-Encoding"
    assert packed.headers.get("allow") == plain.headers.get("allow")


def test_an_answer_without_a_body_has_none(client: AppClient, session: str) -> None:
    response = asked(client, "DELETE", f"{session}/data/items")
    assert (response.status_code, response.content) == (204, b"")
    assert "content-type" not in response.headers


def test_head_says_what_get_would(http: httpx.Client, session: str) -> None:
    create(http, session)
    for path in (f"{session}/scenarios", f"{session}/data/items", "/health"):
        get, head = asked(http, "GET", path), asked(http, "HEAD", path)
        unlike = {"date", "transfer-encoding", "x-request-id"}
        assert get.headers["content-type"] == MESSAGEPACK
        assert {name: value for name, value in head.headers.items() if name not in unlike} == {
            name: value for name, value in get.headers.items() if name not in unlike
        }


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (MESSAGEPACK, MESSAGEPACK),
        ("Application/MsgPack ; q=0.5", MESSAGEPACK),
        ("application/x-msgpack", "application/x-msgpack"),
        ("application/vnd.msgpack, */*", "application/vnd.msgpack"),
        ("application/x-msgpack;q=0.9, application/msgpack", MESSAGEPACK),
        ("application/msgpack, application/json", MESSAGEPACK),
        ("application/msgpack, application/json;q=0.9, */*;q=0.8", MESSAGEPACK),
        ("*/*, application/msgpack", MESSAGEPACK),
        ("application/json, application/msgpack", JSON),
        ("application/json, application/msgpack;q=0.9", JSON),
        ("*/*, application/msgpack;q=0.9", JSON),
        ("application/*, application/msgpack;q=0.9", JSON),
        ("application/json;q=0, */*", MESSAGEPACK),
        ("*/*;q=0.1, Application/JSON; Q=0.0", MESSAGEPACK),
        ("application/json;q=0, application/*", MESSAGEPACK),
        ("application/json;q=0, application/x-msgpack;q=0.5, */*", MESSAGEPACK),
        ("application/json;q=0, application/x-msgpack, */*;q=0.5", "application/x-msgpack"),
        ("application/json;q=0, application/*;q=0, */*", JSON),
        ("application/json;q=0, application/msgpack;q=0, */*", JSON),
        ("application/json;q=0", JSON),
        ("application/json;q=0.1, */*", JSON),
        ("application/json;q=2, */*", JSON),
        ("text/html, application/xml;q=0.9, */*;q=0.8", JSON),
        ("application/msgpack;q=0", JSON),
        ("application/msgpack;q=x", JSON),
        ("application/msgpackage", JSON),
        ("text/html, */*", JSON),
        ("", JSON),
    ],
)
def test_the_client_says_in_which_form(accept: str, media_type: str) -> None:
    answer = exchange(MessagePack(answering(b"{}", content_type=JSON)), {"accept": accept})
    assert answer.headers["content-type"] == media_type
    assert answer.body == (b"{}" if media_type == JSON else b"\x80")


def packed(*pieces: bytes, **answer: Any) -> Exchange:
    """What becomes of an answer on its way to a client that wants MessagePack."""
    return exchange(MessagePack(answering(*pieces, **{"content_type": JSON} | answer)), {"accept": MESSAGEPACK})


def test_an_answer_in_pieces_is_one() -> None:
    document = json.dumps(ROWS).encode()
    answer = packed(document[:1000], document[1000:], b"", vary="Origin", etag='"1"', x_other="1")
    assert unpack(answer.body) == ROWS
    assert len(answer.messages) == 2
    assert answer.headers == {
        "content-type": MESSAGEPACK,
        "content-length": str(len(answer.body)),
        "vary": "Origin, Accept",
        "etag": 'W/"1"',
        "x-other": "1",
    }


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (b"<html>", {"content_type": "text/html"}),
        (b"\x80", {"content_type": MESSAGEPACK}),
        (b'{"a":1}\n{"a":2}', {"content_type": "application/x-ndjson"}),
        (b"{}", {"content_type": ""}),
        (b"{}", {"content_encoding": "gzip"}),
        (b"{", {"content_type": JSON}),
        (b"[" * 100_000 + b"]" * 100_000, {"content_type": JSON}),
        (b"", {"status": 204}),
        (b"[1", {"status": 206}),
    ],
)
def test_what_is_not_json_is_left_as_it_is(body: bytes, answer: dict[str, Any]) -> None:
    plain = exchange(answering(body, **{"content_type": JSON} | answer))
    assert (packed(body, **answer).headers, packed(body, **answer).body) == (plain.headers, plain.body)


def test_an_answer_that_breaks_off_has_not_begun() -> None:
    answer = packed(b'{"a":', error=RuntimeError("no more"))
    assert (str(answer.error), answer.messages) == ("no more", [])


def test_a_large_answer_is_not_turned_on_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: dict[int, int] = {}

    def watched(document: bytes) -> bytes:
        threads[len(document)] = threading.get_ident()
        return packing.packed(document)

    monkeypatch.setattr(messagepack, "packed", watched)
    few, many = b"[]" + b" " * 2**12, b"[]" + b" " * 2**16
    assert (packed(few).body, packed(many).body) == (b"\x90", b"\x90")
    assert threads[len(few)] == threading.get_ident()
    assert threads[len(many)] != threading.get_ident()


# Bodies --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "media_type", [MESSAGEPACK, "application/x-msgpack", "application/vnd.msgpack", "Application/MsgPack; charset=x"]
)
def test_a_body_is_read(client: AppClient, media_type: str) -> None:
    response = sent(client, f"{API}/sessions", {"display_name": "é", "more": b"\xff"}, media_type)
    assert response.status_code == 201, response.text
    assert "é" in [session["display_name"] for session in response.json()["sessions"]]


@pytest.mark.parametrize(
    "value",
    [
        {}, [], 1, None, "a", {"display_name": 1}, {"display_name": ""}, {"display_name": None},
        {"display_name": {"a": [1]}},
    ],
)  # fmt: skip
def test_a_body_follows_the_same_rules(client: AppClient, value: Any) -> None:
    plain = client.post(f"{API}/sessions", content=json.dumps(value), headers={"Content-Type": JSON})
    packed = sent(client, f"{API}/sessions", value)
    assert (plain.status_code, packed.status_code) == (422, 422)
    assert packed.json() == plain.json()


@pytest.mark.parametrize("body", [b"\xc1", b"\x81", b"\xd4\x05\x00", b"{}", b"\xa1\xff", b"\x91" * 100_000 + b"\x01"])
def test_what_is_not_messagepack_is_a_422_that_says_so(client: AppClient, session: str, body: bytes) -> None:
    for path in (f"{API}/sessions", f"{session}/data/from-json"):
        response = client.post(path, content=body, headers={"Content-Type": MESSAGEPACK})
        assert response.status_code == 422
        assert response.json()["detail"].startswith("The body is not valid MessagePack: ")


def test_an_empty_body_is_an_empty_one_of_json(client: AppClient, session: str) -> None:
    for path in (f"{API}/sessions", f"{session}/data/from-json"):
        answers = [client.post(path, content=b"", headers={"Content-Type": kind}) for kind in (JSON, MESSAGEPACK)]
        assert answers[0].status_code == answers[1].status_code >= 400
        assert answers[0].json() == answers[1].json()


def test_a_parameter_has_the_value_that_json_would_give_it(client: AppClient, session: str) -> None:
    scenario = {"dataset_key": "items", "algo_name": "Timed"}
    moment = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    values: list[Any] = [["2026-03-04T05:06:07", "2026-03-04T05:06:07"], [moment, "2026-03-04T05:06:07Z"]]
    for (packed, plain), status in zip(values, (201, 400), strict=True):
        answer = sent(
            client, f"{session}/scenarios", scenario | {"tag": f"packed {status}", "algo_params": {"at": packed}}
        )
        body = scenario | {"tag": f"json {status}", "algo_params": {"at": plain}}
        same = client.post(f"{session}/scenarios", json=body)
        assert (answer.status_code, same.status_code) == (status, status), same.text
    packed, plain = [summary["algorithm"]["parameters"] for summary in client.get(f"{session}/scenarios").json()]
    assert packed == plain
    assert packed["at"] == "2026-03-04T05:06:07"
    assert answer.json() == same.json()
    assert same.json()["detail"].endswith('; got "2026-03-04T05:06:07Z"')


@pytest.mark.parametrize("count", [1, 5_000])
def test_a_dataset_comes_back_as_it_was_sent(client: AppClient, session: str, count: int) -> None:
    document = unpack(asked(client, "GET", f"{session}/data/items").content)
    document["metadata"]["name"] = "another"
    table = document["tables"]["items"]
    table["data"] = [table["data"][0] | {"id": number} for number in range(count)]
    table["index"] = list(range(count))
    assert sent(client, f"{session}/data/from-json", document).status_code == 201
    assert client.get(f"{session}/data/another").json()["tables"] == document["tables"]


def test_a_body_in_pieces_is_one() -> None:
    received: list[Message] = []

    async def app(scope: Scope, receive: Receive, _send: Send) -> None:
        received.extend([await receive(), await receive()])
        assert dict(scope["headers"])[b"content-type"] == b"application/json"
        assert b"content-length" not in dict(scope["headers"])

    data = pack(ROWS)
    headers = {"content-type": MESSAGEPACK, "content-length": str(len(data))}
    assert exchange(MessagePack(app), headers, "POST", [data[:1000], data[1000:], b""]).error is None
    assert [message["type"] for message in received] == ["http.request", "http.disconnect"]
    assert json.loads(received[0]["body"]) == ROWS
    received.clear()
    assert exchange(MessagePack(app), headers, "POST", []).error is None
    assert [message["type"] for message in received] == ["http.disconnect"] * 2


# A host's own routes -------------------------------------------------------------------------------------------------


@operation("Echo", body=dict[str, Any], returns={200: dict[str, Any]}, tags=("notes",))
async def echo(request: Request) -> JSONResponse:
    """What was sent."""
    return JSONResponse(await request.json())


@operation("Fail", returns={200: dict[str, Any]}, tags=("notes",))
async def fail(request: Request) -> JSONResponse:
    """It breaks."""
    raise RuntimeError(request.method)


@operation("Stream", returns={200: list[int]}, tags=("notes",))
async def stream(_request: Request) -> StreamingResponse:
    """In pieces."""
    return StreamingResponse(iter([b"[1,", b"2]"]), media_type=JSON)


@pytest.fixture
def host() -> Iterator[AppClient]:
    routes = [Route("/echo", echo, methods=["POST"]), Route("/fail", fail), Route("/stream", stream)]
    with extended(*routes) as client:
        yield client


def test_the_routes_of_a_host_speak_both(host: AppClient) -> None:
    value = {"a": [1, None, "é"]}
    both = {"Content-Type": MESSAGEPACK, "Accept": MESSAGEPACK}
    assert unpack(host.post(f"{API}/echo", content=pack(value), headers=both).content) == value
    assert unpack(asked(host, "POST", f"{API}/echo", json=value).content) == value
    assert sent(host, f"{API}/echo", value).json() == value
    assert unpack(asked(host, "GET", f"{API}/stream").content) == [1, 2]
    failed = asked(host, "GET", f"{API}/fail")
    assert (failed.status_code, unpack(failed.content)) == (500, {"detail": "Internal server error"})


def test_their_document_says_so(host: AppClient) -> None:
    operation = host.get("/openapi.json").json()["paths"][f"{API}/echo"]["post"]
    for content in (operation["requestBody"]["content"], operation["responses"]["200"]["content"]):
        assert content[JSON] == content[MESSAGEPACK]
