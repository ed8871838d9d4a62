"""Slow request bodies: each must make progress, and all together have a memory limit."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from algomancy_api import ApiLauncher, Limits, Token

from ...conftest import API
from ...support import wiring
from ...support.clients import eventually, serving
from .raw_client import Conversation

KIB = 1024
MIB = KIB * KIB

TOKENS = [Token(name, f"secret-of-{name}", "admin") for name in ("one", "two", "three")]


@contextmanager
def listening(**limits: float) -> Iterator[int]:
    """The port of a server with tokens and some limits."""
    app = ApiLauncher.build(wiring.configuration(tokens=TOKENS, limits=limits))
    with serving(app) as url:
        yield int(url.rpartition(":")[2])
    app.state.session_manager.shutdown()


def begin(port: int, token: str, size: int, *, sent: int, media_type: str = "application/json") -> Conversation:
    """A request whose body is declared to be of a size, of which a part is sent."""
    lines = [
        f"POST {API}/sessions/main/data/from-json HTTP/1.1" if "json" in media_type or "msgpack" in media_type
        else f"POST {API}/sessions/main/etl HTTP/1.1",
        "Host: x", f"Authorization: Bearer secret-of-{token}", f"Content-Type: {media_type}",
        f"Content-Length: {size}", "\r\n",
    ]  # fmt: skip
    conversation = Conversation(port)
    conversation.send("\r\n".join(lines).encode() + b" " * sent)
    return conversation


FORM = "multipart/form-data; boundary=b"
TYPES = ["application/json", "application/msgpack", FORM]


@pytest.mark.parametrize("media_type", TYPES)
@pytest.mark.parametrize("sent", [0, 1, 100 * KIB])
def test_a_body_that_stops_is_refused_and_its_connection_ended(media_type: str, sent: int) -> None:
    with listening(body_wait=0.5) as port, ExitStack() as stack:
        conversation = stack.enter_context(begin(port, "one", 10 * MIB, sent=sent, media_type=media_type))
        [answer] = conversation.answers()  # until the server closes
    assert answer.status == 408
    assert answer.detail == "Less than 65536 bytes of the body arrived within 0.5 s"
    assert answer.headers["connection"] == "close"


def test_a_body_that_drips_is_refused() -> None:
    with listening(body_wait=1) as port, begin(port, "one", 10 * MIB, sent=1) as conversation:
        while not conversation.has_come(0.05):
            conversation.send(b" ")
        assert conversation.answer().status == 408


def test_a_body_that_gets_on_may_take_longer() -> None:
    with listening(body_wait=2) as port, begin(port, "one", 8 * 64 * KIB, sent=64 * KIB) as conversation:
        for _ in range(7):
            assert not conversation.has_come(0.4)
            conversation.send(b" " * 64 * KIB)
        assert conversation.answer().status == 400  # it is whole, and no dataset


def test_a_body_that_is_whole_has_no_deadline() -> None:
    """The time in which the app works on it, or waits for a turn, is none of the client's."""
    app = ApiLauncher.build(wiring.configuration(limits=Limits(body_wait=0.2)))
    form = (
        b'--b\r\nContent-Disposition: form-data; name="dataset_name"\r\n\r\nslow\r\n--b\r\nContent-Disposition: '
        b'form-data; name="files"; filename="items.csv"\r\n\r\n' + wiring.ITEMS_CSV.encode() + b"\r\n--b--\r\n"
    )
    head = (
        f"POST {API}/sessions/main/etl HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\n"
        f"Content-Length: {len(form)}\r\n\r\n"
    )
    with serving(app) as url, Conversation(int(url.rpartition(":")[2])) as conversation:
        wiring.ETL_RELEASE.clear()
        conversation.send(head.encode() + form)
        assert wiring.ETL_STARTED.wait(90)
        assert not conversation.has_come(0.6)
        wiring.ETL_RELEASE.set()
        assert conversation.answer().status == 200
    app.state.session_manager.shutdown()


@pytest.mark.parametrize("media_type", TYPES[:2])
def test_bodies_under_way_have_a_bound_for_each_sender_and_for_all(media_type: str) -> None:
    with ExitStack() as stack:
        port = stack.enter_context(listening(body=2 * MIB, bodies=4 * MIB))

        def half(token: str) -> Conversation:
            return stack.enter_context(begin(port, token, MIB, sent=MIB - 1, media_type=media_type))

        def refused(token: str, status: int, says: str) -> None:
            with begin(port, token, MIB + 1, sent=MIB, media_type=media_type) as conversation:
                answer = conversation.answer()
            assert (answer.status, answer.headers["connection"]) == (status, "close")
            assert answer.headers["retry-after"] == "5"
            assert says in answer.detail

        held = [half("one"), half("one")]
        for conversation in held:
            assert not conversation.has_come(0.3)
        refused("one", 429, "The bodies of your requests in progress are larger than 2097152 bytes in total")
        more = [half("two"), half("two")]
        for conversation in more:
            assert not conversation.has_come(0.3)
        refused("three", 503, "The bodies of all requests in progress are larger than 4194304 bytes in total")
        # What is over is given back: a request that has come to its end, and one whose client has gone.
        held[0].send(b" ")
        assert held[0].answer().status in (400, 422)
        more[0].close()
        assert eventually(lambda: not half("three").has_come(0.3))


def test_forms_count_for_what_waits_to_be_written_alone() -> None:
    with ExitStack() as stack:
        port = stack.enter_context(listening(body=2 * MIB, bodies=4 * MIB, upload=64 * MIB))
        conversation = stack.enter_context(Conversation(port))
        part = b'--b\r\nContent-Disposition: form-data; name="files"; filename="items.csv"\r\n\r\n'
        name = b'--b\r\nContent-Disposition: form-data; name="dataset_name"\r\n\r\nnew\r\n'
        form = name + part + wiring.ITEMS_CSV.encode() + b"4;anvil;1\n" * (MIB // 2) + b"\r\n--b--\r\n"
        lines = [
            f"POST {API}/sessions/main/etl HTTP/1.1", "Host: x", "Authorization: Bearer secret-of-one",
            f"Content-Type: {FORM}", f"Content-Length: {len(form)}", "\r\n",
        ]  # fmt: skip
        conversation.send("\r\n".join(lines).encode() + form)
        assert conversation.answer().status == 200


@pytest.mark.parametrize("bodies", [0, 1.5, True, MIB])
def test_a_bound_without_room_for_one_body_is_none(bodies: float) -> None:
    with pytest.raises(ValueError, match=r"limits\.bodies must be"):
        Limits(body=MIB, bodies=bodies)  # type: ignore[arg-type]
