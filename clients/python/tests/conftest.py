"""Fixtures: a server of the example over TCP, and the default session of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from algomancy_client import Client, Dataset, Session

from .support import servers


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what the environment of whoever runs the tests says of a server."""
    for name in ("ALGOMANCY_URL", "ALGOMANCY_TOKEN", "ALGOMANCY_TIMEOUT", "ALGOMANCY_RETRIES"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of the example."""
    port = servers.free_port()
    with servers.example(tmp_path_factory.mktemp("example"), port):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def client(url: str) -> Iterator[Client]:
    with Client(url) as client:
        yield client


@pytest.fixture
def session(client: Client) -> Session:
    return client.session()


@pytest.fixture
def data(session: Session) -> Dataset:
    return session.dataset("Master data")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
