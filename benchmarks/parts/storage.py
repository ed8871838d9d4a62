"""A large database: requests for a small dataset beside it, its deletion while others write, and memory afterwards.

The large session has datasets of random numbers, which do not compress, each with a sixth of the rows of the plan,
until the file of the database has the size of the plan.
"""

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from random import Random

from ..asking import get_json, sessions, transfer
from ..results import Figure, Results
from ..servers import Kind, Server, serving
from ..sides import BARE, OURS, PEER, PREFIX
from .plan import Plan
from .transfers import posted

_JSON = "application/json"

_MEGABYTE = 1_000_000

#: Rows: of a small dataset. All have ten columns.
_SMALL = 100

#: Cycles of load and deletion.
_CYCLES = 7

#: Seconds: the server is idle for so long before its memory is read, of which it gives back what is free after five;
#: and it has so long to make its file smaller.
_IDLE, _SHRINKING = 10, 60

_SIZE = "beside a database of {:g} GB: {}"


def measure(plan: Plan, say: Callable[[str], None]) -> Results:
    """Measure one server after the other, each alone on the machine."""
    figures: dict[tuple[str, str], dict[str, float]] = {}
    for name, kind in plan.sides.items():
        if name != BARE:
            with tempfile.TemporaryDirectory(prefix="storage-") as folder, _server(kind, Path(folder)) as server:
                for what, unit, figure in _figures(plan, server, Path(folder), say):
                    figures.setdefault((what, unit), {})[name] = figure
    return Results("", {}, figures=[_judged(what, unit, sides) for (what, unit), sides in figures.items()])


@contextmanager
def _server(kind: Kind, folder: Path) -> Iterator[Server]:
    environment = {"BENCHMARK_DATABASE": f"sqlite:///{folder}/benchmark.sqlite", "BENCHMARK_CONTENTS": "{}"}
    with serving(kind, environment) as server:
        yield server


def _figures(plan: Plan, server: Server, folder: Path, say: Callable[[str], None]) -> Iterator[tuple[str, str, float]]:
    side, gigabytes = server.kind.name, plan.database / 1e9
    main = sessions(server)["main"]
    say(f"{side}: cycles of load and deletion")
    idle = _memory_when_idle(server)
    text = _dataset("cycle", plan.rows)
    for _ in range(_CYCLES):
        posted(server, f"{main}/data/from-json", text, _JSON)
        transfer(server, "GET", f"{main}/data/cycle")
        transfer(server, "DELETE", f"{main}/data/cycle")
    yield f"memory over idle after {_CYCLES} cycles of load and deletion", "MB", _memory_when_idle(server) - idle
    say(f"{side}: filling a database of {gigabytes:g} GB")
    large = _filled(server, folder, plan)
    say(f"{side}: a small dataset beside it")
    for what, seconds in _small_requests(server, main).items():
        yield _SIZE.format(gigabytes, f"{what} of {_SMALL} rows"), "ms", seconds * 1000
    say(f"{side}: deletion of the large session")
    yield f"longest wait of a writer while a session of {gigabytes:g} GB is deleted", "ms", _waited(server, main, large)
    for _ in range(_SHRINKING if plan.rounds > 1 else 0):  # a database that shrinks does so in small steps
        if _size(folder) < plan.database / 10:
            break
        time.sleep(1)
    yield f"files of the database after a session of {gigabytes:g} GB is deleted", "MB", _size(folder) / _MEGABYTE


def _filled(server: Server, folder: Path, plan: Plan) -> str:
    posted(server, f"{PREFIX}/sessions", json.dumps({"display_name": "large"}).encode(), _JSON)
    large = sessions(server)["large"]
    for number in count():
        posted(server, f"{large}/data/from-json", _dataset(f"large {number}", plan.rows // 6), _JSON)
        if _size(folder) > plan.database:
            return large
    raise AssertionError


def _small_requests(server: Server, main: str) -> dict[str, float]:
    """The shortest time of each of three rounds of requests."""
    text = _dataset("small", _SMALL)
    rounds = []
    for _ in range(3):
        upload = posted(server, f"{main}/data/from-json", text, _JSON).seconds
        download = transfer(server, "GET", f"{main}/data/small").seconds
        rounds.append((upload, download, transfer(server, "DELETE", f"{main}/data/small").seconds))
    return dict(zip(("upload", "download", "deletion"), map(min, zip(*rounds, strict=True)), strict=True))


def _waited(server: Server, main: str, large: str) -> float:
    """Milliseconds: the longest upload of a small dataset during the deletion of the large session.

    None of them replaces another: the peer answers the deletion with 500 then.
    """
    longest = 0.0
    with ThreadPoolExecutor() as threads:
        deletion = threads.submit(transfer, server, "DELETE", large)
        for number in count():
            text = _dataset(f"small {number}", 1)
            longest = max(longest, posted(server, f"{main}/data/from-json", text, _JSON).seconds)
            if deletion.done():
                break
        deletion.result()
    return longest * 1000


def _memory_when_idle(server: Server) -> float:
    time.sleep(_IDLE)
    get_json(server, f"{PREFIX}/sessions")
    return server.memory() / _MEGABYTE


def _dataset(name: str, rows: int) -> bytes:
    random = Random(name)
    columns = [f"column {number}" for number in range(10)]
    table = {
        "columns": columns,
        "data": [{column: random.random() for column in columns} for _ in range(rows)],
        "index": list(range(rows)),
        "dtypes": dict.fromkeys(columns, "float64"),
    }
    metadata = {"id": name, "name": name, "type": "master_data", "creation_datetime": "2026-01-01 00:00:00"}
    return json.dumps({"metadata": metadata, "tables": {"numbers": table}}).encode()


def _size(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.iterdir())


def _judged(what: str, unit: str, sides: dict[str, float]) -> Figure:
    if what.startswith("memory"):
        return Figure(what, unit, sides, "at most 60", sides[OURS] <= 60)
    if what.startswith("longest"):
        return Figure(what, unit, sides, "at most 300", sides[OURS] <= 300)
    if what.startswith("beside") and PEER in sides and "download" not in what:  # the peer's comes from its memory
        return Figure(what, unit, sides, "at most 1/50 of the peer's", sides[OURS] * 50 <= sides[PEER])
    return Figure(what, unit, sides)
