"""The app under Hypercorn, in a process of its own. Skipped without Hypercorn."""

import signal
from pathlib import Path

import pytest

from . import clients_that_leave, serverchecks

pytest.importorskip("hypercorn")

HYPERCORN = ["-m", "hypercorn", "--bind", "127.0.0.1:{port}"]
IMPORTED = [*HYPERCORN, "tests.integration.hosts.served:app"]
FACTORY = [*HYPERCORN, "tests.integration.hosts.factory:build()"]

#: The command of Hypercorn 0.18 waits for open streams without end, whatever its time limit is.
UNDER_HOST = ["-m", "tests.integration.hosts.under_hypercorn", "{port}"]


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
    clients_that_leave.check_clients(UNDER_HOST, tmp_path)
