"""Compression of large responses: the chunks that are sent, and the thread that compresses."""

import gzip
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable
from compression import zstd
from typing import Any

import brotli
import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from algomancy_api.middleware import content_encoding
from algomancy_api.middleware.content_encoding import ContentEncoding

from ..conftest import create
from ..support.asgi import Exchange, answering, exchange
from ..test_launcher import called

TEXT = b'{"id": 1, "name": "a name"}' * 1_000
JSON = "application/json"

#: How to read as much as there is of a stream.
READERS: dict[str, Callable[[], Callable[[bytes], bytes]]] = {
    "zstd": lambda: zstd.ZstdDecompressor().decompress,
    "br": lambda: brotli.Decompressor().process,
    "gzip": lambda: zlib.decompressobj(31).decompress,
}
DECOMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "zstd": zstd.decompress,
    "br": brotli.decompress,
    "gzip": gzip.decompress,
}
CODINGS = pytest.mark.parametrize("coding", READERS)


def compressed(*pieces: bytes, accept: str = "gzip", **answer: Any) -> Exchange:
    """What becomes of an answer on its way to a client."""
    answer = {"content_type": JSON} | answer
    return exchange(ContentEncoding(answering(*pieces, **answer)), {"accept-encoding": accept})


def read(answer: Exchange) -> bytes:
    """An answer's body, which must be complete."""
    return DECOMPRESS[answer.headers["content-encoding"]](answer.body)


def untouched(*pieces: bytes, **answer: Any) -> bool:
    """Whether a client gets an answer as it was."""
    plain = exchange(answering(*pieces, **{"content_type": JSON} | answer))
    return compressed(*pieces, **answer).messages == plain.messages


@CODINGS
def test_a_large_answer_is_compressed(coding: str) -> None:
    answer = compressed(TEXT, accept=coding, content_length=str(len(TEXT)), x_other="1")
    assert read(answer) == TEXT
    assert len(answer.messages) == 2
    assert len(answer.body) < len(TEXT) / 10
    assert answer.headers == {
        "content-type": JSON,
        "x-other": "1",
        "content-encoding": coding,
        "content-length": str(len(answer.body)),
        "vary": "Accept-Encoding",
    }


@CODINGS
def test_each_piece_of_a_stream_can_be_read_when_it_arrives(coding: str) -> None:
    pieces = [b"a", b"", TEXT, b"b" * 5]
    answer = compressed(*pieces, accept=coding, content_length=str(sum(map(len, pieces))))
    reader = READERS[coding]()
    assert [reader(piece) for piece in answer.pieces] == pieces
    assert read(answer) == b"".join(pieces)
    assert [message["more_body"] for message in answer.messages[1:]] == [True] * 3 + [False]
    assert "content-length" not in answer.headers


@pytest.mark.parametrize(
    ("accept", "coding"),
    [
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, deflate, br", "br"),
        ("gzip, deflate", "gzip"),
        ("GZIP ; q=0.5", "gzip"),
        ("gzip;q=1.0, br;q=0.9, zstd;q=0.8", "gzip"),
        ("br;q=0.001, gzip;q=0", "br"),
        ("*", "gzip"),
        ("gzip, *", "gzip"),
        ("*, br", "br"),
        ("*, zstd, br", "zstd"),
        ("br;q=0.5, *", "gzip"),
        ("zstd;q=0, *;q=0.5", "gzip"),
        ("gzip;q=0, *", None),
        ("gzip;q=0.5, *", "gzip"),
        ("identity, *;q=0.5", None),
        ("br;q=2, *", "gzip"),
        ("identity;q=0.5, gzip", "gzip"),
        ("identity, gzip", "gzip"),
        ("", None),
        ("deflate", None),
        ("identity", None),
        ("identity;q=1, gzip;q=0.5", None),
        ("gzip;q=0", None),
        ("gzip;q=2", None),
        ("gzip;q=nan", None),
        ("*;q=0", None),
        (";;,,=;q=", None),
    ],
)
def test_the_client_says_by_which_coding(accept: str, coding: str | None) -> None:
    assert compressed(TEXT, accept=accept).headers.get("content-encoding") == coding


def test_a_client_that_says_nothing_gets_it_as_it_is() -> None:
    app = answering(TEXT, content_type=JSON)
    assert exchange(ContentEncoding(app)).messages == exchange(app).messages


@pytest.mark.parametrize(("size", "is_small"), [(0, True), (1023, True), (1024, False)])
def test_a_small_answer_is_not_compressed(size: int, is_small: bool) -> None:
    assert untouched(TEXT[:size]) is is_small
    assert untouched(TEXT[:size], content_length=str(size)) is is_small
    # As a host's middleware may send it.
    assert untouched(TEXT[:size], b"", content_length=str(size)) is is_small


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json; charset=utf-8", "application/msgpack", "application/x-msgpack", "application/problem+json",
        "text/html; charset=utf-8", "text/css", "text/javascript", "image/svg+xml", "Application/JSON",
    ],
)  # fmt: skip
def test_what_gains_is_compressed(content_type: str) -> None:
    assert read(compressed(TEXT, content_type=content_type)) == TEXT


@pytest.mark.parametrize(
    "answer",
    [
        {"content_type": "text/event-stream"},
        {"content_type": "text/event-stream; charset=utf-8"},
        {"content_type": "image/png"},
        {"content_type": "application/octet-stream"},
        {"content_type": ""},
        {"content_encoding": "br"},
        {"cache_control": "private, No-Transform"},
        {"status": 204},
        {"status": 206, "content_range": "bytes 0-26999/30000"},
    ],
)
def test_what_does_not_is_left_as_it_is(answer: dict[str, Any]) -> None:
    assert untouched(TEXT, **answer)
    assert untouched(TEXT, TEXT, **answer)


@pytest.mark.parametrize(("vary", "then"), [("Origin", "Origin, Accept-Encoding"), ("accept-encoding", None)])
def test_what_an_answer_varies_by_is_added_to(vary: str, then: str | None) -> None:
    assert compressed(TEXT, vary=vary).headers["vary"] == (then or vary)


@pytest.mark.parametrize("etag", ['"1"', 'W/"1"'])
def test_a_tag_is_weak_where_the_bytes_may_differ(etag: str) -> None:
    assert compressed(TEXT, etag=etag, accept_ranges="bytes").headers == {
        "content-type": JSON, "etag": 'W/"1"', "content-encoding": "gzip", "vary": "Accept-Encoding",
        "content-length": str(len(compressed(TEXT).body)),
    }  # fmt: skip
    unchanged = compressed(b"", status=304, etag=etag)
    assert (unchanged.headers["etag"], unchanged.headers["vary"], unchanged.body) == ('W/"1"', "Accept-Encoding", b"")
    assert compressed(TEXT[:100], etag=etag).headers["etag"] == etag


def test_a_stream_that_breaks_off_has_no_end() -> None:
    answer = compressed(TEXT, b"more", error=RuntimeError("no more"))
    assert str(answer.error) == "no more"
    assert READERS["gzip"]()(answer.body) == TEXT + b"more"
    assert [message["more_body"] for message in answer.messages[1:]] == [True, True]


def test_an_answer_that_breaks_off_before_its_first_bytes_has_not_begun() -> None:
    answer = compressed(error=RuntimeError("no answer"))
    assert (str(answer.error), answer.messages) == ("no answer", [])


def test_a_client_that_is_gone_ends_the_answer() -> None:
    sent: list[Message] = []

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await answering(TEXT, TEXT, content_type=JSON)(_scope, _receive, send)
        pytest.fail("the app was not told")

    async def to_nobody(scope: Scope, receive: Receive, _send: Send) -> None:
        async def send(message: Message) -> None:
            sent.append(message)
            if len(sent) == 2:
                raise OSError("gone")

        await ContentEncoding(app)(scope, receive, send)

    assert str(exchange(to_nobody, {"accept-encoding": "zstd"}).error) == "gone"
    assert len(sent) == 2


def test_other_messages_pass() -> None:
    messages: list[Message] = [
        {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/css")]},
        {"type": "http.response.pathsend", "path": "/style.css"},
    ]

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    assert exchange(ContentEncoding(app), {"accept-encoding": "gzip"}).messages == messages


@CODINGS
def test_many_bytes_are_not_compressed_on_the_event_loop(coding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: dict[int, set[int]] = {}

    def watched() -> content_encoding.Compressor:
        compress = make()

        def watching(data: bytes, is_last: bool) -> bytes:
            threads.setdefault(len(data), set()).add(threading.get_ident())
            return compress(data, is_last)

        return watching

    make = content_encoding._COMPRESSORS[coding]
    monkeypatch.setitem(content_encoding._COMPRESSORS, coding, watched)
    few, many = bytes(2**12), bytes(2**16)
    assert read(compressed(few, many, few, accept=coding)) == few + many + few
    assert threads[len(few)] == {threading.get_ident()}
    assert threads[len(many)].isdisjoint(threads[len(few)])


def test_a_python_without_zstd_offers_the_others() -> None:
    program = """
import sys
sys.modules["compression.zstd"] = None
from algomancy_api.middleware import content_encoding
print(content_encoding.preferred_coding(b"zstd, br, gzip", content_encoding._OFFERED))
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603
    assert run.stdout == "br\n"


# In the app ----------------------------------------------------------------------------------------------------------


def test_a_long_list_is_compressed_and_a_short_one_is_not(client: Any, session: str) -> None:
    short = client.get(f"{session}/scenarios")
    for number in range(10):
        create(client, session, tag=f"run {number}")
    long = client.get(f"{session}/scenarios", headers={"Accept-Encoding": "gzip"})
    plain = client.get(f"{session}/scenarios", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in short.headers
    assert long.headers["content-encoding"] == "gzip"
    assert int(long.headers["content-length"]) < int(plain.headers["content-length"]) / 3
    assert long.json() == plain.json()
    assert long.headers["vary"] == plain.headers["vary"] == short.headers["vary"] == "Accept, Accept-Encoding"


def test_head_says_what_get_would(http: httpx.Client, session: str) -> None:
    for number in range(10):
        create(http, session, tag=f"run {number}")
    for path in (f"{session}/scenarios", f"{session}/data/items", "/docs/swagger-ui/swagger-ui.css"):
        get, head = http.get(path), http.head(path)
        unlike = {"date", "transfer-encoding", "x-request-id"}
        assert get.headers["content-encoding"] == "br"
        assert {name: value for name, value in head.headers.items() if name not in unlike} == {
            name: value for name, value in get.headers.items() if name not in unlike
        }


@pytest.mark.parametrize("is_on", [True, False])
def test_it_can_be_switched_off(is_on: bool) -> None:
    with called(compression=is_on) as client:
        assert ("content-encoding" in client.get("/openapi.json").headers) is is_on
