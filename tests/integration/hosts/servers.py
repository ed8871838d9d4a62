"""An ASGI server in a process of its own."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx

from ...support.clients import PATIENCE, eventually
from ...support.processes import ROOT, free_port


class Server:
    """A server at work.

    Args:
        command: What is given to Python, with ``{port}`` where the port goes.
        folder: Where the log is and, unless told otherwise, the database.
        in_memory: Whether there is no database.
    """

    def __init__(self, command: list[str], folder: Path, *, in_memory: bool = False) -> None:
        port = free_port()
        self._log = folder / "log"
        environment = {name: value for name, value in os.environ.items() if name != "WIRING_FOLDER"}
        if not in_memory:
            environment["WIRING_FOLDER"] = str(folder)
        arguments = [sys.executable, "-W", "always::ResourceWarning", *(word.format(port=port) for word in command)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603
                arguments, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE)

    @property
    def log(self) -> str:
        """What it has written."""
        return self._log.read_text()

    def started(self) -> None:
        """Wait until it answers."""
        eventually(self._answers)

    def _answers(self) -> bool:
        assert self._process.poll() is None, self.log
        with contextlib.suppress(httpx.TransportError):
            return self.client.get("/health").status_code == 200
        return False

    def stopped(self, how: signal.Signals) -> int:
        """Send a signal, wait until no process of it is left, and give the exit code."""
        self.client.close()
        self._process.send_signal(how)
        code = self._process.wait(PATIENCE)
        eventually(lambda: not self._processes())
        return code

    def killed(self) -> None:
        """Leave nothing of it, whatever has happened."""
        self.client.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(PATIENCE)

    def peak_memory(self) -> int:
        """The most that its processes have had resident since the last `reset_peak_memory`, in bytes."""
        lines = [line for folder in self._processes() for line in (folder / "status").read_text().splitlines()]
        return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))

    def reset_peak_memory(self) -> None:
        """Begin anew with `peak_memory`."""
        for folder in self._processes():
            (folder / "clear_refs").write_text("5")

    def _processes(self) -> list[Path]:
        """The folders in ``/proc`` of its processes that have not ended."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                state, _, group = (folder / "stat").read_text().rpartition(")")[2].split()[:3]
                if int(group) == self._process.pid and state != "Z":
                    found.append(folder)
        return found


@contextlib.contextmanager
def running(command: list[str], folder: Path, *, in_memory: bool = False) -> Iterator[Server]:
    """A server that answers; nothing of it is left afterwards."""
    server = Server(command, folder, in_memory=in_memory)
    try:
        server.started()
        yield server
    finally:
        server.killed()
