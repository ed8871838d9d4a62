"""Fixtures: servers under the command, each in a process of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ...support.processes import Process, free_port
from .raw_client import Server


@contextmanager
def served(target: str, temporary: Path) -> Iterator[Server]:
    """A server, whose temporary files are in that folder."""
    port = free_port()
    process = Process(target, port, module="tests.integration.wire.wiring", TMPDIR=str(temporary))
    try:
        yield Server(process, port, temporary)
    finally:
        process.end()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that waits for requests for longer than any test takes."""
    with served("patient", tmp_path_factory.mktemp("temporary")) as server:
        yield server


@pytest.fixture(scope="session")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with low limits."""
    with served("impatient", tmp_path_factory.mktemp("temporary")) as server:
        yield server
