"""Rates of small requests and of lists, for each server."""

import functools
import json
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import IO

from ..asking import get_json, sessions
from ..results import Requests, Results, middle
from ..servers import Server
from ..sides import BARE, side_by_side
from ..wrk import Rate, run_wrk
from .plan import Plan

Say = Callable[[str], None]

_SHORT_LIST = 200

#: A request for which the peer needs seconds: its load lasts longer, with fewer connections.
_SLOW = "GET a list of {long} scenarios"
_SLOW_TIMES = 4

#: Title, path, and the targets for our rate over the peer's and over the bare app's.
_READS: list[tuple[str, str, float, float | None]] = [
    ("GET /health", "/health", 4.5, 0.55),
    ("GET /sessions", "/api/v1/sessions", 6, 0.45),
    ("GET …/status", "{main}/scenarios/{scenario}/status", 6, 0.45),
    ("GET …/data", "{main}/data", 6, 0.45),
    ("GET …/algorithms", "{main}/algorithms", 6, 0.45),
    ("GET …/kpis", "{main}/kpis", 6, 0.45),
    ("GET a full scenario", "{main}/scenarios/{scenario}", 5, None),
    ("GET a list of {short} scenarios", "{main}/scenarios", 5, None),
    (_SLOW, "{many}/scenarios", 5, None),
    ("GET a dataset of {rows} rows", "{main}/data/small", 5, None),
]

_WRITES = ("POST a scenario, on SQLite", "POST its run, on SQLite")

_SMALL_DATASET = 1150

#: Seconds: a server that has used no processor time for so long is idle.
_IDLE = 0.5

#: Seconds: longest wait for queued runs.
_RUNS_END = 120


def measure(plan: Plan, say: Say) -> Results:
    """Measure reads on servers in memory, and two kinds of writes on SQLite."""
    return Results("", {}, requests=[*_reads(plan, say), *_writes(plan, say)])


def _reads(plan: Plan, say: Say) -> Iterable[Requests]:
    contents = {"datasets": {"small": _SMALL_DATASET}, "scenarios": {"main": _SHORT_LIST, "many": plan.scenarios}}
    with side_by_side(plan.sides, contents) as servers:
        names = {name: _names(server) for name, server in servers.items() if name != BARE}
        for what, path, over_peer, over_bare in _READS:
            title = what.format(short=_SHORT_LIST, long=plan.scenarios, rows=_SMALL_DATASET)
            say(title)
            urls = {
                name: f"http://{server.host}{path.format_map(names.get(name, _AnyName()))}"
                for name, server in servers.items()
                if name != BARE or over_bare
            }
            times = _SLOW_TIMES if what == _SLOW else 1
            yield Requests(title, _in_turn(plan, urls, times), over_peer, over_bare)


class _AnyName(dict[str, str]):
    """Names for a path of the bare app, which sends one response for all paths."""

    def __missing__(self, name: str) -> str:
        return f"/{name}"


def _names(server: Server) -> dict[str, str]:
    paths = sessions(server)
    scenario = get_json(server, f"{paths['main']}/scenarios")[_SHORT_LIST // 2]["id"]
    return paths | {"scenario": scenario}


def _in_turn(plan: Plan, urls: Mapping[str, str], times: int) -> dict[str, Rate]:
    """The rate of each server: ``times`` the usual duration, with the usual connections divided by ``times``."""
    rounds: dict[str, list[Rate]] = {name: [] for name in urls}
    for _ in range(plan.rounds):
        for name, url in urls.items():
            rounds[name].append(run_wrk(url, seconds=plan.seconds * times, connections=plan.connections // times))
    return {name: middle(rates) for name, rates in rounds.items()}


def _writes(plan: Plan, say: Say) -> Iterable[Requests]:
    sides = {name: kind for name, kind in plan.sides.items() if name != BARE}
    with side_by_side(sides, {"datasets": {"small": _SMALL_DATASET}}, database=True) as servers:
        for what, lines in zip(_WRITES, (creations, runs), strict=True):
            say(what)
            rates = {name: _written(plan, server, lines) for name, server in servers.items()}
            yield Requests(what, rates, 2)


def _written(plan: Plan, server: Server, lines: Callable[[Server, int], Iterable[str]]) -> Rate:
    """The rate of requests that are each sent once."""
    most = int(plan.seconds * plan.rounds * 3000)
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        write_requests(file, lines(server, most))
        load = functools.partial(run_wrk, f"http://{server.host}", connections=plan.connections, method="POST")
        rate = load(seconds=plan.seconds * plan.rounds, bodies=Path(file.name))
    wait_until_idle(server)
    return rate


def wait_until_idle(server: Server) -> None:
    """Wait until the runs that were queued have ended: they would take a core from the next server."""
    deadline = time.monotonic() + _RUNS_END
    used = -1.0
    while used < (now := server.processor_time()) and time.monotonic() < deadline:
        used = now
        time.sleep(_IDLE)


def write_requests(file: IO[str], lines: Iterable[str]) -> None:
    """Write a file of requests for `run_wrk`."""
    file.writelines(f"{line}\n" for line in lines)
    file.flush()


def creations(server: Server, most: int) -> Iterable[str]:
    """Lines for `write_requests` that each create a scenario."""
    path = f"{sessions(server)['main']}/scenarios"
    for number in range(most):
        body = {"tag": f"created {number}", "dataset_key": "small", "algo_name": "Assign", "algo_params": {"rounds": 3}}
        yield f"{path} {json.dumps(body)}"


def runs(server: Server, most: int) -> Iterable[str]:
    """Lines for `write_requests` that each run an existing scenario."""
    path = f"{sessions(server)['main']}/scenarios"
    for scenario in get_json(server, path)[:most]:
        yield f"{path}/{scenario['id']}/run"
