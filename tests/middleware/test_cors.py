"""Which pages may read a response and its headers, which may embed it, and nosniff."""

import json
from collections.abc import Iterator
from functools import partial

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from algomancy_api import ApiLauncher, Limits
from algomancy_api.openapi.document import openapi_folder
from algomancy_api.server.http_protocol import BoundedProtocol

from ..conftest import API, create, upload_items
from ..integration.wire.raw_client import Conversation
from ..support import wiring
from ..support.clients import PATIENCE, serving
from ..support.identities import TOKENS, NamedInHeader
from ..test_launcher import called

PAGE = "https://page.example"
SNIFFING, POLICY = "x-content-type-options", "cross-origin-resource-policy"
MESSAGEPACK = "application/msgpack"


async def fail(_request: Request) -> Response:
    raise RuntimeError("on purpose")


async def shared(_request: Request) -> Response:
    return Response(b"a picture", headers={POLICY: "cross-origin", SNIFFING: "of its own"})


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    """A client of a real server, whose app is for one page and has two routes of a host's."""
    routes = [Route("/fail", fail), Route("/shared", shared)]
    app = ApiLauncher.build(wiring.configuration(cors_origins=[PAGE], limits=Limits(url=500)), routes=routes)
    protocol = partial(BoundedProtocol, limits=app.state.config.limits)
    with serving(app, http=protocol) as url, httpx.Client(base_url=url, timeout=PATIENCE) as client:
        upload_items(client, f"{API}/sessions/main")
        create(client, f"{API}/sessions/main")
        yield client
    app.state.session_manager.shutdown()


def protections(answer: httpx.Response) -> dict[str, list[str]]:
    return {name: answer.headers.get_list(name) for name in (SNIFFING, POLICY)}


PROTECTED = {SNIFFING: ["nosniff"], POLICY: ["same-origin"]}


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/health", {}, 200),
        ("HEAD", "/health", {}, 200),
        ("GET", f"{API}/sessions", {"Accept": MESSAGEPACK}, 200),
        ("GET", f"{API}/sessions/main/data/items", {"Accept-Encoding": "zstd"}, 200),
        ("GET", f"{API}/sessions/main/data/items", {"Accept": MESSAGEPACK}, 200),
        ("GET", f"{API}/sessions/main/scenarios", {"If-None-Match": "*"}, 304),
        ("GET", f"{API}/sessions/", {}, 307),
        ("POST", f"{API}/sessions", {}, 422),
        ("POST", f"{API}/sessions", {"Content-Type": "text/plain"}, 415),
        ("GET", "/nowhere", {}, 404),
        ("GET", "/nowhere", {"Accept": MESSAGEPACK}, 404),
        ("PUT", "/health", {}, 405),
        ("GET", f"/{'x' * 600}", {}, 414),
        ("GET", f"{API}/fail", {}, 500),
        ("OPTIONS", "/health", {"Origin": PAGE, "Access-Control-Request-Method": "GET"}, 200),
        ("OPTIONS", "/health", {"Origin": "https://x.example", "Access-Control-Request-Method": "GET"}, 400),
        ("GET", "/docs", {}, 200),
        ("GET", "/docs/page/start.js", {}, 200),
        ("GET", "/openapi.json", {}, 200),
    ],
)
def test_every_answer_is_of_its_type_and_in_no_page_of_another_origin(
    http: httpx.Client, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    answer = http.request(method, path, headers=headers)
    assert (answer.status_code, protections(answer)) == (status, PROTECTED)


def test_streams_and_responses_without_a_body_have_the_headers(http: httpx.Client) -> None:
    with http.stream("GET", f"{API}/sessions/main/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert protections(stream) == PROTECTED
    upload_items(http, f"{API}/sessions/main", "gone")
    gone = http.delete(f"{API}/sessions/main/data/gone")
    assert (gone.status_code, protections(gone)) == (204, PROTECTED)


def test_refusals_of_the_server_have_the_headers(http: httpx.Client) -> None:
    with Conversation(http.base_url.port or 0) as conversation:
        conversation.send(b"nonsense\r\n\r\n")
        [answer] = conversation.answers()
    assert (answer.status, answer.headers[SNIFFING], answer.headers[POLICY]) == (400, "nosniff", "same-origin")


def test_a_host_may_set_its_own_headers(http: httpx.Client) -> None:
    assert protections(http.get(f"{API}/shared")) == {SNIFFING: ["of its own"], POLICY: ["cross-origin"]}


@pytest.mark.parametrize(
    ("configured", "policy"),
    [
        ({}, "same-origin"),
        ({"cors_origins": [PAGE]}, "same-origin"),
        ({"cors_origins": ["*"]}, "cross-origin"),
        ({"cors_origins": [PAGE, "*"], "tokens": TOKENS}, "cross-origin"),
        ({"cors_origins": ["*"], "authentication": NamedInHeader()}, "same-origin"),
    ],
)
def test_pages_of_everybody_may_embed_what_they_may_read(configured: dict[str, object], policy: str) -> None:
    """A host's backend may go by cookies, which a browser sends for what is embedded, and not to a CORS of ``*``."""
    with called(**configured) as client:
        answer = client.get("/health", headers={"Origin": PAGE})
        assert ("access-control-allow-origin" in answer.headers) == ("cors_origins" in configured)
        assert protections(answer) == {SNIFFING: ["nosniff"], POLICY: [policy]}


def test_a_page_may_read_every_header_that_a_client_needs(http: httpx.Client) -> None:
    document = json.loads((openapi_folder() / "openapi.json").read_bytes())
    declared = {
        name.lower()
        for item in document["paths"].values()
        for operation in item.values()
        for response in operation["responses"].values()
        for name in response.get("headers", ())
    }
    answer = http.get("/health", headers={"Origin": PAGE})
    exposed = set(answer.headers["access-control-expose-headers"].lower().split(", "))
    declared.remove("set-cookie")  # which no script may read, whatever a server says
    assert exposed >= declared | {"allow", "location", "www-authenticate", "x-ignored-fields", "x-request-id"}
    assert exposed >= {"etag", "retry-after", "preference-applied"}
