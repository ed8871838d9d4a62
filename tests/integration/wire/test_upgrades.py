"""Requests to upgrade the protocol: answered in HTTP/1.1, with their body."""

import pytest

from .raw_client import HEALTH, Server, creation

LAST = HEALTH.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")


def upgrading(protocol: str) -> list[str]:
    """The headers of a request that asks for a protocol."""
    return ["Connection: Upgrade, HTTP2-Settings", f"Upgrade: {protocol}"]


@pytest.mark.parametrize("protocol", ["h2c", "TLS/1.2", "a, b"])
def test_their_bodies_are_read(server: Server, protocol: str) -> None:
    """Java's own client asks for HTTP/2 with each first request."""
    with server.talk() as conversation:
        for number in range(2):
            conversation.send(creation(f"{protocol} {number}", *upgrading(protocol)))
            assert conversation.answer().status == 201
    assert {f"{protocol} {number}" for number in range(2)} < set(server.sessions())


def test_a_body_in_chunks_is_read_as_it_comes(server: Server) -> None:
    request = creation("piece by piece", *upgrading("h2c"), "Transfer-Encoding: chunked", body=b"")
    with server.talk() as conversation:
        conversation.send(request)
        for piece in (b'{"display_name":', b'"piece by piece"}'):
            assert not conversation.has_come(within=0.1)
            conversation.send(b"%x\r\n%b\r\n" % (len(piece), piece))
        conversation.send(b"0\r\n\r\n")
        assert conversation.answer().status == 201


@pytest.mark.parametrize("is_at_once", [True, False])
def test_none_of_them_hides_another_request_in_its_body(server: Server, is_at_once: bool) -> None:
    hidden = creation("smuggled")
    first = creation("x", *upgrading("h2c"), f"Content-Length: {len(hidden)}", body=b"")
    with server.unharmed(), server.talk() as conversation:
        if is_at_once:
            conversation.send(first + hidden + LAST)
        else:
            conversation.send(first)
            assert not conversation.has_come(within=0.2)
            conversation.send(hidden + LAST)
        assert [answer.status for answer in conversation.answers()] == [422, 200]


def test_nothing_is_read_behind_the_last_request_of_a_connection(server: Server) -> None:
    last = HEALTH.replace(b"\r\n\r\n", b"\r\nConnection: close, Upgrade\r\nUpgrade: h2c\r\n\r\n")
    with server.unharmed():
        [answer] = server.ask(last + creation("smuggled"))
    assert answer.status == 200


def test_many_at_once_are_answered_one_by_one(server: Server) -> None:
    request = HEALTH.replace(b"\r\n\r\n", b"\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
    with server.talk() as conversation:
        conversation.send(request * 2000)
        assert {conversation.answer().status for _ in range(2000)} == {200}


def test_a_web_socket_is_closed_and_nothing_behind_it_is_read(server: Server) -> None:
    request = (
        b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    with server.unharmed(), server.talk() as conversation:
        conversation.send(request + creation("smuggled"))
        assert conversation.everything().startswith(b"HTTP/1.1 403 ")
