"""The command in a child process, for tests that stop it, kill it or measure its memory."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

import httpx

from .clients import PATIENCE, eventually

ROOT = Path(__file__).parents[2]

COMMAND = [sys.executable, "-m", "algomancy_api"]


class Started(subprocess.Popen[bytes]):
    """A process whose output goes to files: one that fills a pipe, which holds 64 KiB, waits for its reader."""

    def __init__(self, command: Sequence[str], folder: Path, output: IO[bytes], errors: IO[bytes]) -> None:
        self._files = output, errors
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        super().__init__(command, cwd=folder, env=environment, stdout=output, stderr=errors)

    def written(self) -> tuple[str, str]:
        """What it has written to stdout and stderr so far."""
        output, errors = map(_content, self._files)
        return output, errors

    def ended(self) -> tuple[str, str]:
        """Wait for the end, and return what it has written."""
        self.wait(PATIENCE)
        return self.written()


def _content(file: IO[bytes]) -> str:
    return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0).decode()  # its position is the writer's too


@contextlib.contextmanager
def started(folder: Path, *command: str) -> Iterator[Started]:
    """A running command in a folder, with this checkout on Python's path."""
    with (
        tempfile.TemporaryFile() as output,
        tempfile.TemporaryFile() as errors,
        Started(command, folder, output, errors) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


@contextlib.contextmanager
def answering(
    process: Started, port: int, *, path: str = "/health", patience: float = PATIENCE
) -> Iterator[httpx.Client]:
    """A client of a starting server, once a path responds with 200."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client:

        def answers() -> bool:
            assert process.poll() is None, process.ended()
            with contextlib.suppress(httpx.TransportError):
                return client.get(path).status_code == 200
            return False

        eventually(answers, patience)
        yield client


def interrupted(process: Started) -> tuple[str, str]:
    """Send SIGINT to a process and return its stdout and stderr."""
    process.send_signal(signal.SIGINT)
    return process.ended()


def free_port() -> int:
    """A free port of the loopback interface."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


#: The servers that have not been ended.
_servers: set[Process] = set()


@contextlib.contextmanager
def no_server_left() -> Iterator[None]:
    """End the servers that a failed test leaves: their warnings would make others fail."""
    before = _servers.copy()
    yield
    for server in _servers - before:
        server.end()


class Process:
    """A server under the command ``serve``.

    Args:
        target: The name of the function that returns its configuration.
        port: The port that it listens on.
        folder: The folder of its database, if it has one.
        module: The module of the target.
        patience: Seconds to wait until it responds; 0 for no wait.
        environment: Further environment variables.
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
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE)
        _servers.add(self)
        if patience:
            try:
                eventually(self._answers, patience)
            except BaseException:
                self.end()  # the caller has no reference to it yet
                raise

    def _answers(self) -> bool:
        assert self._process.poll() is None
        try:
            return self.client.get("/health").status_code == 200
        except httpx.TransportError:
            return False

    @property
    def process_id(self) -> int:
        return self._process.pid

    def memory(self) -> int:
        """Resident memory of the process, in bytes."""
        return self._status("VmRSS")

    def peak_memory(self) -> int:
        """Peak of the resident memory since the last `reset_peak_memory`, in bytes."""
        return self._status("VmHWM")

    def reset_peak_memory(self) -> None:
        """Reset `peak_memory` to the current memory."""
        (Path("/proc") / str(self._process.pid) / "clear_refs").write_text("5")

    def processor_time(self) -> int:
        """CPU time of the process so far, in clock ticks."""
        fields = (Path("/proc") / str(self._process.pid) / "stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    def _status(self, name: str) -> int:
        lines = (Path("/proc") / str(self._process.pid) / "status").read_text().splitlines()
        [line] = [line for line in lines if line.startswith(name)]
        return int(line.split()[1]) * 1024

    def end(self, how: signal.Signals = signal.SIGKILL) -> int:
        """Send a signal, wait for the end, and return the exit code."""
        _servers.discard(self)
        self.client.close()
        self._process.send_signal(how)
        return self._process.wait(PATIENCE)
