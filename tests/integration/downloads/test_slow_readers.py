"""Clients that request large responses and do not read them: the memory that they hold, and their limit."""

import contextlib
import functools
import socket
import time
import zlib
from collections.abc import Callable, Iterator
from compression import zstd
from typing import Any

import msgspec
import pytest
from algomancy_scenario.result import ScenarioResult

from algomancy_api import ApiConfiguration, Limits

from ...conftest import create, default_session, upload_items
from ...support import wiring
from ...support.clients import PATIENCE, ended, eventually
from ...support.processes import Process, free_port

MEBIBYTE = 1024 * 1024

#: How many do not read a download, and a result.
DOWNLOADS, RESULTS = 60, 8

#: How many rows the result has.
ROWS = 300_000

JSON, MESSAGEPACK = "application/json", "application/msgpack"

FORMS = pytest.mark.parametrize(
    ("form", "coding"), [(JSON, "identity"), (MESSAGEPACK, "identity"), (JSON, "zstd"), (MESSAGEPACK, "gzip")]
)

PARSERS: dict[str, Callable[[bytes], Any]] = {JSON: msgspec.json.decode, MESSAGEPACK: msgspec.msgpack.decode}
READERS: dict[str, Callable[[bytes], bytes]] = {
    "identity": bytes,
    "zstd": zstd.decompress,
    "gzip": lambda data: zlib.decompress(data, 31),
}


@functools.cache
def rows() -> list[dict[str, Any]]:
    return [{"id": number, "text": f"{number * 7919 % 999_983:032x}"} for number in range(ROWS)]


class LargeResult(ScenarioResult):
    def to_dict(self) -> dict[str, Any]:
        return {"rows": rows()}


class Large(wiring.Algorithm):
    """Has a result of some 18 MB."""

    result_class = LargeResult

    def run(self, data: Any) -> Any:
        return LargeResult(data.id)


def configuration() -> ApiConfiguration:
    """The wiring with a large result."""
    return wiring.configuration(algorithms={"Large": Large, "Instant": wiring.Instant})


def configuration_of_three() -> ApiConfiguration:
    """The same, where an address may have three streams open."""
    return wiring.configuration(algorithms={"Large": Large, "Instant": wiring.Instant}, limits=Limits(streams=3))


@contextlib.contextmanager
def serving(target: str) -> Iterator[Process]:
    """A server with the wide table."""
    server = Process(target, free_port(), module="tests.integration.downloads.test_slow_readers")
    try:
        assert upload_items(server.client, default_session(server.client), "wide").json()["success"] is True
        yield server
    finally:
        server.end()


@pytest.fixture(scope="module")
def server() -> Iterator[Process]:
    with serving("configuration") as server:
        yield server


@pytest.fixture
def of_three() -> Iterator[Process]:
    with serving("configuration_of_three") as server:
        yield server


def scenario(server: Process, algorithm: str) -> str:
    """The address of a scenario that is complete."""
    client = server.client
    session = default_session(client)
    name = f"{algorithm} {time.monotonic_ns()}"
    url = f"{session}/scenarios/{create(client, session, algorithm, name, dataset_key='wide')}"
    client.post(f"{url}/run")
    assert ended(client, session, url.rpartition("/")[2])["status"] == "complete"
    return url


class SlowReader:
    """A client that has asked for something, and has got the beginning of the answer."""

    def __init__(self, server: Process, path: str, form: str = JSON, coding: str = "identity") -> None:
        url = server.client.base_url
        self._socket = socket.socket()
        self._socket.settimeout(PATIENCE)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.connect((url.host, url.port))
        lines = [f"GET {path} HTTP/1.1", "Host: test", f"Accept: {form}", f"Accept-Encoding: {coding}"]
        self._socket.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode())
        self.begun = self._socket.recv(12)

    def rest(self) -> bytes:
        """All that is still to come."""
        chunks = iter(lambda: self._socket.recv(MEBIBYTE), b"")
        return self.begun + b"".join(chunks)

    def close(self) -> None:
        """Go away."""
        self._socket.close()


@contextlib.contextmanager
def slow_readers(number: int, server: Process, path: str, *accepted: str) -> Iterator[list[SlowReader]]:
    """Clients that have got the beginning of an answer each, of a server that has done what it can for them."""
    with contextlib.ExitStack() as open_ones:
        readers = []
        for _ in range(number):
            reader = SlowReader(server, path, *accepted)
            open_ones.callback(reader.close)
            readers.append(reader)
        assert {reader.begun for reader in readers} == {b"HTTP/1.1 200"}
        eventually(lambda: is_idle(server), 2 * PATIENCE)
        yield readers


def is_idle(server: Process) -> bool:
    """Whether a server has nothing to do for a while."""
    before = server.processor_time()
    time.sleep(0.3)
    return server.processor_time() == before


def read(server: Process, path: str, form: str, coding: str) -> Any:
    """The document that a client has read."""
    with server.client.stream("GET", path, headers={"Accept": form, "Accept-Encoding": coding}) as response:
        assert response.headers.get("content-encoding", "identity") == coding
        raw = b"".join(response.iter_raw())
    if "content-length" in response.headers:
        assert len(raw) == int(response.headers["content-length"])
    return PARSERS[form](READERS[coding](raw))


@FORMS
def test_a_download_that_nobody_reads_holds_little_and_gives_it_back(server: Process, form: str, coding: str) -> None:
    path = f"{default_session(server.client)}/data/wide"
    read(server, path, form, coding)
    before = server.memory()
    with slow_readers(DOWNLOADS, server, path, form, coding):
        held = server.memory() - before
    print(f"{form}, {coding}: {held / DOWNLOADS / 1024:.0f} KiB each")
    assert held < DOWNLOADS * (1.3 if coding == "identity" else 1.6) * MEBIBYTE
    eventually(lambda: server.memory() - before < 0.6 * DOWNLOADS * MEBIBYTE)


@FORMS
def test_a_result_that_nobody_reads_is_held_once(server: Process, form: str, coding: str) -> None:
    path = scenario(server, "Large")
    size = len(server.client.get(path).content)
    assert size > 15_000_000
    expected = read(server, path, form, coding)
    before = server.memory()
    with slow_readers(RESULTS, server, path, form, coding) as readers:
        held = server.memory() - before
        body = readers[0].rest().partition(b"\r\n\r\n")[2]
    print(f"{form}, {coding}: {held / MEBIBYTE:.0f} MiB")
    assert held < 4 * size + RESULTS * MEBIBYTE
    assert PARSERS[form](READERS[coding](body)) == expected


def test_a_reader_gets_what_there_was_and_the_next_one_what_there_is(server: Process) -> None:
    path = scenario(server, "Large")
    content = server.client.get(path).content
    with slow_readers(2, server, path) as (one, two):
        assert server.client.post(f"{path}/reset").json()["status"] == "created"
        assert server.client.get(path).json()["result"] is None
        assert server.client.delete(path).status_code == 204
        for reader in (one, two):
            assert reader.rest().partition(b"\r\n\r\n")[2] == content


def answers(server: Process, path: str, method: str = "GET") -> int:
    """The status of a request whose answer is not read."""
    with server.client.stream(method, path) as response:
        return response.status_code


@pytest.mark.parametrize("what", ["dataset", "result"])
def test_what_is_large_counts_as_a_stream_as_long_as_it_is_read(of_three: Process, what: str) -> None:
    server = of_three
    session, large, small = default_session(server.client), scenario(server, "Large"), scenario(server, "Instant")
    path = large if what == "result" else f"{session}/data/wide"
    with slow_readers(3, server, path):
        for refused in (large, f"{session}/data/wide", f"{session}/events"):
            answer = server.client.get(refused)
            assert answer.status_code == 429
            assert answer.json() == {"detail": "3 streams, downloads or long polls are open already"}
            assert answer.headers["retry-after"] == "10"
        assert server.client.get(small).status_code == 200
        for there in (large, f"{session}/data/wide"):
            assert answers(server, there, "HEAD") == 200
    eventually(lambda: answers(server, path) == 200)
    for _ in range(5):  # what has been read to its end does not count
        assert server.client.get(large).status_code == 200
        assert server.client.get(path).status_code == 200
