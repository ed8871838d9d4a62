"""One try, against a receiver that is well, slow, dead, redirects or lies."""

import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algomancy_api import Webhook
from algomancy_api.webhooks.delivery import deliver
from algomancy_api.webhooks.signature import key_of, signature_of

from ..support.processes import free_port
from ..support.receivers import SECRET, Receiver, answers, drips, event, receiving, repeats, sends, waits
from .test_addresses import answer

#: Seconds: a time limit that a slow receiver exceeds.
SOON = 0.3


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def test_an_event_arrives_signed(receiver: Receiver) -> None:
    tried = deliver(receiver.webhook(), event())
    assert (tried.status, tried.error) == (204, None)
    [got] = receiver.received
    assert (got.path, got.body, got.id) == ("/hook?key=1", event().body, "evt_1")
    timestamp = int(got.headers["webhook-timestamp"])
    assert timestamp == int(tried.at)
    assert got.headers["webhook-signature"] == signature_of([key_of(SECRET)], "evt_1", timestamp, event().body)
    assert got.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert got.headers["content-type"] == "application/json"
    assert got.headers["user-agent"].startswith("algomancy-api/")


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_two_hundred_and_more_is_a_success(receiver: Receiver, status: int) -> None:
    receiver.behaviour = answers(status)
    assert deliver(receiver.webhook(), event())[2:] == (status, None, None)


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503, 999])
def test_any_other_status_is_a_failure(receiver: Receiver, status: int) -> None:
    receiver.behaviour = answers(status)
    tried = deliver(receiver.webhook(), event())
    assert (tried.status, tried.error) == (status, f"{status}: the receiver has refused it")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(receiver: Receiver, status: int) -> None:
    with receiving() as other:
        receiver.behaviour = answers(status, Location=other.url)
        tried = deliver(receiver.webhook(), event())
        assert tried.status == status
        assert tried.error is not None
        assert "redirects are not followed" in tried.error
        assert other.received == []


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("120", 120), ("99999999999999999999", 999999999999), ("-1", None), ("soon", None), ("", None)],
)
def test_the_receiver_may_say_when_to_try_again(receiver: Receiver, text: str, seconds: float | None) -> None:
    receiver.behaviour = answers(503, Retry_After=text)
    assert deliver(receiver.webhook(), event()).retry_after == seconds


def test_it_may_say_that_with_a_date(receiver: Receiver) -> None:
    receiver.behaviour = answers(503, Retry_After="Fri, 31 Dec 2399 23:59:59 GMT")
    assert (deliver(receiver.webhook(), event()).retry_after or 0) > 1e9
    receiver.behaviour = answers(503, Retry_After="Fri, 31 Dec 1999 23:59:59 GMT")
    assert deliver(receiver.webhook(), event()).retry_after == 0


def test_a_receiver_that_does_not_answer_is_left_after_its_time(receiver: Receiver) -> None:
    receiver.behaviour = waits(receiver)
    tried = deliver(receiver.webhook(timeout=SOON), event())
    assert (tried.status, tried.error) == (None, "no connection, or no response, within 0.3 s")


def test_a_receiver_that_answers_byte_by_byte_is_left_after_the_same_time(receiver: Receiver) -> None:
    receiver.behaviour = drips(receiver)
    tried = deliver(receiver.webhook(timeout=SOON), event())
    assert (tried.status, tried.error) == (None, "no connection, or no response, within 0.3 s")


def test_a_receiver_that_reads_nothing_is_left_after_the_same_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:  # whose connections nobody takes
        hook = Webhook(f"http://127.0.0.1:{listener.getsockname()[1]}/", SECRET, allow_private=True, timeout=SOON)
        tried = deliver(hook, event()._replace(body=bytes(20_000_000)))
    assert (tried.status, tried.error) == (None, "no connection, or no response, within 0.3 s")


def test_a_dead_receiver_is_told_as_one() -> None:
    hook = Webhook(f"http://127.0.0.1:{free_port()}/", SECRET, allow_private=True)
    assert deliver(hook, event()).error == "the connection was refused"


LIES: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "the connection was closed before the response"),
    "garbage": (b"\x00\xff" * 500 + b"\r\n\r\n", "the response is no HTTP"),
    "another protocol": (b"220 mail.example ESMTP\r\n", "the response is no HTTP"),
    "half a head": (b"HTTP/1.1 20", "the response is no HTTP"),
    "no status": (b"HTTP/1.1 abc\r\n\r\n", "the response is no HTTP"),
    "a status of six digits": (b"HTTP/1.1 200000 OK\r\n\r\n", "the response is no HTTP"),
    "too many headers": (b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200 + b"\r\n", "the response is no HTTP"),
}


@pytest.mark.parametrize("lie", LIES)
def test_what_is_no_response_is_a_failure(receiver: Receiver, lie: str) -> None:
    content, reason = LIES[lie]
    receiver.behaviour = sends(content)
    tried = deliver(receiver.webhook(), event())
    assert (tried.status, tried.error) == (None, reason)


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        (b"x" * 1000, "the head of the response does not end within 64 KiB"),
        (b"a: " + b"x" * 60_000 + b"\r\n", "the head of the response does not end within 64 KiB"),
        (b"a: b\r\n", "the response is no HTTP"),
        (b"\r\nHTTP/1.1 100 Continue\r\n", None),
    ],
    ids=["a line", "long headers", "headers", "responses"],
)
def test_a_head_without_an_end_is_not_read_for_ever(receiver: Receiver, part: bytes, reason: str | None) -> None:
    receiver.behaviour = repeats(b"HTTP/1.1 100 Continue\r\n" if reason is None else b"HTTP/1.1 200 OK\r\n", part)
    tried = deliver(receiver.webhook(), event())
    assert tried.status is None
    assert tried.error == reason or reason is None  # versions of Python have bounds of their own


@pytest.mark.parametrize("head", [b"", b"Content-Length: 99999999999\r\n", b"Transfer-Encoding: chunked\r\n"])
def test_a_body_without_an_end_does_not_matter(receiver: Receiver, head: bytes) -> None:
    receiver.behaviour = repeats(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n", b"400\r\n" + b"x" * 1024 + b"\r\n")
    assert deliver(receiver.webhook(), event())[2:4] == (200, None)


def test_a_body_that_never_comes_does_not_matter(receiver: Receiver) -> None:
    def behave(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
        receiver.resumed.wait()

    receiver.behaviour = behave
    tried = deliver(receiver.webhook(), event())
    assert (tried.status, tried.error) == (200, None)
    assert tried.seconds < 5


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=300))
def test_no_response_raises(content: bytes) -> None:
    with receiving(sends(b"HTTP/1.1 200 OK\r\n" + content)) as receiver:
        deliver(receiver.webhook(), event())


def test_a_name_is_looked_up_once_and_the_connection_goes_there(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    lookups: list[str] = []

    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        lookups.append(host)
        address = "127.0.0.1" if len(lookups) == 1 else "127.0.0.2"  # a name that changes its mind
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    tried = deliver(receiver.webhook(url=f"http://receiver.example:{receiver.port}/"), event())
    assert (tried.status, lookups) == (204, ["receiver.example"])
    assert receiver.received[0].headers["host"] == f"receiver.example:{receiver.port}"


def test_nothing_is_sent_to_a_private_address(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answer("8.8.8.8", "127.0.0.1"))
    hook = Webhook(f"https://receiver.example:{receiver.port}/", SECRET)
    tried = deliver(hook, event())
    assert tried.error == "receiver.example has the address 127.0.0.1, not public; allow_private=True allows that"
    assert receiver.received == []


def test_a_name_that_does_not_exist_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    hook = Webhook("https://no-such.example/", SECRET)
    assert deliver(hook, event()).error == "there is no connection: Name or service not known"


def test_the_next_address_is_tried(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    dead = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", free_port()))
    unknown = (12345, socket.SOCK_STREAM, 6, "", ("127.0.0.1", free_port()))  # as IPv6 where there is none
    alive = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", receiver.port))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [dead, unknown, alive])
    assert deliver(receiver.webhook(url="http://receiver.example/"), event()).status == 204


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The certificate of receiver.example, and its key, in one file."""
    folder = tmp_path_factory.mktemp("certificate")
    command = [
        *["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"],
        *["-subj", "/CN=receiver.example", "-addext", "subjectAltName=DNS:receiver.example"],
        *["-keyout", "key.pem", "-out", "certificate.pem"],
    ]
    try:
        subprocess.run(command, cwd=folder, capture_output=True, check=True)  # noqa: S603
    except FileNotFoundError:
        pytest.skip("there is no openssl")
    both = folder / "both.pem"
    both.write_text((folder / "key.pem").read_text() + (folder / "certificate.pem").read_text())
    return both


def over_tls(certificate: Path) -> Any:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return lambda listener: context.wrap_socket(listener, server_side=True)


def test_the_certificate_is_checked_against_the_name(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trusting = ssl.create_default_context(cafile=str(certificate))
    with receiving(wrap=over_tls(certificate)) as receiver:
        address = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", receiver.port))
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [address])
        by_name = receiver.webhook(url=f"https://receiver.example:{receiver.port}/")
        assert deliver(by_name, event(), trusting)[2:4] == (204, None)
        for hook, context in (
            (receiver.webhook(url=f"https://other.example:{receiver.port}/"), trusting),
            (receiver.webhook(url=f"https://127.0.0.1:{receiver.port}/"), trusting),
            (by_name, None),  # no authority of the system has signed it
        ):
            tried = deliver(hook, event(), context)
            assert tried.status is None
            assert tried.error is not None
            assert tried.error.startswith("no secure connection: ")
        assert len(receiver.received) == 1


def test_a_receiver_without_tls_is_told_as_one(receiver: Receiver) -> None:
    tried = deliver(receiver.webhook(url=f"https://127.0.0.1:{receiver.port}/", timeout=1), event())
    assert tried.error is not None
    assert tried.status is None
