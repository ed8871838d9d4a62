"""Fixtures of the tests that kill a process at a given moment."""

from collections.abc import Iterator

import pytest

from .forks import Forks


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    """What starts the processes."""
    forks = Forks()
    yield forks
    forks.close()
