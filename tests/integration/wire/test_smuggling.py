"""Request smuggling: bytes that one HTTP parser reads as one request, and another as two.

The body of a request that passed a proxy must never become a second request here: it would bypass the rules of the
proxy, and its response would go to the next client.
"""

from functools import partial

import httpx
import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from algomancy_api import Limits
from algomancy_api.server.http_protocol import BoundedProtocol

from ...support.clients import serving
from .raw_client import HEALTH, Conversation, Server, creation

HIDDEN = creation("smuggled")

ENDED = b"0\r\n\r\n" + HIDDEN

#: By what is unclear about a request's end: its headers, and all that follows them.
AMBIGUOUS = {
    "a length and chunks": (["Content-Length: 5", "Transfer-Encoding: chunked"], ENDED),
    "chunks and a length": (["Transfer-Encoding: chunked", "Content-Length: 5"], ENDED),
    "two lengths": (["Content-Length: 0", f"Content-Length: {len(HIDDEN)}"], HIDDEN),
    "one length twice": (["Content-Length: 0", "Content-Length: 0"], HIDDEN),
    "a list of lengths": ([f"Content-Length: 0, {len(HIDDEN)}"], HIDDEN),
    "a length with a sign": (["Content-Length: +0"], HIDDEN),
    "a length below zero": (["Content-Length: -1"], HIDDEN),
    "a length in hexadecimal": (["Content-Length: 0x0"], HIDDEN),
    "a length in two words": (["Content-Length: 0 0"], HIDDEN),
    "a length beyond all numbers": (["Content-Length: 18446744073709551616"], HIDDEN),
    "almost chunks": (["Transfer-Encoding: xchunked"], ENDED),
    "chunks within another coding": (["Transfer-Encoding: chunked, identity"], ENDED),
    "chunks twice": (["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], ENDED),
    "no coding": (["Transfer-Encoding: identity"], ENDED),
    "an empty coding": (["Transfer-Encoding:"], ENDED),
    "an empty coding and a length": (["Transfer-Encoding:", "Content-Length: 0"], HIDDEN),
    "chunks in quotes": (['Transfer-Encoding: "chunked"'], ENDED),
    "chunks behind a vertical tab": (["Transfer-Encoding: \x0bchunked"], ENDED),
    "chunks on a line of their own": (["Transfer-Encoding:", " chunked"], ENDED),
    "a header on two lines": (["Content-Length: 0", "X: y", " z"], HIDDEN),
    "a space before a colon": (["Content-Length : 0"], HIDDEN),
    "a space before the name": ([" Content-Length: 0"], HIDDEN),
    "a line feed alone in a header": (["X: y\nContent-Length: 0"], HIDDEN),
    "a carriage return alone in a header": (["X: y\rContent-Length: 0"], HIDDEN),
    "a chunk beyond all numbers": (["Transfer-Encoding: chunked"], b"10000000000000000\r\n\r\n" + HIDDEN),
    "a chunk below zero": (["Transfer-Encoding: chunked"], b"-1\r\n" + ENDED),
    "a chunk with a prefix": (["Transfer-Encoding: chunked"], b"0x0\r\n\r\n" + HIDDEN),
    "a chunk with a space": (["Transfer-Encoding: chunked"], b"0 \r\n\r\n" + HIDDEN),
    "a chunk of no number": (["Transfer-Encoding: chunked"], b"zero\r\n\r\n" + HIDDEN),
    "a chunk without a size": (["Transfer-Encoding: chunked"], b"\r\n\r\n" + HIDDEN),
    "a chunk longer than its size": (["Transfer-Encoding: chunked"], b"1\r\nab" + ENDED),
    "a chunk behind a line feed": (["Transfer-Encoding: chunked"], b"0\n\n" + HIDDEN),
    "an extension behind a line feed": (["Transfer-Encoding: chunked"], b"1;\n" + ENDED),
}


@pytest.mark.parametrize(("headers", "rest"), AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_what_has_no_clear_end_is_refused_and_nothing_behind_it_is_read(
    server: Server, headers: list[str], rest: bytes
) -> None:
    with server.unharmed():
        [answer] = server.ask(creation("first", *headers, body=rest))
    assert answer.status == 400
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize(
    "last",
    [
        b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /health HTTP/1.0\r\n\r\n",
    ],
)
def test_nothing_is_read_behind_the_last_request_of_a_connection(server: Server, last: bytes) -> None:
    with server.unharmed():
        answers = server.ask(last + HIDDEN)
    assert [answer.status for answer in answers] == [200]


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
def test_a_body_where_none_is_wanted_is_no_request(server: Server, method: str) -> None:
    head = f"{method} /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: {len(HIDDEN)}\r\n\r\n"
    with server.unharmed(), server.talk() as conversation:
        conversation.send(head.encode() + HIDDEN + HEALTH.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        received = conversation.everything()
    assert received.count(b"HTTP/1.1 404 ") == 1
    assert received.count(b"HTTP/1.1 200 ") == 1


async def names_of_headers(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer which headers the request has, once all of its body is there."""
    while (await receive())["more_body"]:
        pass
    await Response(b" ".join(name for name, _ in scope["headers"]))(scope, receive, send)


def test_headers_behind_a_body_are_none_of_the_request() -> None:
    late = b"0\r\nAuthorization: Bearer late\r\nHost: evil.example\r\n\r\n"
    with (
        serving(names_of_headers, http=partial(BoundedProtocol, limits=Limits())) as url,
        Conversation(httpx.URL(url).port or 0) as conversation,
    ):
        conversation.send(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n" + late)
        assert conversation.answer().body == b"host transfer-encoding"
        conversation.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert conversation.answer().body == b"host"
