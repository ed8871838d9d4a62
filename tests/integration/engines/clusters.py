"""A Dask cluster of real processes, started with Dask's commands."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from distributed import Client

from ...support.clients import PATIENCE, eventually
from ...support.processes import ROOT, free_port

DASK = Path(sys.executable).parent / "dask"

_ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}


class DaskCluster:
    """A scheduler and two workers of two threads each, one of them watched over by a nanny."""

    def __init__(self, folder: Path) -> None:
        self.address = f"tcp://127.0.0.1:{free_port()}"
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []
        self.start_scheduler()
        self.start_worker("--nanny")
        self.start_worker("--no-nanny")

    def start_scheduler(self) -> None:
        """Start the scheduler, at the address that it has."""
        port = self.address.rpartition(":")[2]
        self._scheduler = self._started("scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard")

    def start_worker(self, *options: str) -> None:
        """Start a worker."""
        own = ["--nthreads", "2", "--no-dashboard", "--host", "127.0.0.1"]
        self._last_worker = self._started("worker", self.address, *own, *options)

    def kill_scheduler(self) -> None:
        """End the scheduler with a signal that it cannot answer."""
        self._scheduler.kill()
        self._scheduler.wait(PATIENCE)

    def kill(self, worker: int) -> None:
        """End a worker's process with a signal that it cannot answer."""
        os.kill(worker, signal.SIGKILL)

    def heal(self) -> None:
        """Wait until there are two workers again; the nanny sees to one of them."""
        if self._last_worker.poll() is not None:
            self.start_worker("--no-nanny")
        with self._client() as client:
            eventually(lambda: len(client.nthreads()) == 2)

    def held(self) -> dict[str, int]:
        """How many pieces of data each worker holds, of those that hold any."""
        with self._client() as client:
            return {worker: len(keys) for worker, keys in client.has_what().items() if keys}

    def stop(self) -> None:
        """End it all."""
        for process in reversed(self._processes):
            process.send_signal(signal.SIGTERM)
        for process in reversed(self._processes):
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)  # a worker whose scheduler goes at the same moment may wait for it
            process.kill()
            process.wait(PATIENCE)

    def log(self) -> str:
        """What its processes have written."""
        return (self._folder / "log").read_text()

    def _client(self) -> Any:
        return Client(self.address, set_as_default=False)

    def _started(self, *command: str) -> subprocess.Popen[bytes]:
        with (self._folder / "log").open("ab") as log:
            process = subprocess.Popen([DASK, *command], cwd=self._folder, env=_ENVIRONMENT, stdout=log, stderr=log)  # noqa: S603
        self._processes.append(process)
        return process


@contextlib.contextmanager
def running(folder: Path) -> Iterator[DaskCluster]:
    """A cluster at work."""
    cluster = DaskCluster(folder)
    try:
        for _ in range(3):  # a busy machine takes its time until three processes have imported Dask
            with contextlib.suppress(TimeoutError):
                eventually(lambda: cluster.log().count("Registered to:") >= 2)
                break
        yield cluster
    finally:
        cluster.stop()


def number(file: Path) -> int:
    """The process that has written its number to a file, which is taken away."""
    eventually(file.exists)
    process_id = int(file.read_text().split()[0])
    file.unlink()
    return process_id
