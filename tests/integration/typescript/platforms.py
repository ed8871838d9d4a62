"""Where the client runs: in Node.js, and in a page of Chromium."""

import contextlib
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from playwright.sync_api import Browser

from ...support.clients import eventually
from ...support.processes import ROOT

CLIENT = ROOT / "clients" / "typescript"

#: What `make test-typescript` has compiled and bundled.
_NODE = CLIENT / "build" / "tests" / "integration" / "node.js"
_BUNDLE = CLIENT / "build" / "journeys.js"


@dataclass(frozen=True)
class Address:
    """Where the server is for a client, and what the client has to know of it.

    Attributes:
        url: Its address.
        secret: The token.
        certificate: The certificate of its proxy, if it is behind one.
        origin: The origin of the page; None for that of the address.
    """

    url: str
    secret: str
    certificate: Path | None = None
    origin: str | None = None


class Underway:
    """A journey that has begun.

    Args:
        lines: Returns the lines that it has said so far.
    """

    def __init__(self, lines: Callable[[], list[str]]) -> None:
        self._lines = lines

    def has_said(self, line: str) -> bool:
        """Whether it has said a line. One that failed is an error."""
        lines = self._lines()
        failures = [each for each in lines if each.startswith("error ")]
        assert not failures, failures
        return line in lines

    def outcome(self) -> Any:
        """What it has seen, at its end."""
        [line] = eventually(lambda: [line for line in self._lines() if line.startswith(("outcome ", "error "))])
        kind, _, text = line.partition(" ")
        assert kind == "outcome", text
        return json.loads(text)


class Platform(Protocol):
    """Begins a journey of a name at an address."""

    def __call__(
        self, journey: str, address: Address, name: str, folder: Path
    ) -> contextlib.AbstractContextManager[Underway]: ...


@contextlib.contextmanager
def node(journey: str, address: Address, name: str, folder: Path) -> Iterator[Underway]:
    """A journey in Node.js."""
    environment = os.environ | {"API_TOKEN": address.secret}
    if address.certificate is not None:
        environment["NODE_EXTRA_CA_CERTS"] = str(address.certificate)
    log = folder / f"{name}.log"
    command = ["node", "--unhandled-rejections=strict", str(_NODE), journey, address.url, name]
    with (
        log.open("wb") as output,
        subprocess.Popen(command, env=environment, stdout=output, stderr=output) as process,  # noqa: S603
    ):

        def lines() -> list[str]:
            has_ended = process.poll() is not None
            text = log.read_text()
            assert not has_ended or "\noutcome " in f"\n{text}" or "\nerror " in f"\n{text}", text
            return text.splitlines()

        try:
            yield Underway(lines)
        finally:
            process.kill()


def chromium(browser: Browser) -> Platform:
    """Journeys in a page of a browser."""

    @contextlib.contextmanager
    def begun(journey: str, address: Address, name: str, folder: Path) -> Iterator[Underway]:
        # Nobody has signed the certificate of the proxy. A page that no server has counts as one of another network.
        context = browser.new_context(ignore_https_errors=True, permissions=["local-network-access"])
        page = context.new_page()
        url = f"{address.origin or address.url}/journeys.html"
        page.route(url, lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
        page.goto(url)
        page.add_script_tag(content=_BUNDLE.read_text())
        page.evaluate(
            "([journey, url, token, name]) => {"
            "  window.lines = [];"
            "  addEventListener('unhandledrejection', ({ reason }) => lines.push(`error ${reason}`));"
            "  void client.go(journey, url, token, name, (line) => lines.push(line)); }",
            [journey, address.url, address.secret, name],
        )
        try:
            yield Underway(lambda: page.evaluate("lines"))
        finally:
            context.close()

    return begun
