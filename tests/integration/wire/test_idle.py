"""Thousands of idle connections: they cost little memory and delay no other client."""

import resource
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from ...support.clients import PATIENCE, eventually
from .conftest import served
from .raw_client import HEALTH, Server

CONNECTIONS = 10_000

#: So many more files are open on each side, at most.
OTHERS = 500

MIB = 1024**2


@pytest.fixture
def many_files() -> Iterator[None]:
    """Lets this process, and those that it starts, have a file for each connection."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = CONNECTIONS + OTHERS
    if hard != resource.RLIM_INFINITY and hard < needed:
        pytest.skip(f"the system allows {hard} open files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, needed), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextmanager
def idle(server: Server, count: int) -> Iterator[list[socket.socket]]:
    """Connections on which nothing is sent, from several addresses, none of which has so many ports."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                socket.create_connection(
                    ("127.0.0.1", server.port), timeout=PATIENCE, source_address=(f"127.0.0.{2 + number % 4}", 0)
                )
            )
            for number in range(count)
        ]


def open_files(server: Server) -> int:
    return len(list(Path(f"/proc/{server.process.process_id}/fd").iterdir()))


def has_ended(connection: socket.socket) -> bool:
    """Whether the server has closed a connection, or does so before a read of it gives up."""
    while connection.recv(65536):
        pass
    return True


@pytest.mark.usefixtures("many_files")
def test_ten_thousand_are_held_and_all_others_are_answered(tmp_path: Path) -> None:
    with served("patient", tmp_path) as server:
        server.process.reset_peak_memory()
        before = server.process.peak_memory()
        with idle(server, CONNECTIONS) as connections:
            assert server.client.get("/health").status_code == 200
            eventually(lambda: open_files(server) > CONNECTIONS)
            for connection in connections[::100]:
                connection.sendall(HEALTH)
                assert connection.recv(65536).startswith(b"HTTP/1.1 200")
            assert server.process.peak_memory() - before < 200 * MIB
            assert server.process.end(signal.SIGTERM) == -signal.SIGTERM
            assert all(has_ended(connection) for connection in connections)


def test_those_that_ask_for_nothing_are_closed_in_the_end(impatient: Server) -> None:
    with idle(impatient, 100) as connections:
        assert all(has_ended(connection) for connection in connections)
