"""The CPU time of one `status` request for growing numbers of sessions and scenarios. It should stay constant."""

from collections.abc import Callable
from typing import Any

from ..asking import get_json, sessions
from ..results import Point, Results
from ..servers import Server
from ..sides import BARE, PREFIX, side_by_side
from ..wrk import run_wrk
from .plan import Plan

#: The dataset of the scenarios. It is small, because its size does not matter here.
_DATASET = {"small": 10}


def measure(plan: Plan, say: Callable[[str], None]) -> Results:
    """Measure each number of sessions, addressed by name, then of scenarios, on new servers."""
    sides = {name: kind for name, kind in plan.sides.items() if name != BARE}
    points = []
    for what, sizes in plan.sizes.items():
        for size in sizes:
            say(f"{size} {what}")
            with side_by_side(sides, _contents(what, size)) as servers:
                points.append(Point(what, size, {name: _cost(plan, server) for name, server in servers.items()}))
    return Results("", {}, growth=points)


def _contents(what: str, size: int) -> dict[str, Any]:
    if what == "sessions":
        return {"datasets": _DATASET, "scenarios": {"main": 1}, "sessions": size - 1}
    return {"datasets": _DATASET, "scenarios": {"main": size}}


def _cost(plan: Plan, server: Server) -> float:
    """CPU time of the server for one `status`, in microseconds: the minimum of some rounds."""
    scenario = get_json(server, f"{sessions(server)['main']}/scenarios")[-1]["id"]
    url = f"http://{server.host}{PREFIX}/sessions/main/scenarios/{scenario}/status"
    return min(_once(plan, server, url) for _ in range(plan.rounds))


def _once(plan: Plan, server: Server, url: str) -> float:
    before = server.processor_time()
    rate = run_wrk(url, seconds=plan.seconds, connections=plan.connections)
    return (server.processor_time() - before) / rate.requests * 1e6
