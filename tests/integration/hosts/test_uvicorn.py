"""The app under the command ``uvicorn`` and under `ApiLauncher.run`, in a process of its own."""

import signal
from pathlib import Path

import pytest

from . import clients_that_leave, serverchecks

UVICORN = ["-m", "uvicorn", "--port", "{port}"]
IMPORTED = [*UVICORN, "tests.integration.hosts.served:app"]
FACTORY = [*UVICORN, "--factory", "tests.integration.hosts.factory:build"]
RUN = ["-c", "from tests.integration.hosts.factory import *; ApiLauncher.run(build(), port={port})"]


@pytest.mark.parametrize("command", [IMPORTED, [*FACTORY, "--http", "h11", "--loop", "asyncio"]])
def test_everything_is_there(command: list[str], tmp_path: Path) -> None:
    serverchecks.check_everything_is_there(command, tmp_path)


def test_the_main_job(tmp_path: Path) -> None:
    serverchecks.check_the_main_job(FACTORY, tmp_path)


def test_a_large_download_is_streamed(tmp_path: Path) -> None:
    serverchecks.check_a_large_download_is_streamed(IMPORTED, tmp_path, limit=60)


@pytest.mark.parametrize(("command", "how"), [(IMPORTED, signal.SIGINT), (RUN, signal.SIGINT), (RUN, signal.SIGTERM)])
def test_it_stops(command: list[str], how: signal.Signals, tmp_path: Path) -> None:
    serverchecks.check_it_stops(command, tmp_path, how)


@pytest.mark.parametrize("options", [[], ["--http", "h11", "--loop", "asyncio"]])
def test_clients_that_leave(options: list[str], tmp_path: Path) -> None:
    clients_that_leave.check_clients([*IMPORTED, "--timeout-graceful-shutdown", "1", *options], tmp_path)
