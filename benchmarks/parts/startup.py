"""The time from the start of a server to its first response, and its memory when idle."""

import time
from collections.abc import Callable
from statistics import median

from ..asking import get_json
from ..results import Figure, Results
from ..sides import OURS, PEER, side_by_side
from .plan import Plan

#: Seconds: idle time before the memory is read.
_IDLE = 1


def measure(plan: Plan, say: Callable[[str], None]) -> Results:
    """Start each server a few times, in turn."""
    seconds: dict[str, list[float]] = {name: [] for name in plan.sides}
    memory: dict[str, list[float]] = {name: [] for name in plan.sides}
    for number in range(plan.rounds):
        for name, kind in plan.sides.items():
            say(f"{name}: start {number + 1} of {plan.rounds}")
            with side_by_side({name: kind}) as servers:
                get_json(servers[name], "/health")
                seconds[name].append(time.monotonic() - servers[name].started)
                time.sleep(_IDLE)
                memory[name].append(servers[name].memory() / 1e6)
    return Results(
        "", {}, figures=[_figure("start to first answer", "s", seconds), _figure("memory when idle", "MB", memory)]
    )


def _figure(what: str, unit: str, rounds: dict[str, list[float]]) -> Figure:
    sides = {name: median(figures) for name, figures in rounds.items()}
    holds = sides[OURS] <= sides[PEER] if PEER in sides else None
    return Figure(what, unit, sides, "not above the peer's", holds)
