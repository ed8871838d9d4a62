"""uvicorn in a child process, on a free port of the loopback interface."""

import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

#: Seconds: timeouts for a server to start and to stop.
_START, _STOP = 180.0, 5.0


class ServerFailed(Exception):
    """A server did not start, or has exited. The message ends with its output."""


@dataclass(frozen=True)
class Kind:
    """The command of a server.

    Attributes:
        name: Its name in tables.
        python: The interpreter of its environment.
        target: The argument of uvicorn: ``module:attribute``, or ``module:function`` if the options have
            ``--factory``.
        folder: The folder that the module is imported from.
        options: Further options of uvicorn.
    """

    name: str
    python: str
    target: str
    folder: Path
    options: tuple[str, ...] = ()


@dataclass
class Server:
    """A running server.

    Attributes:
        kind: Its command.
        port: Its port.
        folder: Its working directory, deleted at its end.
        process: Its process.
        started: The monotonic time of its start.
    """

    kind: Kind
    port: int
    folder: Path
    process: subprocess.Popen[bytes]
    started: float = field(default_factory=time.monotonic)

    @property
    def host(self) -> str:
        """Host and port, as in a URL."""
        return f"127.0.0.1:{self.port}"

    def check(self) -> None:
        """Check that the process still runs.

        Raises:
            ServerFailed: It has exited.
        """
        if (code := self.process.poll()) is not None:
            raise ServerFailed(f"{self.kind.name} ended with {code}:\n{self.last_output()}")

    def last_output(self, lines: int = 30) -> str:
        """The last lines of its log."""
        text = (self.folder / "log").read_text(errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def memory(self) -> int:
        """Resident memory, in bytes."""
        return self._status("VmRSS")

    def peak_memory(self) -> int:
        """Peak of the resident memory since the last `reset_peak_memory`, in bytes."""
        return self._status("VmHWM")

    def reset_peak_memory(self) -> None:
        """Reset `peak_memory` to the current memory."""
        (Path("/proc") / str(self.process.pid) / "clear_refs").write_text("5")

    def processor_time(self) -> float:
        """CPU time used so far, user and system, in seconds."""
        fields = (Path("/proc") / str(self.process.pid) / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _status(self, name: str) -> int:
        lines = (Path("/proc") / str(self.process.pid) / "status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


@contextlib.contextmanager
def serving(kind: Kind, environment: Mapping[str, str] = {}) -> Iterator[Server]:
    """A running server, which is always stopped at the end.

    Args:
        kind: Its command.
        environment: Variables added to those of this process. ``@folder@`` in a value stands for the server's folder.

    Raises:
        ServerFailed: The server does not start.
    """
    prefix = f"{kind.name.replace(' ', '-')}-"
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as folder:
        server = _start(kind, Path(folder), environment)
        try:
            _wait_until_listening(server)
            yield server
        finally:
            _stop(server.process)


def _start(kind: Kind, folder: Path, environment: Mapping[str, str]) -> Server:
    port = _free_port()
    command = [
        *(kind.python, "-m", "uvicorn", kind.target, "--app-dir", str(kind.folder), "--port", str(port)),
        *("--no-access-log", "--log-level", "warning", "--timeout-graceful-shutdown", "2", *kind.options),
    ]
    own = {name: value.replace("@folder@", str(folder)) for name, value in environment.items()}
    variables = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"} | own
    # The server must import from its own environment, not from this process's path.
    variables.pop("PYTHONPATH", None)
    started = time.monotonic()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches only this process, which then stops the servers
        )
    return Server(kind, port, folder, process, started)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _wait_until_listening(server: Server) -> None:
    deadline = time.monotonic() + _START
    while time.monotonic() < deadline:
        server.check()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", server.port), 1):
            return
        time.sleep(0.02)
    raise ServerFailed(f"{server.kind.name} does not accept connections after {_START:.0f} s:\n{server.last_output()}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_STOP)
    finally:
        if process.poll() is None:
            # Kill the whole process group, so that no child of the server outlives it.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
