"""How soon a server answers while a solver works on a thread of it.

``make measure-solvers`` prints the figures of `docs/solvers.md`: for each recipe the p99 of ``GET /health`` before the
run and in it, and the longest answer. A solver that keeps the GIL lets the server answer only between its calls of
Python.
"""

import argparse
import contextlib
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path

import httpx

from ...conftest import create, default_session, upload_items
from ...support.clients import ended, eventually
from ...support.processes import COMMAND, answering, free_port, started
from .catalogue import RECIPES, Recipe
from .served import ENGINE, RECIPE

#: Seconds: a time limit that no run reaches, and the pause between two requests.
_FOREVER, _PAUSE = 100_000.0, 0.005


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="of requests, before each run and in it")
    parser.add_argument("--engine", default="thread")
    parser.add_argument("--only", help="the name of a recipe")
    arguments = parser.parse_args()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    print(f"{time.strftime('%Y-%m-%d')}, Python {platform.python_version()}, {platform.system()}, {cores} cores")
    print(f"load {os.getloadavg()[0]:.1f}, engine {arguments.engine}; milliseconds\n")
    print("| recipe | with | p99 before | median | p99 | longest |\n|---|---|---|---|---|---|")
    for recipe in RECIPES:
        if recipe.is_here and arguments.only in (None, recipe.name):
            print(line_of(recipe, arguments.engine, arguments.seconds), flush=True)


def line_of(recipe: Recipe, engine: str, seconds: float) -> str:
    """A line of the table."""
    before, within = measured(recipe, engine, seconds)
    packages = ", ".join(f"{package} {version(package)}" for package in recipe.packages)
    values = (p99(before), statistics.median(within), p99(within), max(within))
    return f"| {recipe.name} | {packages} | {' | '.join(f'{1000 * value:.0f}' for value in values)} |"


def measured(recipe: Recipe, engine: str, seconds: float) -> tuple[list[float], list[float]]:
    """How long answers took, in seconds, before a run of a recipe and in it."""
    os.environ |= {ENGINE: engine, RECIPE: recipe.name}
    port = free_port()
    target = ["tests.integration.solvers.served:configuration", "--port", str(port), "--log-level", "error"]
    with (
        tempfile.TemporaryDirectory() as folder,
        started(Path(folder), *COMMAND, "serve", *target) as process,
        answering(process, port) as client,
    ):
        session = default_session(client)
        upload_items(client, session)
        warm = create(client, session, recipe.name, "warm", run=True, algo_params={"seconds": 0.5})
        ended(client, session, warm)
        with hurried(process.pid):
            before = answers(client, seconds)
        run = create(client, session, recipe.name, "measured", run=True, algo_params={"seconds": _FOREVER})
        url = f"{session}/scenarios/{run}/status"
        eventually(lambda: client.get(url).json()["status"] == "processing")
        time.sleep(0.5)  # the model is made in Python
        with hurried(process.pid):
            within = answers(client, seconds)
        assert client.get(url).json()["status"] == "processing"
    return before, within


@contextlib.contextmanager
def hurried(server: int) -> Iterator[None]:
    """A context in which the event loop and this client go before others, if that is permitted: the GIL is measured."""
    # Of a process, that is the main thread alone, and the threads that it starts from then on.
    _set_priority((server, 0), -10)
    try:
        yield
    finally:
        _set_priority((server, 0), 0)


def _set_priority(processes: Iterable[int], priority: int) -> None:
    for process in processes:
        with contextlib.suppress(PermissionError, ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, process, priority)


def answers(client: httpx.Client, seconds: float) -> list[float]:
    """How long each of the requests of some seconds took."""
    taken, end = [], time.monotonic() + seconds
    while (began := time.monotonic()) < end:
        client.get("/health")
        taken.append(time.monotonic() - began)
        time.sleep(_PAUSE)
    return taken


def p99(values: list[float]) -> float:
    """The value that one of a hundred exceeds."""
    return sorted(values)[int(0.99 * (len(values) - 1))]


if __name__ == "__main__":
    main()
