"""Request heads without an end: rejected when too long or too slow, and not kept in memory."""

import json

import pytest

from algomancy_api import Limits

from ...conftest import create, default_session, upload_items
from .in_memory import refusal
from .raw_client import HEALTH, Conversation, Server, creation
from .wiring import LIMITS

MIB = 1024**2

LINE = b"GET /health HTTP/1.1\r\nHost: x\r\n"
CHUNKED = creation("x", "Transfer-Encoding: chunked", body=b"2\r\n{}\r\n")

#: How what never ends begins, what then comes again and again, and what is answered.
ENDLESS = {
    "a path": (b"GET /", b"a", 414),
    "a query": (b"GET /?", b"a", 414),
    "a header": (LINE + b"X: ", b"a", 431),
    "the name of a header": (LINE + b"X", b"a", 431),
    "headers": (LINE, b"X: y\r\n", 431),
    "empty lines": (b"", b"\r\n", 431),
    "headers behind a body": (CHUNKED + b"0\r\n", b"X: y\r\n", 431),
    "a header behind a body": (CHUNKED + b"0\r\nX: ", b"a", 431),
    "an extension of a chunk": (CHUNKED + b"1;", b"a", 431),
}


CHUNKED_HEAD = creation("x", "Transfer-Encoding: chunked", body=b"")

#: More than may stand around a body, and few enough bytes that they come with the head.
LONG = 200_000

#: What stands around a body in chunks without an end.
AROUND = {
    "an extension": b"1;" + b"a" * LONG,
    "an extension in quotes": b'1;a="' + b"a" * LONG,
    "an extension of the last chunk": b"0;" + b"a" * LONG,
    "a size of zeros": b"0" * LONG,
    "many extensions": b"1;" + b"a=b;" * (LONG // 4),
    "many chunks with extensions": (b"1;" + b"a" * 98 + b"\r\na\r\n") * (LONG // 100),
    "a few chunks with long extensions": (b"1;" + b"a" * 30_000 + b"\r\na\r\n") * 7,
    "a header behind it": b"2\r\n{}\r\n0\r\nX: " + b"a" * LONG,
    "headers behind it": b"2\r\n{}\r\n0\r\n" + b"X: y\r\n" * (LONG // 6),
}


def pieces(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


@pytest.mark.parametrize("size", [LONG * 2, 60_000, 1000], ids=["with the head", "in some pieces", "in many pieces"])
@pytest.mark.parametrize("before", [b"", HEALTH, HEALTH * 3], ids=["at first", "after a request", "after some"])
@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND)
def test_what_stands_around_chunks_is_bounded_from_its_first_byte(around: bytes, before: bytes, size: int) -> None:
    """It takes no more bytes than those that are too many; whichever come together."""
    assert refusal(pieces(before + CHUNKED_HEAD + around, size)) == (0 if before else 431)


@pytest.mark.parametrize("size", [LONG * 2, 60_000, 1000], ids=["with the head", "in some pieces", "in many pieces"])
@pytest.mark.parametrize("before", [b"", HEALTH * 3], ids=["at first", "after some"])
@pytest.mark.parametrize(
    "body",
    [
        b"1\r\na\r\n" * (LONG // 6),
        b"100;signature=%b\r\n%b\r\n" % (b"a" * 64, b"\r\n\r\n" * 64) * (LONG // 320),
        b"%x\r\n%b\r\n" % (LONG, b"\r\n\r\n" * (LONG // 4)),
        b"1;" + b"a" * 50_000 + b"\r\na\r\n",
    ],
    ids=["many small chunks", "signed chunks", "one large chunk", "one extension"],
)
def test_chunks_are_taken_however_many_there_are(body: bytes, before: bytes, size: int) -> None:
    assert refusal(pieces(before + CHUNKED_HEAD + body + b"0\r\n\r\n", size)) is None


@pytest.mark.parametrize("size", [LONG * 2, 60_000, 1000], ids=["at once", "in some pieces", "in many pieces"])
@pytest.mark.parametrize("first", [HEALTH, creation("x"), CHUNKED + b"0\r\n\r\n"], ids=["no body", "a body", "chunks"])
def test_a_head_is_bounded_that_comes_with_the_request_before_it(first: bytes, size: int) -> None:
    assert refusal(pieces(first + LINE + b"X: " + b"a" * LONG, size)) == 0


@pytest.mark.parametrize("around", [AROUND["an extension"], AROUND["many chunks with extensions"]], ids=["one", "many"])
def test_the_server_refuses_what_comes_with_a_head(server: Server, around: bytes) -> None:
    with server.unharmed():
        [answer] = server.ask(CHUNKED_HEAD + around)
    assert (answer.status, answer.headers["connection"]) == (431, "close")


@pytest.mark.parametrize(("start", "more", "status"), ENDLESS.values(), ids=ENDLESS)
def test_what_never_ends_is_refused_and_not_gathered(server: Server, start: bytes, more: bytes, status: int) -> None:
    server.process.reset_peak_memory()
    before = server.process.peak_memory()
    with server.unharmed(), server.talk() as conversation:
        conversation.send(start)
        for _ in range(64):
            if not conversation.has_come(within=0):
                conversation.send(more * (MIB // len(more)))
        [answer] = conversation.answers()
    assert answer.status == status
    assert "are longer than" in answer.detail
    assert answer.headers["connection"] == "close"
    assert server.process.peak_memory() - before < 8 * MIB


def test_the_limits_are_those_of_the_configuration(impatient: Server) -> None:
    [too_long] = impatient.ask(b"GET /" + b"a" * 20_000)
    assert (too_long.status, too_long.detail) == (414, f"Path and query are longer than {LIMITS.url} bytes")
    [too_much] = impatient.ask(LINE + b"X: " + b"a" * 20_000)
    assert (too_much.status, too_much.detail) == (431, f"The headers are longer than {LIMITS.headers} bytes")


def test_what_is_within_the_limits_may_come_in_pieces(server: Server) -> None:
    limits = Limits()
    path = b"GET /" + b"a" * (limits.url - 1) + b" HTTP/1.1\r\n"
    headers = [b"X%06d: %b\r\n" % (number, b"b" * 50) for number in range((limits.headers - 100) // 57)]
    with server.talk() as conversation:
        for piece in (path, *headers, b"\r\n"):
            conversation.send(piece)
        assert conversation.answer().status == 404
        conversation.send(HEALTH)
        assert conversation.answer().status == 200


def dribbled(conversation: Conversation, data: bytes) -> None:
    """Send it byte by byte, five in a second, until the server has enough."""
    for byte in data:
        if conversation.has_come(within=0.2):
            return
        conversation.send(bytes([byte]))


@pytest.mark.parametrize("before", [b"", HEALTH], ids=["at first", "after a request"])
@pytest.mark.parametrize("data", [LINE + b"X: " + b"a" * 1000, b"\r\n" * 1000], ids=["a head", "empty lines"])
def test_who_sends_a_byte_now_and_then_is_not_waited_for(impatient: Server, before: bytes, data: bytes) -> None:
    with impatient.talk() as conversation:
        if before:
            conversation.send(before)
            assert conversation.answer().status == 200
        dribbled(conversation, data)
        [answer] = conversation.answers()
    assert (answer.status, answer.detail) == (408, "The request line and headers did not arrive within 2 s")


def test_who_sends_nothing_is_not_waited_for_either(impatient: Server) -> None:
    assert impatient.ask(b"") == []


def test_a_body_may_take_longer_than_a_head(impatient: Server) -> None:
    data = creation("slow")
    with impatient.talk() as conversation:
        conversation.send(data[:-12])
        dribbled(conversation, data[-12:])
        assert conversation.answer().status == 201


def test_a_body_may_go_on_after_its_answer_and_then_nothing_more_is_waited_for(impatient: Server) -> None:
    request = creation("x", "Content-Length: 4", body=b"").replace(b"application/json", b"text/plain")
    with impatient.talk() as conversation:
        conversation.send(request)
        assert conversation.answer().status == 415
        for _ in range(4):
            assert not conversation.has_come(within=0.8)
            conversation.send(b"x")
        assert conversation.answers() == []


def test_half_a_request_does_not_disturb_the_answer_before_it(impatient: Server) -> None:
    session = default_session(impatient.client)
    upload_items(impatient.client, session)
    path = f"{session}/scenarios/{create(impatient.client, session)}/status?wait=4"
    with impatient.talk() as conversation:
        conversation.send(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode() + HEALTH[:10])
        waited = conversation.answer()
        conversation.send(HEALTH[10:])
        assert conversation.answer().status == 200
    assert (waited.status, json.loads(waited.body)["status"]) == (200, "created")
