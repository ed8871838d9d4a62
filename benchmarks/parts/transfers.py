"""Download and upload of a large dataset, and the latency of `/health` meanwhile."""

import csv
import io
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

from ..asking import Transfer, answered, sessions, transfer
from ..prober import Stall, probing
from ..results import Figure, Results
from ..servers import Server
from ..sides import BARE, OURS, PEER, side_by_side
from .plan import Plan

Say = Callable[[str], None]

_BOUNDARY = "the-boundary-of-the-benchmarks"

FORM_TYPE = f"multipart/form-data; boundary={_BOUNDARY}"

_MEGABYTE = 1_000_000


class _Figures:
    """Figures by title and unit, then by server."""

    def __init__(self) -> None:
        self.by_title: dict[tuple[str, str], dict[str, float]] = {}

    def add(self, what: str, unit: str, side: str, figure: float) -> None:
        self.by_title.setdefault((what, unit), {})[side] = figure


def measure(plan: Plan, say: Say) -> Results:
    """Measure one server after the other, each alone on the machine."""
    figures = _Figures()
    for name, kind in plan.sides.items():
        if name == BARE:
            continue
        contents = {"datasets": {"large": plan.rows}, "scenarios": {"many": plan.scenarios}}
        with side_by_side({name: kind}, contents) as servers:
            _measure_side(plan, servers[name], figures, say)
    return Results("", {}, figures=[_judged(what, unit, sides) for (what, unit), sides in figures.by_title.items()])


def _measure_side(plan: Plan, server: Server, figures: _Figures, say: Say) -> None:
    side = server.kind.name
    main, many = (sessions(server)[name] for name in ("main", "many"))

    say(f"{side}: idle")
    with _probed(server, figures, "nothing else is asked"):
        time.sleep(plan.seconds)
    say(f"{side}: list")
    with _probed(server, figures, "a long list is encoded"):
        for _ in range(3 * plan.rounds):
            transfer(server, "GET", f"{many}/scenarios")

    say(f"{side}: download")
    before = server.memory()
    server.reset_peak_memory()
    downloads = [transfer(server, "GET", f"{main}/data/large") for _ in range(plan.rounds)]
    figures.add("download: memory it takes", "MB", side, (server.peak_memory() - before) / _MEGABYTE)
    figures.add("download: all of it", "s", side, median(download.seconds for download in downloads))
    figures.add("download: first byte", "ms", side, median(download.first_byte for download in downloads) * 1000)
    with _probed(server, figures, "a large dataset is downloaded"):
        transfer(server, "GET", f"{main}/data/large")

    say(f"{side}: from-json")
    text = downloaded(server, f"{main}/data/large")
    with _probed(server, figures, "it is uploaded as JSON"):
        upload = posted(server, f"{main}/data/from-json", text, "application/json")
    figures.add(f"upload as JSON, {len(text) / _MEGABYTE:.0f} MB", "s", side, upload.seconds)

    say(f"{side}: ETL")
    form = form_of(text)
    with _probed(server, figures, "it is uploaded as CSV"):
        upload = posted(server, f"{main}/etl", form, FORM_TYPE)
    figures.add(f"upload as CSV, {len(form) / _MEGABYTE:.0f} MB", "s", side, upload.seconds)


@contextmanager
def _probed(server: Server, figures: _Figures, activity: str) -> Iterator[Stall]:
    with probing(server) as stall:
        yield stall
    figures.add(f"/health at its worst while {activity}", "ms", server.kind.name, max(stall))


def downloaded(server: Server, path: str) -> bytes:
    """The JSON document at a path, with the name ``large`` replaced so that it can be uploaded again."""
    with answered(server, "GET", path) as response:
        text: bytes = response.read()
    return text.replace(b'"large"', b'"again"', 1)


def posted(server: Server, path: str, body: bytes, content_type: str) -> Transfer:
    """The timing of an upload."""
    return transfer(server, "POST", path, body, content_type=content_type)


def form_of(text: bytes) -> bytes:
    """A multipart form with the rows of a dataset's JSON document as a CSV file."""
    table = json.loads(text)["tables"]["shipments"]
    rows = io.StringIO()
    writer = csv.DictWriter(rows, table["columns"], delimiter=";")
    writer.writeheader()
    writer.writerows(table["data"])
    head = (
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="dataset_name"\r\n\r\nfrom CSV\r\n'
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="shipments.csv"\r\n'
        "Content-Type: text/csv\r\n\r\n"
    )
    return head.encode() + rows.getvalue().encode() + f"\r\n--{_BOUNDARY}--\r\n".encode()


#: Targets: the start of a title, the target in words, and its check of our figure and the peer's.
_WANTED: list[tuple[str, str, Callable[[float, float], bool]]] = [
    ("download: memory", "< 1/10 of the peer's", lambda ours, peer: ours < peer / 10),
    ("download: all", "< 1/8 of the peer's", lambda ours, peer: ours < peer / 8),
    ("download: first byte", "< 100", lambda ours, _peer: ours < 100),
    ("upload as", "not above the peer's", lambda ours, peer: ours <= peer),
    ("/health at its worst while a l", "< 50", lambda ours, _peer: ours < 50),
    ("/health at its worst while it is uploaded", "< 250", lambda ours, _peer: ours < 250),
]


def _judged(what: str, unit: str, sides: dict[str, float]) -> Figure:
    for beginning, wanted, holds in _WANTED:
        if what.startswith(beginning) and PEER in sides:
            return Figure(what, unit, sides, wanted, holds(sides[OURS], sides[PEER]))
    return Figure(what, unit, sides)
