"""Servers on the Dask engine: nothing is left after their end."""

import contextlib
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ...support.clients import eventually
from ...support.processes import COMMAND, Started, answering, free_port, started
from .clusters import DaskCluster, number
from .test_processes import is_alive
from .test_servers import at_work, descendants


@contextlib.contextmanager
def serving(folder: Path, monkeypatch: pytest.MonkeyPatch, *options: str) -> Iterator[tuple[Started, httpx.Client]]:
    """A server of its own on the Dask engine."""
    port = free_port()
    monkeypatch.setenv("WIRING_FOLDER", str(folder))
    target = ["tests.integration.engines.etl:configuration", "--port", str(port), "--log-level", "warning"]
    command = [*COMMAND, "serve", *target, "--engine", "dask", *options]
    with started(folder, *command) as process, answering(process, port) as client:
        yield process, client


@pytest.mark.parametrize("how", ["SIGKILL", "SIGTERM"])
def test_a_server_that_ends_ends_its_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dask: DaskCluster, how: str
) -> None:
    with serving(tmp_path, monkeypatch, "--engine-address", dask.address) as (process, client):
        at_work(client, tmp_path, "Ignores")
        child = number(tmp_path / "started")
        process.send_signal(signal.Signals[how])
        process.wait(90)
        eventually(lambda: not is_alive(child))
    eventually(lambda: not dask.held())


@pytest.mark.parametrize("how", ["SIGKILL", "SIGINT"])
def test_a_local_cluster_ends_with_its_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    with serving(tmp_path, monkeypatch, "--engine-workers", "1") as (process, client):
        running = at_work(client, tmp_path, "Ignores")
        left = {*descendants(process.pid), int((tmp_path / "started").read_text())}
        assert running.status == "processing"
        process.send_signal(signal.Signals[how])
        _, errors = process.ended()
        eventually(lambda: not any(map(is_alive, left)))
    if how == "SIGINT":  # of one that is killed, Python's own semaphores are left to be cleaned up, which it says
        assert [line for line in errors.splitlines() if "was stopped: The server was stopped" not in line] == []
