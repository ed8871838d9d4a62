"""Plots of the results. Requests are plotted as ratios, which hold on other machines, too."""

from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure as Plot

from .results import Results
from .sides import BARE, OURS, PEER

_COLOURS = {OURS: "#0b6e99", PEER: "#c0c7cf", BARE: "#e8a33d"}
_NAMES = {OURS: "algomancy-api", PEER: "algomancy-api 0.10.0, on FastAPI", BARE: "a bare ASGI app"}


def draw(results: Results, folder: Path) -> list[Path]:
    """Draw the results that exist into a folder and return the files."""
    drawn = []
    # A fixed salt gives the same bytes for the same results; text stays text instead of outlines.
    with mpl.rc_context({"svg.hashsalt": "algomancy", "svg.fonttype": "none", "font.family": "sans-serif"}):
        if any(PEER in row.sides for row in results.requests):
            drawn.append(_save(_ratios(results), folder / "requests.svg"))
        if results.growth:
            drawn.append(_save(_growth(results), folder / "growth.svg"))
    return drawn


def _save(plot: Plot, path: Path) -> Path:
    plot.savefig(path, metadata={"Date": None, "Creator": None}, bbox_inches="tight", facecolor="white")
    return path


def _ratios(results: Results) -> Plot:
    rows = [row for row in results.requests if row.ratio(PEER)][::-1]
    plot = Plot(figsize=(8, 0.42 * len(rows) + 1.2))
    axes = plot.subplots()
    ratios = [row.ratio(PEER) or 0 for row in rows]
    axes.barh([row.what for row in rows], ratios, color=_COLOURS[OURS], height=0.62)
    axes.axvline(1, color="#555", linewidth=1)
    for position, ratio in enumerate(ratios):
        axes.text(ratio, position, f" {ratio:.1f} ×", va="center", fontsize=9)
    axes.set_xlabel(f"requests a second, in multiples of {_NAMES[PEER]} (the line: 1 ×)")
    axes.set_xlim(0, max(ratios) * 1.12)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    return plot


def _growth(results: Results) -> Plot:
    kinds = list(dict.fromkeys(point.what for point in results.growth))
    plot = Plot(figsize=(8, 3))
    for axes, what in zip(plot.subplots(1, len(kinds), squeeze=False)[0], kinds, strict=True):
        points = [point for point in results.growth if point.what == what]
        for side in (OURS, PEER):
            known = [(point.size, point.cost[side]) for point in points if side in point.cost]
            if known:
                axes.plot(*zip(*known, strict=True), marker="o", color=_COLOURS[side], label=_NAMES[side])
        axes.set_xscale("log")
        axes.set_ylim(bottom=0)
        axes.set_xlabel(what)
        axes.spines[["top", "right"]].set_visible(False)
    first = plot.axes[0]
    first.set_ylabel("server time per status, µs")
    first.legend(frameon=False, fontsize=8)
    return plot
