"""A conversation in bytes."""

import json
import select
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ...conftest import API
from ...support.clients import PATIENCE
from ...support.processes import Process

#: A request that is always answered.
HEALTH = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"


def creation(name: str, *headers: str, body: bytes | None = None) -> bytes:
    """A request that creates a session, if its body is left as it is; who gives one declares its length, too."""
    content = json.dumps({"display_name": name}).encode()
    lines = [f"POST {API}/sessions HTTP/1.1", "Host: x", "Content-Type: application/json", *headers]
    if body is None:
        lines.append(f"Content-Length: {len(content)}")
    return "\r\n".join([*lines, "\r\n"]).encode() + (content if body is None else body)


@dataclass
class Answer:
    """An answer: its status, its headers by lower-case name, and its body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def detail(self) -> Any:
        """What an error says; nothing else is in it."""
        assert self.headers["content-type"] == "application/json"
        content = json.loads(self.body)
        assert list(content) == ["detail"]
        return content["detail"]


class Conversation:
    """A connection to a server, from its client's side."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self._received = self._socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self._socket.sendall(data)

    def has_come(self, within: float) -> bool:
        """Whether there is anything to read, the end of the connection included, in so many seconds."""
        return bool(select.select([self._socket], [], [], within)[0])

    def finish(self) -> None:
        """Send no more, and go on reading."""
        self._socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Go away."""
        self._received.close()
        self._socket.close()

    def answer(self) -> Answer:
        """The next answer, whose body has a declared length."""
        line = self._received.readline()
        assert line.startswith(b"HTTP/1.1 "), line
        headers = dict(self._headers())
        body = self._received.read(int(headers.get("content-length", 0)))
        return Answer(int(line.split()[1]), headers, body)

    def answers(self) -> list[Answer]:
        """All the answers until the server closes the connection."""
        answers = []
        while self._received.peek(1):
            answers.append(self.answer())
        return answers

    def everything(self) -> bytes:
        """All that comes until the server closes the connection."""
        return self._received.read()

    def _headers(self) -> Iterator[tuple[str, str]]:
        while line := self._received.readline().strip():
            name, _, value = line.decode().partition(":")
            yield name.lower(), value.strip()


class Server:
    """A server in a process of its own.

    Args:
        process: The process.
        port: The port that it listens on.
        temporary: Where its temporary files are.
    """

    def __init__(self, process: Process, port: int, temporary: Path) -> None:
        self.process = process
        self.client = process.client
        self.port = port
        self.temporary = temporary

    def talk(self) -> Conversation:
        """A new connection to it."""
        return Conversation(self.port)

    def ask(self, data: bytes) -> list[Answer]:
        """What it answers to some bytes until it closes the connection, which is not closed from here."""
        with self.talk() as conversation:
            conversation.send(data)
            return conversation.answers()

    def sessions(self) -> list[str]:
        """The names of its sessions."""
        return [session["display_name"] for session in self.client.get("/health").json()["sessions"]]

    @contextmanager
    def unharmed(self) -> Iterator[None]:
        """What happens meanwhile leaves all as it was, and it answers."""
        before = self.sessions()
        yield
        assert self.sessions() == before
