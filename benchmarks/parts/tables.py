"""Parts of a large table: the whole of it into a DataFrame, a sorted page, a group, and the memory that they take."""

import io
import json
import time
from collections.abc import Callable, Iterator
from statistics import median
from urllib.parse import urlencode

import pandas as pd
import pyarrow as pa
from msgspec import Struct

from ..asking import answered, sessions
from ..results import Figure, Results
from ..servers import Server
from ..sides import BARE, OURS, PEER, side_by_side
from .plan import Plan

Say = Callable[[str], None]

_MEGABYTE = 1_000_000

_ARROW = "application/vnd.apache.arrow.stream"
_PARQUET = "application/vnd.apache.parquet"


class _Way(Struct, frozen=True):
    """A way to read a table or a part of it.

    Attributes:
        what: Its name in the results.
        read: Makes a DataFrame, or what is wanted, of the body.
        accept: The media type.
        query: The query; None for the download of the whole dataset, which the peer has, too.
    """

    what: str
    read: Callable[[bytes], object]
    accept: str = "application/json"
    query: dict[str, str | int] | None = None


def _frame_of_dataset(body: bytes) -> pd.DataFrame:
    table = json.loads(body)["tables"]["shipments"]
    return pd.DataFrame(table["data"], index=table["index"])


def _frame_of_arrow(body: bytes) -> pd.DataFrame:
    frame: pd.DataFrame = pa.ipc.open_stream(body).read_pandas()
    return frame


_WHOLE = "dataset as JSON: download"
_FRAME = "dataset as JSON: into a DataFrame"
_ARROW_FRAME = "table as Arrow: into a DataFrame"
_PAGE = "table: page of 100, sorted by one column"

_WAYS = (
    _Way(_WHOLE, len),
    _Way(_FRAME, _frame_of_dataset),
    _Way(_ARROW_FRAME, _frame_of_arrow, _ARROW, {}),
    _Way("table as Parquet: into a DataFrame", lambda body: pd.read_parquet(io.BytesIO(body)), _PARQUET, {}),
    _Way("table as JSON: download", len, query={}),
    _Way("table as CSV: download", len, "text/csv", {}),
    _Way(_PAGE, json.loads, query={"order": "-cost", "limit": 100}),
    _Way(
        "table: page of 100 by a condition, sorted by a text",
        json.loads,
        query={"where": 'pieces>5 and name~"77"', "order": "name", "limit": 100},
    ),
    _Way(
        "table: sums of 20 groups",
        json.loads,
        query={"group": "origin", "aggregate": "sum:pieces,mean:weight,max:cost,count:"},
    ),
)

#: Targets: by the name of a way, the way that it is compared with, on which server, and the least ratio.
_WANTED: dict[str, list[tuple[str, str, float]]] = {
    _ARROW_FRAME: [(_FRAME, OURS, 10), (_FRAME, PEER, 50)],
    _PAGE: [(_WHOLE, OURS, 10)],
}

#: Megabytes: target for the memory of each.
_MOST_MEMORY = 30


def measure(plan: Plan, say: Say) -> Results:
    """Measure one server after the other, each alone on the machine."""
    seconds: dict[str, dict[str, float]] = {}
    memory: dict[str, dict[str, float]] = {}
    for name, kind in plan.sides.items():
        if name == BARE:
            continue
        with side_by_side({name: kind}, {"datasets": {"large": plan.rows}}) as servers:
            for way in _WAYS if name == OURS else _WAYS[:2]:
                say(f"{name}: {way.what}")
                taken, growth = _measured(servers[name], way, plan.rounds)
                seconds.setdefault(way.what, {})[name] = taken
                memory.setdefault(way.what, {})[name] = growth
    figures = [_judged(what, sides, seconds) for what, sides in seconds.items()]
    return Results("", {}, figures=[*figures, *(_judged_memory(what, sides) for what, sides in memory.items())])


def _measured(server: Server, way: _Way, rounds: int) -> tuple[float, float]:
    """The median of the seconds, and the megabytes that the server needs at most beside those that it has idle."""
    path = f"{sessions(server)['main']}/data/large"
    if way.query is not None:
        path += f"/tables/shipments?{urlencode(way.query)}"
    before = server.memory()
    server.reset_peak_memory()
    taken = list(_rounds(server, way, path, rounds))
    return median(taken), (server.peak_memory() - before) / _MEGABYTE


def _rounds(server: Server, way: _Way, path: str, rounds: int) -> Iterator[float]:
    for _ in range(rounds):
        start = time.perf_counter()
        with answered(server, "GET", path, accept=way.accept) as response:
            body = response.read()
        way.read(body)
        yield time.perf_counter() - start


def _judged(what: str, sides: dict[str, float], seconds: dict[str, dict[str, float]]) -> Figure:
    wanted, holds = [], []
    for other, side, ratio in _WANTED.get(what, []):
        if side in seconds[other]:
            of_whom = "the peer's " if side == PEER else ""
            wanted.append(f"at most 1/{ratio:g} of {of_whom}{other}")
            holds.append(sides[OURS] * ratio <= seconds[other][side])
    return Figure(what, "s", sides, "; ".join(wanted), all(holds) if holds else None)


def _judged_memory(what: str, sides: dict[str, float]) -> Figure:
    title = f"{what}: memory"
    return (
        Figure(title, "MB", sides, f"< {_MOST_MEMORY}", sides[OURS] < _MOST_MEMORY)
        if OURS in sides
        else Figure(title, "MB", sides)
    )
