"""HEAD: the headers of GET, and no body for the server to send."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from algomancy_api import ApiLauncher
from algomancy_api.middleware.head import Head

from ..conftest import API, create, upload_items
from ..support import wiring
from ..support.asgi import Exchange, answering, exchange
from ..support.clients import calling

SESSION = f"{API}/sessions/main"


async def text(_request: Request) -> Response:
    return Response("x" * 5_000, media_type="text/plain")


async def streamed(_request: Request) -> Response:
    return StreamingResponse(iter([b"x" * 5_000, b"y" * 5_000]), media_type="text/plain")


async def file(_request: Request) -> Response:
    return FileResponse(__file__)


@pytest.fixture(scope="module")
def api() -> Iterator[Starlette]:
    """An app with a dataset, scenarios, and three routes of a host's."""
    hosts = [Route("/own/text", text), Route("/own/streamed", streamed), Route("/own/file", file)]
    app = ApiLauncher.build(wiring.configuration(), routes=hosts)
    with calling(app) as client:
        upload_items(client, SESSION)
        for number in range(20):
            create(client, SESSION, tag=f"run {number} {'x' * 20_000}")
    yield app
    app.state.session_manager.shutdown()


def asked(app: Starlette, method: str, path: str, headers: dict[str, str]) -> Exchange:
    """What the app gave its server for a request."""
    sent = Exchange()

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        async def watched_send(message: Message) -> None:
            sent.messages.append(message)
            await send(message)

        await app(scope, receive, watched_send)

    with calling(watched) as client:
        client.declared_only = False
        client.request(method, path, headers=headers)
    return sent


def own_headers(answer: Exchange) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name != "x-request-id"}


@pytest.mark.parametrize("coding", ["identity", "gzip", "zstd"])
@pytest.mark.parametrize("accept", ["application/json", "application/msgpack"])
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/health",
        "/docs",
        "/docs/page/start.js",
        "/openapi.json",
        f"{API}/sessions",
        f"{API}/sessions/",
        f"{SESSION}/scenarios",  # 400 kB
        f"{SESSION}/data/items",
        f"{SESSION}/processing",
        f"{API}/nowhere",
        f"{API}/own/text",
        f"{API}/own/streamed",
        f"{API}/own/file",
        f"/{'x' * 10_000}",
    ],
)
def test_head_has_the_headers_of_get_and_no_body(api: Starlette, path: str, accept: str, coding: str) -> None:
    headers = {"Accept": accept, "Accept-Encoding": coding}
    get, head = asked(api, "GET", path, headers), asked(api, "HEAD", path, headers)
    assert head.status == get.status
    assert get.body or get.status == 307
    assert head.body == b""
    assert head.messages[-1]["type"] == "http.response.body"
    assert not head.messages[-1].get("more_body", False)
    expected = own_headers(get)
    if path.endswith("/file") and "content-encoding" in expected:
        del expected["content-length"]  # Starlette reads no file for HEAD, so nobody knows its size compressed
    assert own_headers(head) == expected


def test_files_are_withheld_too() -> None:
    messages: list[dict[str, Any]] = [
        {"type": "http.response.start", "status": 200, "headers": []},
        {"type": "http.response.zerocopysend", "file": 0, "more_body": True},
        {"type": "http.response.pathsend", "path": __file__},
    ]

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    sent = exchange(Head(app), method="HEAD").messages
    assert sent[1:] == [{"type": "http.response.body", "body": b"", "more_body": more} for more in (True, False)]


def test_everything_else_passes_unchanged() -> None:
    app = answering(b"a", b"b")
    assert exchange(Head(app)).messages == exchange(app).messages
    seen: list[Any] = []

    async def watching(*arguments: Any) -> None:
        seen.extend(arguments)

    sent: Any = ({"type": "lifespan"}, object(), object())
    asyncio.run(Head(watching)(*sent))
    assert seen == list(sent)
