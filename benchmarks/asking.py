"""A blocking HTTP client for the servers under test: one request at a time."""

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

#: Seconds: timeout of a request. The peer needs more than ten for a large dataset.
_TIMEOUT = 300


class Unexpected(Exception):
    """A response that cannot be measured. The message has its status and body."""


class Transfer(Struct):
    """Timing of a response.

    Attributes:
        first_byte: Seconds until the first byte of the body.
        seconds: Seconds until the end of the body.
        size: Bytes of the body.
    """

    first_byte: float
    seconds: float
    size: int


@contextmanager
def answered(
    server: Server, method: str, path: str, body: bytes | None = None, **headers: str
) -> Iterator[http.client.HTTPResponse]:
    """The response to a request, with its body still unread.

    Raises:
        Unexpected: Its status is not 2xx.
    """
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=_TIMEOUT)
    try:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        if not 200 <= response.status < 300:
            raise Unexpected(f"{server.kind.name}: {method} {path}: {response.status} {response.read(500)!r}")
        yield response
    finally:
        connection.close()


def get_json(server: Server, path: str) -> Any:  # noqa: ANN401 - depends on the path
    """The JSON document at a path."""
    with answered(server, "GET", path) as response:
        return json.loads(response.read())


def sessions(server: Server) -> dict[str, str]:
    """The paths of a server's sessions, by name."""
    listed = get_json(server, f"{PREFIX}/sessions")["sessions"]
    return {entry["display_name"]: f"{PREFIX}/sessions/{quote(entry['id'], safe='')}" for entry in listed}


def transfer(server: Server, method: str, path: str, body: bytes | None = None, **headers: str) -> Transfer:
    """The timing of a request, whose response is read and discarded."""
    start = time.perf_counter()
    with answered(server, method, path, body, **headers) as response:
        size = len(response.read(1))
        first_byte = time.perf_counter() - start
        while piece := response.read(1 << 20):
            size += len(piece)
    return Transfer(first_byte, time.perf_counter() - start, size)
