"""``python -m benchmarks.profiled``: where the time of a small request goes, from a sampling profiler.

py-spy looks at the event loop some hundred times a second while wrk loads the server. A sample counts for the layer of
its innermost frame: a call of the encoder for who calls it, the system's sending and receiving for the server.
"""

import subprocess
import sys
import sysconfig
import tempfile
from collections import Counter
from pathlib import Path

from rich.console import Console

from .asking import get_json, sessions
from .servers import Server
from .sides import OURS, kinds, side_by_side
from .wrk import WrkFailed, run_wrk

_SECONDS = 6
_SAMPLES_A_SECOND = 500

#: A layer, and what the name or the file of a frame holds that belongs to it; a frame belongs to the first that fits.
_LAYERS: list[tuple[str, tuple[str, ...]]] = [
    ("encoding", ("algomancy_api/values", "msgspec", "algomancy_api/codec")),
    ("middleware", (
        "algomancy_api/logs", "algomancy_api/errors", "algomancy_api/paths", "algomancy_api/compression",
        "algomancy_api/messagepack", "algomancy_api/negotiation", "algomancy_api/cors", "starlette/middleware",
        "starlette/_exception_handler", "starlette/applications",
    )),
    ("routing", ("algomancy_api/dispatch", "starlette/routing")),
    ("handler", ("algomancy_api/", "algomancy_scenario", "algomancy_data", "starlette/")),
    ("server", ("uvicorn/",)),
]  # fmt: skip
_REST = "server"

#: What the samples of the event loop's thread have in common.
_LOOP = "Server.run (uvicorn/"


def main() -> int:
    """Profile each of three requests, and print the shares."""
    console = Console()
    contents = {"datasets": {"small": 10}, "scenarios": {"main": 200}}
    heads = [layer for layer, _ in _LAYERS]
    console.print(f"{'request':20}" + "".join(f"{head:>12}" for head in heads))
    try:
        with side_by_side({OURS: kinds(None)[OURS]}, contents) as servers:
            for what, path in _paths(servers[OURS]).items():
                shares = _profile(servers[OURS], path)
                console.print(f"{what:20}" + "".join(f"{shares[head]:>11.0%} " for head in heads), highlight=False)
    except (OSError, WrkFailed, subprocess.SubprocessError) as error:
        print(f"not finished: {error}\npy-spy must be installed, and allowed to look at processes.", file=sys.stderr)
        return 2
    return 0


def _paths(server: Server) -> dict[str, str]:
    main = sessions(server)["main"]
    scenario = get_json(server, f"{main}/scenarios")[100]["id"]
    return {
        "GET /health": "/health",
        "GET /sessions": "/api/v1/sessions",
        "GET …/status": f"{main}/scenarios/{scenario}/status",
        "GET a full scenario": f"{main}/scenarios/{scenario}",
    }


def _profile(server: Server, path: str) -> dict[str, float]:
    with tempfile.NamedTemporaryFile(suffix=".txt") as file:
        command = [str(Path(sysconfig.get_path("scripts")) / "py-spy"), "record", "--format", "raw"]
        command += ["--pid", str(server.process.pid), "--duration", str(_SECONDS), "--output", file.name]
        command += ["--rate", str(_SAMPLES_A_SECOND)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as profiler:
            run_wrk(f"http://{server.host}{path}", seconds=_SECONDS + 1, connections=16)
            _, said = profiler.communicate(timeout=60)
        if profiler.returncode:
            raise OSError(said.strip())
        return _shares(Path(file.name).read_text())


def _shares(samples: str) -> dict[str, float]:
    """The share of each layer in samples, of which a line holds the frames, from the outside in, and a count."""
    counts: Counter[str] = Counter()
    for line in samples.splitlines():
        frames, _, count = line.rpartition(" ")
        if _LOOP not in frames:  # worker threads, most of which wait
            continue
        counts[_layer(frames.split(";"))] += int(count)
    return {layer: counts[layer] / counts.total() for layer, _ in _LAYERS}


def _layer(frames: list[str]) -> str:
    """The layer of the innermost frame that is one's; what the standard library does counts for who calls it."""
    for frame in reversed(frames):
        for layer, marks in _LAYERS:
            if any(mark in frame for mark in marks):
                return layer
    return _REST


if __name__ == "__main__":
    sys.exit(main())
