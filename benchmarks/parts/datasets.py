"""Datasets in a database: their upload, copies, first download after a restart, deletion, and what they take.

By default the database is SQLite, in a folder of its own for each server. Name an empty database of PostgreSQL for each
in ``BENCHMARK_POSTGRESQL_OURS`` and ``BENCHMARK_POSTGRESQL_PEER`` to measure there.
"""

import contextlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from ..asking import Transfer, sessions, transfer
from ..prober import probing
from ..results import Figure, Results
from ..servers import Kind, Server, serving
from ..sides import BARE, OURS, PEER
from .plan import Plan
from .transfers import FORM_TYPE, downloaded, form_of, posted

Say = Callable[[str], None]

_MEGABYTE = 1_000_000

_JSON = "application/json"

#: Tables: of a dataset of many small ones.
_TABLES = 1_000


class _Figures(dict[tuple[str, str], dict[str, float]]):
    """Figures by title and unit, then by server."""

    def add(self, what: str, unit: str, side: str, figure: float) -> None:
        self.setdefault((what, unit), {})[side] = figure


def measure(plan: Plan, say: Say) -> Results:
    """Measure one server after the other, each alone on the machine."""
    figures = _Figures()
    for name, kind in plan.sides.items():
        if name != BARE:
            with tempfile.TemporaryDirectory(prefix="datasets-") as folder:
                _measure_side(plan, kind, Path(folder), figures, say)
    return Results("", {}, figures=[_judged(what, unit, sides) for (what, unit), sides in figures.items()])


def _measure_side(plan: Plan, kind: Kind, folder: Path, figures: _Figures, say: Say) -> None:
    side = kind.name
    with _server(kind, folder, {"large": plan.rows}) as server:
        main = sessions(server)["main"]
        text = downloaded(server, f"{main}/data/large")
    with _server(kind, folder, {}) as server:
        say(f"{side}: first download after a restart")
        first = _probed(server, figures, "first download", lambda: transfer(server, "GET", f"{main}/data/large"))
        figures.add("dataset: first download after a restart", "s", side, first.seconds)
        figures.add("dataset: its database", "MB", side, _size(_url(kind, folder)) / _MEGABYTE)
        transfer(server, "DELETE", f"{main}/data/large")
    with _server(kind, folder, {}) as server:
        _uploads(server, main, text, figures, say)
        say(f"{side}: derive")
        body = json.dumps({"new_key": "derived"}).encode()
        path = f"{main}/data/again/derive"
        done = _probed(server, figures, "derive", lambda: posted(server, path, body, _JSON))
        figures.add("dataset: derive", "s", side, done.seconds)
        say(f"{side}: delete")
        done = _probed(server, figures, "delete", lambda: transfer(server, "DELETE", f"{main}/data/derived"))
        figures.add("dataset: delete", "s", side, done.seconds)
        say(f"{side}: copy")
        body = json.dumps({"new_display_name": "copied"}).encode()
        done = _probed(server, figures, "copy of its session", lambda: posted(server, f"{main}/copy", body, _JSON))
        figures.add("dataset: copy of its session", "s", side, done.seconds)
        say(f"{side}: many tables")
        done = posted(server, f"{main}/data/from-json", _many_tables(_TABLES if plan.rounds > 1 else 10), _JSON)
        figures.add("dataset of 1,000 tables: upload", "s", side, done.seconds)


def _uploads(server: Server, main: str, text: bytes, figures: _Figures, say: Say) -> None:
    side = server.kind.name
    uploads = {"JSON": ("from-json", text, _JSON), "CSV": ("ETL of CSV", form_of(text), FORM_TYPE)}
    for form, (what, body, media_type) in uploads.items():
        say(f"{side}: {what}")
        path = f"{main}/data/from-json" if form == "JSON" else f"{main}/etl"
        before = server.memory()
        server.reset_peak_memory()
        done = _probed(server, figures, what, partial(posted, server, path, body, media_type))
        figures.add(f"dataset: {what}", "s", side, done.seconds)
        figures.add(f"dataset: memory of {what}", "MB", side, (server.peak_memory() - before) / _MEGABYTE)
        if form == "CSV":
            transfer(server, "DELETE", f"{main}/data/from%20CSV")


def _probed(server: Server, figures: _Figures, what: str, call: Callable[[], Transfer]) -> Transfer:
    with probing(server) as stall:
        done = call()
    figures.add(f"/health at its worst: {what}", "ms", server.kind.name, max(stall))
    return done


@contextlib.contextmanager
def _server(kind: Kind, folder: Path, datasets: Mapping[str, int]) -> Iterator[Server]:
    contents = json.dumps({"datasets": dict(datasets)})
    with serving(kind, {"BENCHMARK_DATABASE": _url(kind, folder), "BENCHMARK_CONTENTS": contents}) as server:
        yield server


def _url(kind: Kind, folder: Path) -> str:
    return os.environ.get(f"BENCHMARK_POSTGRESQL_{kind.name.upper()}", f"sqlite:///{folder}/benchmark.sqlite")


def _size(url: str) -> int:
    """Bytes: the files of a database of SQLite, or what one of PostgreSQL takes, some 8 MB of it when it is empty."""
    if url.startswith("sqlite:///"):
        return sum(file.stat().st_size for file in Path(url.removeprefix("sqlite:///")).parent.iterdir())
    with contextlib.closing(sa.create_engine(url, poolclass=NullPool).connect()) as connection:
        return int(connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one())


def _many_tables(count: int) -> bytes:
    table = {"columns": ["x", "y"], "data": [{"x": 1, "y": "a"}], "index": [0], "dtypes": {"x": "int64", "y": "str"}}
    metadata = {"id": "tables", "name": "tables", "type": "master_data", "creation_datetime": "2026-01-01 00:00:00"}
    return json.dumps({"metadata": metadata, "tables": {f"table {n}": table for n in range(count)}}).encode()


#: Targets beside the build that stored rows: the least ratio of its figure to ours.
_WANTED: dict[str, float] = {
    "dataset: from-json": 5,
    "dataset: ETL of CSV": 5,
    "dataset: derive": 40,
    "dataset: copy of its session": 40,
    "dataset: first download after a restart": 6,
    "dataset: its database": 10,
    "dataset: memory of from-json": 2,
    "dataset: memory of ETL of CSV": 2,
    "dataset: delete": 2,
    "dataset of 1,000 tables: upload": 1,
}


def _judged(what: str, unit: str, sides: dict[str, float]) -> Figure:
    least = 2 if what.startswith("/health") else _WANTED.get(what)
    if least is None or PEER not in sides:
        return Figure(what, unit, sides)
    words = "at most the peer's" if least == 1 else f"at most 1/{least:g} of the peer's"
    return Figure(what, unit, sides, words, sides[OURS] * least <= sides[PEER])
