"""Fixture: one server of the example for all tests of a module."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ...support.processes import COMMAND, answering, free_port, started
from .pages import ADDRESS

#: Seconds: how long the example may take to answer first. It reads its data into a new database.
_PATIENCE = 120


@dataclass(frozen=True)
class Example:
    """A server of the example, and the folder that it was started in."""

    folder: Path
    port: int

    def addressed(self, texts: Iterable[str]) -> list[str]:
        """Texts of a page with this server's address in place of the one that the pages show."""
        return [text.replace(ADDRESS, f"127.0.0.1:{self.port}") for text in texts]


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Example]:
    folder, port = tmp_path_factory.mktemp("example"), free_port()
    command = [*COMMAND, "example", "--port", str(port), "--log-level", "error"]
    with started(folder, *command) as server, answering(server, port, patience=_PATIENCE):
        yield Example(folder, port)
