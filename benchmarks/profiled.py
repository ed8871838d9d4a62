"""``python -m benchmarks.profiled``: the share of each layer in the time of a request.

py-spy samples the server 500 times a second while wrk loads it. A sample counts for the layer of its innermost frame
that belongs to a layer: a call of the encoder counts for its caller, sending and receiving for the server.
"""

import subprocess
import sys
import sysconfig
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from .asking import get_json, sessions
from .parts.requests import creations, runs, write_requests
from .servers import Server
from .sides import OURS, kinds, side_by_side
from .wrk import WrkFailed, run_wrk

_SECONDS = 6
_SAMPLES_A_SECOND = 500

#: Each layer with substrings of its frames. A frame belongs to the first layer that matches.
_LAYERS: list[tuple[str, tuple[str, ...]]] = [
    ("encoding", ("algomancy_api/serialization", "algomancy_api/http/responses", "algomancy_api/http/conditional")),
    ("middleware", (
        "algomancy_api/middleware", "algomancy_api/metrics", "algomancy_api/auth", "algomancy_api/http/errors",
        "algomancy_api/http/paths", "algomancy_api/http/negotiation", "algomancy_api/http/route_access",
        "algomancy_api/http/large_bodies", "algomancy_api/application", "throttled/", "starlette/middleware",
        "starlette/_exception_handler", "starlette/applications", "uvicorn/middleware",
    )),
    ("routing", ("algomancy_api/http/router", "algomancy_api/http/shutdown", "starlette/routing")),
    ("database", ("sqlalchemy/",)),
    ("framework", ("algomancy_scenario/", "algomancy_data/", "algomancy_utils/", "algomancy_api/framework")),
    ("threads", ("algomancy_api/concurrency", "anyio/")),
    ("handler", ("algomancy_api/", "starlette/", "wiring.py")),
    ("server", ("uvicorn/", "asyncio/")),
]  # fmt: skip
_REST = "server"

#: The function of scenario runs: they happen beside requests and are counted apart.
_RUN = "_run_next"
_RUNS = "runs beside"

#: Innermost frames of waiting threads: their samples are dropped.
_IDLE = ("Condition.wait", "_queue.SimpleQueue", "Queue.get")


def main() -> int:
    """Profile some requests and print the shares; the exit code is 2 if that fails."""
    heads = [*(layer for layer, _ in _LAYERS), _RUNS]
    table = Table("request", *heads, box=None)
    try:
        for what, shares in _profiles():
            table.add_row(what, *(f"{shares[head]:.0%}" for head in heads))
    except (OSError, WrkFailed, subprocess.SubprocessError) as error:
        print(f"not finished: {error}\npy-spy must be installed, with permission to trace processes.", file=sys.stderr)
        return 2
    Console(width=130 if not sys.stdout.isatty() else None).print(table)
    return 0


def _profiles() -> Iterator[tuple[str, dict[str, float]]]:
    contents = {"datasets": {"small": 10}, "scenarios": {"main": 200}}
    side = {OURS: kinds(None)[OURS]}
    with side_by_side(side, contents) as servers:
        for what, path in _paths(servers[OURS]).items():
            yield what, _profile(servers[OURS], path)
    with side_by_side(side, {"datasets": {"small": 10}}, database=True) as servers:
        for what, lines in {"POST a scenario": creations, "POST its run": runs}.items():
            with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
                write_requests(file, lines(servers[OURS], 3000 * _SECONDS))
                yield what, _profile(servers[OURS], "", Path(file.name))


def _paths(server: Server) -> dict[str, str]:
    main = sessions(server)["main"]
    scenario = get_json(server, f"{main}/scenarios")[100]["id"]
    return {
        "GET /health": "/health",
        "GET /sessions": "/api/v1/sessions",
        "GET …/status": f"{main}/scenarios/{scenario}/status",
        "GET a full scenario": f"{main}/scenarios/{scenario}",
        "GET a list of 200": f"{main}/scenarios",
    }


def _profile(server: Server, path: str, bodies: Path | None = None) -> dict[str, float]:
    with tempfile.NamedTemporaryFile(suffix=".txt") as file:
        command = [str(Path(sysconfig.get_path("scripts")) / "py-spy"), "record", "--format", "raw"]
        command += ["--pid", str(server.process.pid), "--duration", str(_SECONDS), "--output", file.name]
        command += ["--rate", str(_SAMPLES_A_SECOND)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as profiler:
            url, method = f"http://{server.host}{path}", "POST" if bodies else "GET"
            run_wrk(url, seconds=_SECONDS + 1, connections=16, method=method, bodies=bodies)
            _, said = profiler.communicate(timeout=60)
        if profiler.returncode:
            raise OSError(said.strip())
        return _shares(Path(file.name).read_text())


def _shares(samples: str) -> dict[str, float]:
    """The share of each layer. Each line of the samples has the frames, outermost first, and a count."""
    counts: Counter[str] = Counter()
    for line in samples.splitlines():
        stack, _, count = line.rpartition(" ")
        frames = stack.split(";")
        if not frames[-1].startswith(_IDLE):
            counts[_RUNS if _RUN in stack else _layer(frames)] += int(count)
    return {layer: counts[layer] / counts.total() for layer in (*(name for name, _ in _LAYERS), _RUNS)}


def _layer(frames: list[str]) -> str:
    """The layer of the innermost frame that has one; the standard library counts for its caller."""
    for frame in reversed(frames):
        for layer, marks in _LAYERS:
            if any(mark in frame for mark in marks):
                return layer
    return _REST


if __name__ == "__main__":
    sys.exit(main())
