"""Tables of the results, on a terminal and in Markdown."""

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from .results import Figure, Point, Requests, Results
from .sides import BARE, OURS, PEER

_ABSENT = "–"


def show(results: Results, console: Console) -> None:
    """Print a table for each kind of result that exists."""
    for title, heads, rows in _tables(results):
        table = Table(*heads, title=title, title_justify="left", box=box.SIMPLE_HEAD)
        for column in table.columns[1:]:
            column.justify = "right"
        for row in rows:
            table.add_row(*row)
        console.print(table)


def markdown(results: Results) -> str:
    """The tables of `show` in Markdown."""
    parts = []
    for title, heads, rows in _tables(results):
        lines = [heads, ["---"] + ["--:"] * (len(heads) - 1), *rows]
        parts.append(f"**{title}**\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines))
    return "\n\n".join(parts) + "\n"


def _tables(results: Results) -> Iterable[tuple[str, list[str], list[list[str]]]]:
    if results.requests:
        heads = ["request", *(f"{side} 1/s" for side in (OURS, PEER, BARE)), "p50 ms", "p99 ms", "peer p99"]
        yield "Requests", [*heads, "× peer", "of bare", "wanted"], [_request_row(row) for row in results.requests]
    if results.figures:
        yield "The rest", ["what", OURS, PEER, BARE, "wanted"], [_figure_row(figure) for figure in results.figures]
    if results.growth:
        heads = ["what there is", "how many", f"{OURS} µs", f"{PEER} µs"]
        yield "What one status costs", heads, [_point_row(point) for point in results.growth]


def _request_row(row: Requests) -> list[str]:
    ours = row.sides[OURS]
    over_peer, over_bare = row.ratio(PEER), row.ratio(BARE)
    wanted = f"{row.over_peer:g} ×" + (f", {row.over_bare:g}" if row.over_bare else "")
    missed = any(is_below(ratio, least) for ratio, least in ((over_peer, row.over_peer), (over_bare, row.over_bare)))
    errors = ", ".join(f"{side}: {rate.errors} errors" for side, rate in row.sides.items() if rate.errors)
    peer = row.sides.get(PEER)
    return [
        f"{row.what} ({errors})" if errors else row.what,
        *(_number(row.sides[side].rate if side in row.sides else None) for side in (OURS, PEER, BARE)),
        f"{ours.p50:.2f}",
        f"{ours.p99:.2f}",
        f"{peer.p99:.2f}" if peer else _ABSENT,
        f"{over_peer:.1f}" if over_peer else _ABSENT,
        f"{over_bare:.2f}" if over_bare else _ABSENT,
        wanted + _verdict(not missed),
    ]


def is_below(ratio: float | None, least: float | None) -> bool:
    """Whether a ratio is below its target. An absent ratio or target is never below."""
    return ratio is not None and least is not None and ratio < least


def _figure_row(figure: Figure) -> list[str]:
    values = [_number(figure.sides.get(side)) for side in (OURS, PEER, BARE)]
    wanted = figure.wanted + ("" if figure.holds is None else _verdict(figure.holds))
    return [f"{figure.what}{f', {figure.unit}' if figure.unit else ''}", *values, wanted]


def _point_row(point: Point) -> list[str]:
    return [point.what, f"{point.size:,}", *(_number(point.cost.get(side)) for side in (OURS, PEER))]


def _verdict(holds: bool) -> str:
    return " ✓" if holds else " ✗"


def _number(value: float | None) -> str:
    if value is None:
        return _ABSENT
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def missed(results: Results) -> Sequence[str]:
    """The results that miss their target."""
    requests = [
        row.what
        for row in results.requests
        if is_below(row.ratio(PEER), row.over_peer) or is_below(row.ratio(BARE), row.over_bare)
    ]
    return requests + [figure.what for figure in results.figures if figure.holds is False]
