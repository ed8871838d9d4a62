"""Plain requests to a server that is measured, one at a time."""

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from .servers import Server
from .sides import PREFIX

#: In seconds: the peer takes more than ten for a large dataset.
_PATIENCE = 300


class Unexpected(Exception):
    """An answer that no measurement can be made of, and what it says."""


class Transfer(Struct):
    """How long an answer took to begin and to end, in seconds, and how long it was, in bytes."""

    first_byte: float
    seconds: float
    size: int


@contextmanager
def answered(
    server: Server, method: str, path: str, body: bytes | None = None, **headers: str
) -> Iterator[http.client.HTTPResponse]:
    """The answer to a request, to be read.

    Raises:
        Unexpected: It is none of 2xx.
    """
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=_PATIENCE)
    try:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        if not 200 <= answer.status < 300:
            raise Unexpected(f"{server.kind.name}: {method} {path}: {answer.status} {answer.read(500)!r}")
        yield answer
    finally:
        connection.close()


def get_json(server: Server, path: str) -> Any:  # noqa: ANN401 - what it is, the path says
    """A document."""
    with answered(server, "GET", path) as answer:
        return json.loads(answer.read())


def sessions(server: Server) -> dict[str, str]:
    """The paths of a server's sessions, by name."""
    listed = get_json(server, f"{PREFIX}/sessions")["sessions"]
    return {entry["display_name"]: f"{PREFIX}/sessions/{quote(entry['id'], safe='')}" for entry in listed}


def transfer(server: Server, method: str, path: str, body: bytes | None = None, **headers: str) -> Transfer:
    """The time that a request takes, its answer read and thrown away."""
    start = time.perf_counter()
    with answered(server, method, path, body, **headers) as answer:
        size = len(answer.read(1))
        first_byte = time.perf_counter() - start
        while piece := answer.read(1 << 20):
            size += len(piece)
    return Transfer(first_byte, time.perf_counter() - start, size)
