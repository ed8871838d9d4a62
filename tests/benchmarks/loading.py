"""What the tests of the load start from: a server that writes down its requests, and the command on it."""

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from algomancy_api import ApiLauncher

from ..conftest import API, default_session, upload_items
from ..support import wiring
from ..support.clients import PATIENCE, serving
from ..support.processes import ROOT

COMMAND = [sys.executable, "-W", "error", "-m", "benchmarks.load"]

#: Nobody has this address: it is kept for documentation.
ELSEWHERE = "http://192.0.2.1"


class Recorded:
    """An app whose requests are written down: by which connection, and what."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.requests: list[tuple[int, str, str]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.requests.append((scope["client"][1], scope["method"], scope["path"]))
        await self.app(scope, receive, send)

    def methods(self) -> set[str]:
        return {method for _, method, _ in self.requests}

    def paths(self) -> list[str]:
        return [path for _, _, path in self.requests]


@contextlib.contextmanager
def served(**overrides: Any) -> Iterator[tuple[httpx.Client, Recorded]]:
    """A server of the wiring, with the dataset ``items`` in its only session."""
    app = ApiLauncher.build(wiring.configuration(**overrides))
    recorded = Recorded(app)
    with serving(recorded) as url, httpx.Client(base_url=url, timeout=PATIENCE) as client:
        assert upload_items(client, default_session(client)).status_code == 200
        recorded.requests.clear()
        yield client, recorded
        wiring.RELEASE.set()
    app.state.session_manager.shutdown()


def load(url: object, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command, run to its end by somebody who answers nothing."""
    return subprocess.run(  # noqa: S603
        [*COMMAND, str(url), *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def figures(text: str) -> dict[str, tuple[int, int]]:
    """The lines of a table: how many requests, and how many errors."""
    lines = re.findall(r"^ {0,2}(\S.*?) {2,}([\d,]+) .* ([\d,]+) *$", text, re.MULTILINE)
    return {name: (int(requests.replace(",", "")), int(errors.replace(",", ""))) for name, requests, errors in lines}


def names(client: httpx.Client) -> list[str]:
    """The sessions' names."""
    return [session["display_name"] for session in client.get(f"{API}/sessions").json()["sessions"]]


def contents(client: httpx.Client) -> tuple[Any, Any]:
    """What the first session holds: its datasets, and the tags of its scenarios."""
    session = default_session(client)
    scenarios = client.get(f"{session}/scenarios").json()
    return client.get(f"{session}/data").json(), [scenario["tag"] for scenario in scenarios]
