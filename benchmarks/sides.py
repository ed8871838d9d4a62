"""The servers under test: this package ("ours"), algomancy-api 0.10.0 ("peer") and a bare ASGI app ("bare")."""

import contextlib
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from .servers import Kind, Server, serving

_SERVED = Path(__file__).parent / "served"

#: Options of uvicorn for every server: one process, uvloop, httptools.
_OPTIONS = ("--loop", "uvloop", "--http", "httptools")

OURS, PEER, BARE = "ours", "peer", "bare"

#: The prefix of the routes.
PREFIX = "/api/v1"


def kinds(peer_python: str | None) -> dict[str, Kind]:
    """The servers by name.

    Args:
        peer_python: The interpreter with the peer installed; without it, the peer is left out.
    """
    wired = ("wiring:app", _SERVED, ("--factory", *_OPTIONS))
    sides = {OURS: Kind(OURS, sys.executable, *wired)}
    if peer_python:
        sides[PEER] = Kind(PEER, str(Path(peer_python).absolute()), *wired)
    return sides | {BARE: Kind(BARE, sys.executable, "bare:app", _SERVED, _OPTIONS)}


@contextlib.contextmanager
def side_by_side(
    sides: Mapping[str, Kind], contents: Mapping[str, Any] = MappingProxyType({}), *, database: bool = False
) -> Iterator[dict[str, Server]]:
    """Running servers with the same contents, by name.

    Args:
        sides: The servers to start.
        contents: The fields of `served.wiring.Contents`.
        database: Whether to store their state in SQLite.
    """
    environment = {"BENCHMARK_CONTENTS": json.dumps(dict(contents))}
    if database:
        environment["BENCHMARK_DATABASE"] = "sqlite:///@folder@/benchmark.sqlite"
    with contextlib.ExitStack() as running:
        yield {name: running.enter_context(serving(kind, environment)) for name, kind in sides.items()}
