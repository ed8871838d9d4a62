"""A server that gets events on a real connection, and may be slow, lie, or be dead."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from algomancy_api import Webhook
from algomancy_api.webhooks.outbox import Delivery, Event, delivery_of

from .clients import eventually

#: A secret, whose bytes are the first ones.
SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"  # noqa: S105

_SIZE = 64 * 1024


@dataclass(frozen=True)
class Received:
    """A request that a receiver has got."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def event(self) -> Any:
        return msgspec.json.decode(self.body)

    @property
    def data(self) -> Any:
        return self.event["data"]


#: Answers a request, on its connection.
type Behaviour = Callable[[socket.socket], None]


@dataclass
class Receiver:
    """A running receiver.

    Attributes:
        port: Its port.
        behaviour: What it does with a request; it may change.
        received: What it has got.
        resumed: Set when a behaviour that waits goes on, and at the end.
        is_closed: Whether it is closed.
    """

    port: int
    behaviour: Behaviour
    received: list[Received] = field(default_factory=list)
    resumed: threading.Event = field(default_factory=threading.Event)
    is_closed: bool = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?key=1"

    def webhook(self, **keywords: Any) -> Webhook:
        """A webhook whose events it gets."""
        defaults: dict[str, Any] = {"url": self.url, "secret": SECRET, "allow_private": True, "timeout": 10}
        return Webhook(**defaults | keywords)

    def first(self, count: int = 1) -> list[Received]:
        """The first requests, once they are there."""
        eventually(lambda: len(self.received) >= count)
        return self.received[:count]


def answers(status: int = 204, **headers: str) -> Behaviour:
    """Answer with a status, and close the connection."""
    lines = [f"HTTP/1.1 {status} Whatever", "Content-Length: 0"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return sends("\r\n".join([*lines, "", ""]).encode())


def sends(content: bytes) -> Behaviour:
    """Send some bytes, and close the connection."""
    return lambda connection: connection.sendall(content)


def repeats(head: bytes, part: bytes) -> Behaviour:
    """Send some bytes, and then others again and again until the connection is closed."""

    def behave(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(part)

    return behave


def drips(receiver: Receiver) -> Behaviour:
    """Send a byte of a head now and then, for ever."""

    def behave(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not receiver.resumed.wait(0.02):
            connection.sendall(b"x")

    return behave


def waits(receiver: Receiver) -> Behaviour:
    """Answer nothing until it is told to go on, and then 204."""

    def behave(connection: socket.socket) -> None:
        receiver.resumed.wait()
        answers()(connection)

    return behave


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """Behave in one way after the other, and then always in the last way."""
    left = list(behaviours)
    return lambda connection: (left.pop(0) if len(left) > 1 else left[0])(connection)


@contextlib.contextmanager
def receiving(behaviour: Behaviour | None = None, *, port: int = 0, wrap: Any = None) -> Iterator[Receiver]:
    """A receiver on loopback.

    Args:
        behaviour: What it does with a request; it answers 204 unless it is given.
        port: Its port; a free one unless it is given.
        wrap: Wraps the listener, for TLS.
    """
    plain = socket.create_server(("127.0.0.1", port))
    listener = plain if wrap is None else wrap(plain)
    receiver = Receiver(listener.getsockname()[1], behaviour or answers())
    threads = [threading.Thread(target=_accept, args=[listener, receiver])]
    threads[0].start()
    try:
        yield receiver
    finally:
        receiver.is_closed = True
        receiver.resumed.set()
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        threads[0].join()


def _accept(listener: socket.socket, receiver: Receiver) -> None:
    serving: list[threading.Thread] = []
    while not receiver.is_closed:
        try:
            connection, _ = listener.accept()
        except OSError:  # closed, or a handshake that failed
            continue
        serving.append(threading.Thread(target=_serve, args=[connection, receiver]))
        serving[-1].start()
    for thread in serving:
        thread.join()


def _serve(connection: socket.socket, receiver: Receiver) -> None:
    with connection, contextlib.suppress(OSError):
        connection.settimeout(30)
        receiver.received.append(_read(connection))
        receiver.behaviour(connection)


def _read(connection: socket.socket) -> Received:
    content = b""
    while b"\r\n\r\n" not in content:
        content += _part(connection)
    head, _, body = content.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers["content-length"]):
        body += _part(connection)
    return Received(first.split(" ")[1], headers, body)


def _part(connection: socket.socket) -> bytes:
    if part := connection.recv(_SIZE):
        return part
    raise ConnectionError("the client has gone")


def event(number: int = 1, created: float = 1000.0) -> Event:
    """An event."""
    return Event(f"evt_{number}", "scenario_complete", created, b'{"number":%d}' % number)


def delivery(number: int = 1, webhook: str = "one", created: float = 1000.0) -> Delivery:
    """A new delivery."""
    return delivery_of(event(number, created), webhook)
