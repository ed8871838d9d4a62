"""Invalid request lines: rejected with the usual error body, and the connection is closed."""

import pytest

from .raw_client import Server

END = b" HTTP/1.1\r\nHost: x\r\n\r\n"

BROKEN = {
    "bytes at random": b"\x00\xff\x01\xfe\r\n\r\n",
    "a line of words": b"How do you do?\r\n\r\n",
    "TLS on the plain port": bytes.fromhex("16030100c8010000c40303") + bytes(64),
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a version to come": b"GET /health HTTP/3.0\r\nHost: x\r\n\r\n",
    "a version that never was": b"GET /health HTTP/1.2\r\nHost: x\r\n\r\n",
    "another protocol": b"GET /health ICE/1.1\r\nHost: x\r\n\r\n",
    "a method in lower case": b"get /health" + END,
    "a method of no standard": b"FETCH /health" + END,
    "a method without an end": b"A" * 100_000,
    "a space in the path": b"GET /hea lth" + END,
    "a NUL in the path": b"GET /hea\0lth" + END,
    "a letter beyond ASCII": "GET /é".encode() + END,
    "a path without a slash": b"GET health" + END,
    "an address without a path": b"GET http://x" + END,
    "the method for proxies": b"CONNECT example.org:443" + END,
    "a line feed alone": b"GET /health HTTP/1.1\nHost: x\n\n",
    "a carriage return alone": b"GET /health HTTP/1.1\rHost: x\r\r",
    "no name before the colon": b"GET /health HTTP/1.1\r\nHost: x\r\n: x\r\n\r\n",
    "no colon": b"GET /health HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
    "a NUL in a header": b"GET /health HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n",
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_it_is_a_400_like_every_other(server: Server, data: bytes) -> None:
    with server.unharmed():
        [answer] = server.ask(data)
    assert answer.status == 400
    assert answer.detail == "Invalid HTTP request"
    assert answer.headers["connection"] == "close"


UNUSUAL = {
    "HTTP/1.0": b"GET /health HTTP/1.0\r\n\r\n",
    "HTTP/0.9, which has no version": b"GET /health\r\n\r\n",
    "the whole address": b"GET http://x/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "empty lines first": b"\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "an empty header": b"GET /health HTTP/1.1\r\nHost: x\r\nX:\r\nConnection: close\r\n\r\n",
}


@pytest.mark.parametrize("data", UNUSUAL.values(), ids=UNUSUAL)
def test_what_is_merely_unusual_is_answered(server: Server, data: bytes) -> None:
    [answer] = server.ask(data)
    assert answer.status == 200
    assert b'"status":"ok"' in answer.body


def test_what_is_broken_off_is_answered_by_nothing(server: Server) -> None:
    with server.talk() as conversation:
        conversation.send(b"GET /health HTTP/1.1\r\nHo")
        conversation.finish()
        assert conversation.answers() == []
