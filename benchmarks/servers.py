"""A real server in a process of its own: uvicorn on a free port of the loopback interface."""

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

#: How long a server may take to start, and to stop, in seconds.
_START, _STOP = 180.0, 5.0


class ServerFailed(Exception):
    """A server did not start, or is no longer there. The message ends with what it said."""


@dataclass(frozen=True)
class Kind:
    """What a server is: its name, the Python that runs it, what uvicorn imports, and from where.

    Attributes:
        name: As tables call it.
        python: The interpreter of its environment.
        target: ``module:attribute``, or ``module:function`` with ``--factory`` among the options.
        folder: The folder that the module is imported from.
        options: More of uvicorn's own options.
    """

    name: str
    python: str
    target: str
    folder: Path
    options: tuple[str, ...] = ()


@dataclass
class Server:
    """A running server, its port, and the folder that is its own."""

    kind: Kind
    port: int
    folder: Path
    process: subprocess.Popen[bytes]
    started: float = field(default_factory=time.monotonic)

    @property
    def host(self) -> str:
        """Its host and port, as they stand in an address."""
        return f"127.0.0.1:{self.port}"

    def check(self) -> None:
        """See that it still runs.

        Raises:
            ServerFailed: It does not.
        """
        if (code := self.process.poll()) is not None:
            raise ServerFailed(f"{self.kind.name} ended with {code}:\n{self.last_words()}")

    def last_words(self, lines: int = 30) -> str:
        """The end of what it has written."""
        text = (self.folder / "log").read_text(errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def memory(self) -> int:
        """What it has resident, in bytes."""
        return self._status("VmRSS")

    def peak_memory(self) -> int:
        """The most that it has had resident since the last `forget_peak`, in bytes."""
        return self._status("VmHWM")

    def forget_peak(self) -> None:
        """Begin anew with `peak_memory`."""
        (Path("/proc") / str(self.process.pid) / "clear_refs").write_text("5")

    def processor_time(self) -> float:
        """The processor time that it has used, its own and the system's for it, in seconds."""
        fields = (Path("/proc") / str(self.process.pid) / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _status(self, name: str) -> int:
        lines = (Path("/proc") / str(self.process.pid) / "status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


@contextlib.contextmanager
def serving(kind: Kind, environment: Mapping[str, str] = {}) -> Iterator[Server]:
    """A server at work; stopped at the end, whatever happens.

    Args:
        kind: What it is.
        environment: Variables beside those of this process; ``@folder@`` in a value stands for the server's folder.

    Raises:
        ServerFailed: It does not start.
    """
    prefix = f"{kind.name.replace(' ', '-')}-"
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as folder:
        server = _start(kind, Path(folder), environment)
        try:
            _wait_until_it_answers(server)
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
    # Its imports must come from its own environment, not from the folder or the path of this process.
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
            start_new_session=True,  # Ctrl-C reaches this process alone, which then stops the servers
        )
    return Server(kind, port, folder, process, started)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _wait_until_it_answers(server: Server) -> None:
    deadline = time.monotonic() + _START
    while time.monotonic() < deadline:
        server.check()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", server.port), 1):
            return
        time.sleep(0.02)
    raise ServerFailed(f"{server.kind.name} does not answer after {_START:.0f} s:\n{server.last_words()}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_STOP)
    finally:
        if process.poll() is None:
            # The whole group: what the server has started must not outlive it.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
