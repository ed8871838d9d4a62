"""A client that sends and receives raw bytes on a TCP connection."""

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

#: A request that always succeeds.
HEALTH = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"


def creation(name: str, *headers: str, body: bytes | None = None) -> bytes:
    """A request that creates a session. A caller that passes another body must also pass its Content-Length."""
    content = json.dumps({"display_name": name}).encode()
    lines = [f"POST {API}/sessions HTTP/1.1", "Host: x", "Content-Type: application/json", *headers]
    if body is None:
        lines.append(f"Content-Length: {len(content)}")
    return "\r\n".join([*lines, "\r\n"]).encode() + (content if body is None else body)


@dataclass
class Answer:
    """A response. Names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def detail(self) -> Any:
        """The message of an error, whose body has nothing else."""
        assert self.headers["content-type"] == "application/json"
        content = json.loads(self.body)
        assert list(content) == ["detail"]
        return content["detail"]


class Conversation:
    """A TCP connection to a server."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self._received = self._socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def has_come(self, within: float) -> bool:
        """Whether data or the end of the connection arrives within some seconds."""
        return bool(select.select([self._socket], [], [], within)[0])

    def finish(self) -> None:
        """Close the sending side of the connection."""
        self._socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Close the connection."""
        self._received.close()
        self._socket.close()

    def answer(self) -> Answer:
        """Read the next response, whose body must have a Content-Length."""
        line = self._received.readline()
        assert line.startswith(b"HTTP/1.1 "), line
        headers = dict(self._headers())
        body = self._received.read(int(headers.get("content-length", 0)))
        return Answer(int(line.split()[1]), headers, body)

    def answers(self) -> list[Answer]:
        """Read all responses until the server closes the connection."""
        answers = []
        while self._received.peek(1):
            answers.append(self.answer())
        return answers

    def everything(self) -> bytes:
        """Read all bytes until the server closes the connection."""
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
        temporary: The folder of its temporary files.
    """

    def __init__(self, process: Process, port: int, temporary: Path) -> None:
        self.process = process
        self.client = process.client
        self.port = port
        self.temporary = temporary

    def talk(self) -> Conversation:
        """Open a connection."""
        return Conversation(self.port)

    def ask(self, data: bytes) -> list[Answer]:
        """Send bytes and return the responses. The server must close the connection."""
        with self.talk() as conversation:
            conversation.send(data)
            return conversation.answers()

    def sessions(self) -> list[str]:
        """The names of the sessions."""
        return [session["display_name"] for session in self.client.get("/health").json()["sessions"]]

    @contextmanager
    def unharmed(self) -> Iterator[None]:
        """Assert that the block leaves the sessions unchanged and the server responsive."""
        before = self.sessions()
        yield
        assert self.sessions() == before
