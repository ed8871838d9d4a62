"""A real server of one of the two packages, on the wiring of this folder."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from benchmarks.servers import Kind, Server, ServerFailed, serving

__all__ = ["Server", "ServerFailed", "open_gate", "wired"]

#: The folder that holds the package `wiring`, which the servers import by that name.
_HERE = Path(__file__).parent


@contextlib.contextmanager
def wired(side: str, python: str, variant: str) -> Iterator[Server]:
    """A server of a variant of the wiring, run by a Python; stopped at the end, whatever happens.

    Raises:
        ServerFailed: It does not start.
    """
    kind = Kind(side, python, "wiring:app", _HERE, ("--factory",))
    with serving(kind, {"COMPARE_FOLDER": "@folder@", "COMPARE_VARIANT": variant}) as server:
        try:
            yield server
        finally:
            open_gate(server, "all")


def open_gate(server: Server, gate: str) -> None:
    """Let the algorithm end that waits for this gate, now or later."""
    (server.folder / gate).touch()
