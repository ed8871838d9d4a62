"""Incomplete request bodies: nothing of them is kept or executed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ...conftest import default_session, upload_items
from ...support import wiring
from ...support.clients import eventually
from .raw_client import HEALTH, Conversation, Server, creation

#: Ways to go away: for good, or with an ear left open for what the server says.
GOING: dict[str, Callable[[Conversation], None]] = {"close": Conversation.close, "finish": Conversation.finish}

MIB = 1024**2


def pieces(server: Server) -> list[Path]:
    """What is in the server's folder for uploads."""
    return list(server.temporary.glob("algomancy-uploads-*/**/*"))


def form(session: str, *headers: str) -> bytes:
    """The beginning of an upload that would be taken."""
    lines = [f"POST {session}/etl HTTP/1.1", "Host: x", "Content-Type: multipart/form-data; boundary=x", *headers]
    name = '--x\r\nContent-Disposition: form-data; name="dataset_name"\r\n\r\nhalf\r\n'
    file = f'--x\r\nContent-Disposition: form-data; name="files"; filename="items.csv"\r\n\r\n{wiring.ITEMS_CSV}'
    return "\r\n".join([*lines, "", name + file]).encode()


@pytest.fixture
def session(server: Server) -> str:
    session = default_session(server.client)
    upload_items(server.client, session)
    return session


@pytest.mark.parametrize("go", GOING.values(), ids=GOING)
@pytest.mark.parametrize(
    "request_",
    [
        creation("half", "Content-Length: 24", body=b'{"display_name": "half"'),
        creation("half", "Transfer-Encoding: chunked", body=b'18\r\n{"display_name": "half"}\r\n'),
        creation("half", "Transfer-Encoding: chunked", body=b'18\r\n{"display_name": "half"}\r\n0\r\n'),
    ],
    ids=["a length", "a chunk", "the last chunk"],
)
def test_half_a_body_creates_nothing(server: Server, request_: bytes, go: Callable[[Conversation], None]) -> None:
    with server.unharmed(), server.talk() as conversation:
        conversation.send(request_)
        assert not conversation.has_come(within=0.1)
        go(conversation)
        if go is Conversation.finish:
            assert conversation.answers() == []


@pytest.mark.parametrize("go", GOING.values(), ids=GOING)
@pytest.mark.parametrize("header", ["Content-Length: 104857600", "Transfer-Encoding: chunked"])
def test_half_an_upload_leaves_nothing(
    server: Server, session: str, header: str, go: Callable[[Conversation], None]
) -> None:
    rows = b"4;rope;1\n" * (8 * MIB // 9)
    head, _, start = form(session, header).partition(b"\r\n\r\n")
    content = start + rows
    chunk = b"%x\r\n%b\r\n" % (len(content), content) if "chunked" in header else content
    with server.talk() as conversation:
        conversation.send(head + b"\r\n\r\n" + chunk)
        eventually(lambda: any(path.is_file() and path.stat().st_size > MIB for path in pieces(server)))
        go(conversation)
        eventually(lambda: not pieces(server))
    assert "half" not in server.client.get(f"{session}/data").json()["keys"]


def test_an_upload_that_ends_before_its_form_does_is_refused(server: Server, session: str) -> None:
    content = form(session).partition(b"\r\n\r\n")[2]
    request = form(session, f"Content-Length: {len(content)}")
    with server.talk() as conversation:
        conversation.send(request)
        answer = conversation.answer()
        assert answer.status == 422
        assert "not a multipart form" in answer.detail
        conversation.send(HEALTH)
        assert conversation.answer().status == 200
    assert pieces(server) == []
    assert "half" not in server.client.get(f"{session}/data").json()["keys"]


def test_what_comes_behind_a_body_is_the_next_request_whatever_it_looks_like(server: Server) -> None:
    request = creation("x", "Content-Length: 2", body=b"{}" + b'"display_name": "more"}\r\n\r\n')
    with server.unharmed():
        answers = server.ask(request)
    assert answers[0].status == 422
    assert {answer.status for answer in answers[1:]} <= {400}
