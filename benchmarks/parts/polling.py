"""A thousand clients that ask for the status of a scenario twice a second."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..asking import Unexpected
from ..results import Figure, Results
from ..servers import Server
from ..sides import BARE, OURS, side_by_side
from .plan import Plan

_SCENARIOS = 200

_LOCUSTFILE = Path(__file__).parents[1] / "locustfile.py"

#: Per second: new clients.
_SPAWN_RATE = 100


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
    """The figures of `Polls` from the moment at which all clients are there."""
    seconds = plan.clients // _SPAWN_RATE + 1 + round(3 * plan.seconds)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "locust", "--locustfile", str(_LOCUSTFILE), "--headless", "--only-summary"]
        command += ["--host", f"http://{server.host}", "--json-file", f"{folder}/load", "--reset-stats"]
        command += ["--users", str(plan.clients), "--spawn-rate", str(_SPAWN_RATE), "--run-time", f"{seconds}s"]
        load = subprocess.run([*command, "Polls"], capture_output=True, text=True, check=False)
        if load.returncode not in (0, 1):  # 1: some polls failed, which is a figure
            raise Unexpected(f"{server.kind.name}: {load.stderr}")
        rows = json.loads(Path(folder, "load.json").read_text())
    polls = [row for row in rows if row["name"] == "polls: status"]
    if not polls:
        raise Unexpected(f"{server.kind.name}: no client polled: {load.stderr}")
    succeeded = polls[0]["num_requests"] > polls[0]["num_failures"]
    # Without a success there is no response time worth a name, and JSON has no infinity.
    p99 = _percentile(polls[0], 0.99) if succeeded else 1e6
    return {"p99_ms": p99, "errors": sum(row["num_failures"] for row in rows)}


def _percentile(row: dict[str, Any], share: float) -> float:
    """The least time, in milliseconds, that such a share of the requests did not exceed."""
    counts = sorted((float(time), number) for time, number in row["response_times"].items())
    left = share * row["num_requests"]
    for time, number in counts:
        left -= number
        if left <= 0:
            return time
    return counts[-1][0]
