"""Servers of the two packages with the wiring of this folder."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from benchmarks.servers import Kind, Server, ServerFailed, serving

__all__ = ["Server", "ServerFailed", "open_gate", "wired"]

#: The folder with the package `wiring`, which the servers import by that name.
_HERE = Path(__file__).parent


@contextlib.contextmanager
def wired(side: str, python: str, variant: str) -> Iterator[Server]:
    """A running server of a variant of the wiring, which is always stopped at the end.

    Raises:
        ServerFailed: The server does not start.
    """
    kind = Kind(side, python, "wiring:app", _HERE, ("--factory",))
    with serving(kind, {"COMPARE_FOLDER": "@folder@", "COMPARE_VARIANT": variant}) as server:
        try:
            yield server
        finally:
            open_gate(server, "all")


def open_gate(server: Server, gate: str) -> None:
    """End the algorithm that waits for this gate, now or later."""
    (server.folder / gate).touch()
