"""The app under Granian, in a process of its own. Skipped without Granian."""

import signal
from pathlib import Path

import pytest

from . import clients_that_leave, serverchecks

pytest.importorskip("granian")

GRANIAN = ["-m", "granian", "--interface", "asgi", "--port", "{port}"]
IMPORTED = [*GRANIAN, "tests.integration.hosts.served:app"]
FACTORY = [*GRANIAN, "--factory", "tests.integration.hosts.factory:build"]


def test_everything_is_there(tmp_path: Path) -> None:
    serverchecks.check_everything_is_there(IMPORTED, tmp_path)


def test_the_main_job(tmp_path: Path) -> None:
    serverchecks.check_the_main_job(FACTORY, tmp_path)


def test_a_large_download_is_streamed(tmp_path: Path) -> None:
    serverchecks.check_a_large_download_is_streamed(IMPORTED, tmp_path, limit=60)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_stops(how: signal.Signals, tmp_path: Path) -> None:
    serverchecks.check_it_stops(IMPORTED, tmp_path, how)


def test_clients_that_leave(tmp_path: Path) -> None:
    clients_that_leave.check_clients(
        [*GRANIAN, "--workers-kill-timeout", "2", "tests.integration.hosts.served:app"], tmp_path
    )
