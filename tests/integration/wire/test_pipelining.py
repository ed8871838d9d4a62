"""Pipelined requests, and bodies with ``Expect: 100-continue``."""

import json

from ...conftest import API, create, default_session, upload_items
from .raw_client import HEALTH, Server, creation


def rename(session: str, name: str) -> bytes:
    """A request that renames a session."""
    body = json.dumps({"display_name": name})
    head = (
        f"PATCH {session} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return (head + body).encode()


def test_what_is_sent_at_once_is_done_and_answered_in_its_order(server: Server) -> None:
    [answer] = [server.client.post(f"{API}/sessions", json={"display_name": "in order"})]
    session = next(item["id"] for item in answer.json()["sessions"] if item["display_name"] == "in order")
    names = [f"name {number}" for number in range(50)]
    with server.talk() as conversation:
        conversation.send(b"".join(rename(f"{API}/sessions/{session}", name) for name in names))
        answers = [conversation.answer() for _ in names]
    assert [json.loads(answer.body)["display_name"] for answer in answers] == names
    server.client.delete(f"{API}/sessions/{session}")


def test_what_is_no_request_does_not_come_before_the_answers_of_those_before_it(server: Server) -> None:
    with server.unharmed():
        answers = server.ask(HEALTH * 3 + b"\0\0\0\0")
    assert [answer.status for answer in answers] == [200, 200, 200]
    assert answers[-1].headers["connection"] == "close"


def test_a_body_that_breaks_off_takes_no_answer_from_the_request_before_it(server: Server) -> None:
    broken = creation("broken", "Transfer-Encoding: chunked", body=b"2\r\n{}\r\nzz\r\n")
    with server.unharmed(), server.talk() as conversation:
        conversation.send(HEALTH)
        assert conversation.answer().status == 200
        conversation.send(broken)
        [answer] = conversation.answers()
    assert answer.status == 400


def test_a_wait_that_is_under_way_is_answered_whatever_comes_behind_it(server: Server) -> None:
    session = default_session(server.client)
    upload_items(server.client, session)
    path = f"{session}/scenarios/{create(server.client, session)}/status?wait=1"
    for nonsense in (b"\0" * 100, b"GET /" + b"a" * 1_000_000):
        with server.talk() as conversation:
            conversation.send(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            conversation.send(nonsense)
            [answer] = conversation.answers()
        assert (answer.status, json.loads(answer.body)["status"]) == (200, "created")


def test_a_client_that_wants_to_be_asked_for_the_body_is(server: Server) -> None:
    request = creation("asked for", "Expect: 100-continue")
    head, body = request[: request.index(b"{")], request[request.index(b"{") :]
    with server.talk() as conversation:
        conversation.send(head)
        assert conversation.answer().status == 100
        assert "asked for" not in server.sessions()
        conversation.send(body)
        assert conversation.answer().status == 201
    assert "asked for" in server.sessions()


def test_a_body_that_would_be_refused_is_not_asked_for(server: Server) -> None:
    request = creation("x", "Expect: 100-continue", f"Content-Length: {10**12}", body=b"")
    with server.talk() as conversation:
        conversation.send(request)
        assert conversation.answer().status == 413
    with server.talk() as conversation:
        conversation.send(request.replace(b"application/json", b"text/plain"))
        assert conversation.answer().status == 415
