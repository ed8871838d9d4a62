"""A real server of one of the two packages: a uvicorn process on a free port of the loopback interface."""

import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

#: The folder that holds the package `wiring`, which the servers import by that name.
_HERE = Path(__file__).parent

#: How long a server may take to start, and to stop, in seconds.
_START, _STOP = 60.0, 5.0


class ServerFailed(Exception):
    """A server did not start, or is no longer there. The message ends with what it said."""


@dataclass
class Server:
    """A running server, its port, and the folder that is its own."""

    side: str
    port: int
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def host(self) -> str:
        """Its host and port, as they stand in an address."""
        return f"127.0.0.1:{self.port}"

    def open_gate(self, gate: str) -> None:
        """Let the algorithm end that waits for this gate, now or later."""
        (self.folder / gate).touch()

    def check(self) -> None:
        """See that it still runs.

        Raises:
            ServerFailed: It does not.
        """
        if (code := self.process.poll()) is not None:
            raise ServerFailed(f"{self.side} ended with {code}:\n{self.last_words()}")

    def last_words(self, lines: int = 30) -> str:
        """The end of what it has written."""
        text = (self.folder / "log").read_text(errors="replace")
        return "\n".join(text.splitlines()[-lines:])


@contextlib.contextmanager
def serving(side: str, python: str, variant: str) -> Iterator[Server]:
    """A server of a variant of the wiring, run by a Python; stopped at the end, whatever happens.

    Raises:
        ServerFailed: It does not start.
    """
    with tempfile.TemporaryDirectory(prefix=f"compare-{side}-", ignore_cleanup_errors=True) as folder:
        server = _start(side, python, variant, Path(folder))
        try:
            _wait_until_it_answers(server)
            yield server
        finally:
            server.open_gate("all")
            _stop(server.process)


def _start(side: str, python: str, variant: str, folder: Path) -> Server:
    port = _free_port()
    command = [
        *(python, "-m", "uvicorn", "--factory", "wiring:app", "--app-dir", str(_HERE)),
        *("--port", str(port), "--no-access-log", "--log-level", "warning", "--timeout-graceful-shutdown", "2"),
    ]
    environment = os.environ | {
        "COMPARE_FOLDER": str(folder),
        "COMPARE_VARIANT": variant,
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    # Its imports must come from its own environment, not from the folder or the path of this process.
    environment.pop("PYTHONPATH", None)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - the command is made above
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches this process alone, which then stops the servers
        )
    return Server(side, port, folder, process)


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
        time.sleep(0.05)
    raise ServerFailed(f"{server.side} does not answer after {_START:.0f} s:\n{server.last_words()}")


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
