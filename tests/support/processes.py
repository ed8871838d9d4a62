"""The command in a process of its own, where that is the point: to be stopped, killed or weighed."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from .clients import PATIENCE, eventually

ROOT = Path(__file__).parents[2]

COMMAND = [sys.executable, "-m", "algomancy_api"]


@contextlib.contextmanager
def started(folder: Path, *command: str) -> Iterator[subprocess.Popen[str]]:
    """A command at work in a folder, with this checkout on Python's path and its output in pipes."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    output: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=folder, env=environment, **output) as process:  # noqa: S603
        try:
            yield process
        finally:
            process.kill()


@contextlib.contextmanager
def answering(
    process: subprocess.Popen[str], port: int, *, path: str = "/health", patience: float = PATIENCE
) -> Iterator[httpx.Client]:
    """A client of a server that is starting, once it answers at a path."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client:

        def answers() -> bool:
            assert process.poll() is None, process.communicate()
            with contextlib.suppress(httpx.TransportError):
                return client.get(path).status_code == 200
            return False

        eventually(answers, patience)
        yield client


def interrupted(process: subprocess.Popen[str]) -> tuple[str, str]:
    """What a process that Ctrl-C ends has written to stdout and stderr."""
    process.send_signal(signal.SIGINT)
    return process.communicate(timeout=PATIENCE)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


class Process:
    """A server of a target of the wiring.

    Args:
        target: The name of what makes its configuration.
        port: The port that it listens on.
        folder: Where its database lies, if it has one.
        module: The module of the target, if it is another one.
        patience: How long to wait until it answers, in seconds; 0 is not at all.
        environment: What else it finds in its environment.
    """

    def __init__(
        self,
        target: str,
        port: int,
        folder: Path | None = None,
        *,
        module: str = "tests.support.wiring",
        patience: float = PATIENCE,
        **environment: str,
    ) -> None:
        command = [*COMMAND, "serve", f"{module}:{target}", "--port", str(port)]
        everything = os.environ | {"WIRING_FOLDER": str(folder)} | environment
        self._process = subprocess.Popen([*command, "--log-level", "error"], cwd=ROOT, env=everything)  # noqa: S603
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60)
        if patience:
            try:
                eventually(self._answers, patience)
            except BaseException:
                self.end()  # nobody else could
                raise

    def _answers(self) -> bool:
        assert self._process.poll() is None
        try:
            return self.client.get("/health").status_code == 200
        except httpx.TransportError:
            return False

    @property
    def process_id(self) -> int:
        """The id of the process."""
        return self._process.pid

    def memory(self) -> int:
        """What the process has resident, in bytes."""
        return self._status("VmRSS")

    def peak_memory(self) -> int:
        """The most that the process has had resident since the last `forget_peak`, in bytes."""
        return self._status("VmHWM")

    def forget_peak(self) -> None:
        """Begin anew with `peak_memory`."""
        (Path("/proc") / str(self._process.pid) / "clear_refs").write_text("5")

    def processor_time(self) -> int:
        """The processor time that the process has used, in ticks."""
        fields = (Path("/proc") / str(self._process.pid) / "stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    def _status(self, name: str) -> int:
        lines = (Path("/proc") / str(self._process.pid) / "status").read_text().splitlines()
        [line] = [line for line in lines if line.startswith(name)]
        return int(line.split()[1]) * 1024

    def end(self, how: signal.Signals = signal.SIGKILL) -> int:
        """Send a signal, and give the exit code."""
        self.client.close()
        self._process.send_signal(how)
        return self._process.wait(PATIENCE)
