"""A thousand clients that ask for the status of a scenario twice a second."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from ..asking import Unexpected
from ..results import Figure, Results
from ..servers import Server
from ..sides import BARE, OURS, side_by_side
from .plan import Plan

_POLLS_A_SECOND = 2
_SCENARIOS = 200


def measure(plan: Plan, say: Callable[[str], None]) -> Results:
    """One side after the other, the clients in a process of their own."""
    figures: dict[str, dict[str, float]] = {}
    for name, kind in plan.sides.items():
        if name == BARE:
            continue
        say(f"{name}: {plan.clients} clients")
        with side_by_side({name: kind}, {"datasets": {"small": 10}, "scenarios": {"main": _SCENARIOS}}) as servers:
            for what, figure in _polled(plan, servers[name]).items():
                figures.setdefault(what, {})[name] = figure
    title = f"{plan.clients} clients that poll status twice a second"
    p99, errors = figures["p99_ms"], figures["errors"]
    return Results(
        "",
        {},
        figures=[
            Figure(f"{title}: p99", "ms", p99, "< 50", p99[OURS] < 50),
            Figure(f"{title}: errors", "", errors, "none", errors[OURS] == 0),
        ],
    )


def _polled(plan: Plan, server: Server) -> dict[str, float]:
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        command = [sys.executable, "-m", "benchmarks.load", f"http://{server.host}", "--json", file.name]
        command += ["--connections", str(plan.clients), "--rate", str(plan.clients * _POLLS_A_SECOND)]
        command += ["--seconds", str(3 * plan.seconds), "--mix", "polls=100"]
        load = subprocess.run(command, capture_output=True, text=True, check=False)
        written = Path(file.name).read_bytes()
    if load.returncode not in (0, 1) or not written:  # 1: some polls failed, which is a figure
        raise Unexpected(f"{server.kind.name}: {load.stderr}")
    total = json.loads(written)["total"]
    # Where no poll succeeded there is no latency; no JSON has infinity, so it is a large one.
    return {"p99_ms": total["p99_ms"] or 1e6, "errors": total["errors"]}
