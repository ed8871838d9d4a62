"""Fixtures: a browser, a platform by name, and a server of the example that can be killed and started again."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from algomancy_api.auth.tokens import new_secret

from ...support.processes import Process, free_port
from ..browser.conftest import launched
from ..proxy.nginx import NAME, running
from .platforms import Address, Platform, chromium, node
from .wiring import OTHER_ORIGIN


class Served:
    """A server of the example, behind nginx too.

    Args:
        folder: The folder of its database.
        port: Its port.
    """

    def __init__(self, folder: Path, port: int) -> None:
        self.secret = new_secret()
        self._folder = folder
        self.port = port
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._process = Process(
            "configuration",
            self.port,
            self._folder,
            module="tests.integration.typescript.wiring",
            EXAMPLE_SECRET=self.secret,
        )

    def kill(self) -> None:
        """End it at once."""
        self._process.end(signal.SIGKILL)


Addresses = Callable[[str], Address]


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    server = Served(tmp_path_factory.mktemp("served"), free_port())
    yield server
    server.kill()


@pytest.fixture(scope="session")
def address(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    """The address of the server by a way: directly, from a page of another origin, or by nginx with TLS.

    Node.js asks nginx by its number, and Chromium by the name, as what is told of names to each allows.
    """
    folder = tmp_path_factory.mktemp("nginx")
    with running(folder, served.port) as proxy:
        certificate = folder / "certificate.pem"
        ways = {
            "direct": Address(served.url, served.secret),
            "other origin": Address(served.url, served.secret, origin=OTHER_ORIGIN),
            "nginx by number": Address(f"https://127.0.0.1:{proxy.port}", served.secret, certificate),
            "nginx by name": Address(f"https://{NAME}:{proxy.port}", served.secret, certificate),
        }
        yield ways.__getitem__


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A browser that finds the name of the proxy on this machine, and no other name."""
    with sync_playwright() as playwright, launched(playwright, f"MAP {NAME} 127.0.0.1") as browser:
        yield browser


@pytest.fixture(scope="session")
def platforms(browser: Browser) -> dict[str, Platform]:
    return {"Node.js": node, "Chromium": chromium(browser)}
