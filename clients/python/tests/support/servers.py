"""The example in a process of its own, on a free port of the loopback interface."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[4]

#: The data of the example, as files to upload.
DATA = ROOT / "algomancy_api" / "example" / "data" / "pcb442"

#: The interpreter that has the server: another one where the client is tested on an older Python.
SERVER_PYTHON = os.environ.get("ALGOMANCY_SERVER_PYTHON", sys.executable)

#: The interpreter that has a server of version 0.10, made by `make .venv-peer/.ready`.
OLD_PYTHON = ROOT / ".venv-peer" / "bin" / "python"

#: The folder of that wiring.
_WIRING = ROOT / "tests" / "integration" / "compare"

_PATIENCE = 90


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextlib.contextmanager
def running(
    command: list[str], folder: Path, port: int, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A server that answers; it is killed at the end."""
    with (
        (folder / "server.log").open("ab") as log,
        subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env=environment) as process,  # noqa: S603
    ):
        try:
            eventually(lambda: process.poll() is not None or _answers(port))
            assert process.poll() is None, (folder / "server.log").read_text()
            yield process
        finally:
            process.kill()


@contextlib.contextmanager
def example(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The example of this checkout."""
    command = [SERVER_PYTHON, "-m", "algomancy_api", "example", "--port", str(port), "--log-level", "error"]
    with running(command, folder, port) as process:
        yield process


@contextlib.contextmanager
def wired(python: str, folder: Path, port: int, variant: str) -> Iterator[subprocess.Popen[bytes]]:
    """A server of the wiring that both versions can serve, without data.

    Args:
        python: The interpreter that has it.
        folder: Its folder, where files open the gates that runs wait for.
        port: Its port.
        variant: A variant of the wiring.
    """
    command = [python, "-m", "uvicorn", "--factory", "wiring:app", "--app-dir", str(_WIRING), "--port", str(port)]
    own = {"COMPARE_FOLDER": str(folder), "COMPARE_VARIANT": variant}
    with running(command, folder, port, os.environ | own) as process:
        yield process


def eventually(condition: Callable[[], object], patience: float = _PATIENCE) -> None:
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, f"waited {patience} s for {condition}"
        time.sleep(0.05)


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health", timeout=5).status_code == 200
    except httpx.TransportError:
        return False
