"""A large dataset down and up again, and what `/health` sees of that meanwhile."""

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


class _Sheet:
    """What was measured, by what it is and its unit, then by side."""

    def __init__(self) -> None:
        self.figures: dict[tuple[str, str], dict[str, float]] = {}

    def note(self, what: str, unit: str, side: str, figure: float) -> None:
        """Write down a figure."""
        self.figures.setdefault((what, unit), {})[side] = figure


def measure(plan: Plan, say: Say) -> Results:
    """One side after the other, each alone on the machine."""
    sheet = _Sheet()
    for name, kind in plan.sides.items():
        if name == BARE:
            continue
        contents = {"datasets": {"large": plan.rows}, "scenarios": {"many": plan.scenarios}}
        with side_by_side({name: kind}, contents) as servers:
            _measure_side(plan, servers[name], sheet, say)
    return Results("", {}, figures=[_judged(what, unit, sides) for (what, unit), sides in sheet.figures.items()])


def _measure_side(plan: Plan, server: Server, sheet: _Sheet, say: Say) -> None:
    side = server.kind.name
    main, many = (sessions(server)[name] for name in ("main", "many"))

    say(f"{side}: idle")
    with _watched(server, sheet, "nothing else is asked"):
        time.sleep(plan.seconds)
    say(f"{side}: list")
    with _watched(server, sheet, "a long list is encoded"):
        for _ in range(3 * plan.rounds):
            transfer(server, "GET", f"{many}/scenarios")

    say(f"{side}: download")
    before = server.memory()
    server.forget_peak()
    downloads = [transfer(server, "GET", f"{main}/data/large") for _ in range(plan.rounds)]
    sheet.note("download: memory it takes", "MB", side, (server.peak_memory() - before) / _MEGABYTE)
    sheet.note("download: all of it", "s", side, median(download.seconds for download in downloads))
    sheet.note("download: first byte", "ms", side, median(download.first_byte for download in downloads) * 1000)
    with _watched(server, sheet, "a large dataset is downloaded"):
        transfer(server, "GET", f"{main}/data/large")

    say(f"{side}: from-json")
    text = downloaded(server, f"{main}/data/large")
    with _watched(server, sheet, "it is uploaded as JSON"):
        upload = posted(server, f"{main}/data/from-json", text, "application/json")
    sheet.note(f"upload as JSON, {len(text) / _MEGABYTE:.0f} MB", "s", side, upload.seconds)

    say(f"{side}: ETL")
    form = form_of(text)
    with _watched(server, sheet, "it is uploaded as CSV"):
        upload = posted(server, f"{main}/etl", form, FORM_TYPE)
    sheet.note(f"upload as CSV, {len(form) / _MEGABYTE:.0f} MB", "s", side, upload.seconds)


@contextmanager
def _watched(server: Server, sheet: _Sheet, while_: str) -> Iterator[Stall]:
    with probing(server) as stall:
        yield stall
    sheet.note(f"/health at its worst while {while_}", "ms", server.kind.name, max(stall))


def downloaded(server: Server, path: str) -> bytes:
    """The document of the dataset ``large``, under another name."""
    with answered(server, "GET", path) as answer:
        text: bytes = answer.read()
    return text.replace(b'"large"', b'"again"', 1)


def posted(server: Server, path: str, body: bytes, content_type: str) -> Transfer:
    """The time of an upload."""
    return transfer(server, "POST", path, body, content_type=content_type)


def form_of(text: bytes) -> bytes:
    """The same rows as a form with a CSV file."""
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


#: What is wanted of our figure and the peer's, where something is.
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
