"""Processes of the command that are killed, each made by a fork in some tenths of a second.

``python -m tests.integration.faults.forks`` imports everything once, which takes seconds. Then it reads lines with
arguments and environment variables of the command, and runs each in a child. It writes the child's id, and, after an
empty line, the child's exit code.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from algomancy_api import cli

from ...support.clients import PATIENCE, eventually
from ...support.databases import Database
from ...support.processes import ROOT, free_port
from .moments import MOMENT, STORAGE

_TARGET = "tests.integration.faults.moments:configuration"


class Forks:
    """Runs commands in children, one at a time."""

    def __init__(self) -> None:
        # Native threads of OpenBLAS and jemalloc are what Python warns of; both libraries are made for forks.
        command = [sys.executable, "-W", "ignore:This process:DeprecationWarning", "-m", __spec__.name]
        pipe = subprocess.PIPE
        self._parent = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)  # noqa: S603
        self._child = 0

    def start(self, database: Database, moment: str, storage: str, *arguments: str) -> None:
        """Start a command on a database, with the wiring that dies at a moment."""
        if self._child:  # of a test that has failed
            self.kill()
            self.exit_code()
        environment = {"WIRING_DATABASE": database.url, MOMENT: moment, STORAGE: storage}
        self._child = self._answer(json.dumps([[arguments[0], _TARGET, *arguments[1:]], environment]))

    def exit_code(self) -> int:
        """The exit code of the command, once it has ended."""
        self._child, code = 0, self._answer("")
        return code

    @contextmanager
    def serving(self, database: Database, moment: str, storage: str) -> Iterator[httpx.Client]:
        """A client of a server on a database, which dies at a moment, or is killed at the end of the context."""
        port = free_port()
        self.start(database, moment, storage, "serve", "--port", str(port), "--log-level", "error")
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client:
                eventually(lambda: _answers(client))
                yield client
        finally:
            self.kill()

    def kill(self) -> None:
        """Kill the command, unless it has ended. Its id is its own until it is asked for its exit code."""
        os.kill(self._child, signal.SIGKILL)

    def close(self) -> None:
        """End the process, after the children."""
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.close()
        self._parent.wait()
        self._parent.stdout.close()

    def _answer(self, line: str) -> int:
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        print(line, file=self._parent.stdin, flush=True)
        return int(self._parent.stdout.readline())


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/health").status_code == 200
    except httpx.TransportError:
        return False


def main() -> None:
    """Run the command in a child for each line of the input."""
    for line in sys.stdin:
        arguments, environment = json.loads(line)
        child = os.fork()
        if not child:
            os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
            os.environ.update(environment)
            os._exit(cli.main(arguments))
        print(child, flush=True)
        sys.stdin.readline()
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
