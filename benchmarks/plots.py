"""Results as pictures. A picture says what was measured, in ratios, which say the same on another machine."""

from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure as Picture

from .results import Results
from .sides import BARE, OURS, PEER

_COLOURS = {OURS: "#0b6e99", PEER: "#c0c7cf", BARE: "#e8a33d"}
_NAMES = {OURS: "algomancy-api", PEER: "algomancy-api 0.10.0, on FastAPI", BARE: "a bare ASGI app"}


def draw(results: Results, folder: Path) -> list[Path]:
    """Draw what there is into a folder, and give the files."""
    drawn = []
    # The same results give the same bytes, and a reader of the file finds words, not outlines.
    with mpl.rc_context({"svg.hashsalt": "algomancy", "svg.fonttype": "none", "font.family": "sans-serif"}):
        if any(PEER in row.sides for row in results.requests):
            drawn.append(_save(_ratios(results), folder / "requests.svg"))
        if results.growth:
            drawn.append(_save(_growth(results), folder / "growth.svg"))
    return drawn


def _save(picture: Picture, path: Path) -> Path:
    picture.savefig(path, metadata={"Date": None, "Creator": None}, bbox_inches="tight", facecolor="white")
    return path


def _ratios(results: Results) -> Picture:
    rows = [row for row in results.requests if row.ratio(PEER)][::-1]
    picture = Picture(figsize=(8, 0.42 * len(rows) + 1.2))
    axes = picture.subplots()
    ratios = [row.ratio(PEER) or 0 for row in rows]
    axes.barh([row.what for row in rows], ratios, color=_COLOURS[OURS], height=0.62)
    axes.axvline(1, color="#555", linewidth=1)
    for place, ratio in enumerate(ratios):
        axes.text(ratio, place, f" {ratio:.1f} ×", va="center", fontsize=9)
    axes.set_xlabel(f"requests a second, in multiples of {_NAMES[PEER]} (the line: 1 ×)")
    axes.set_xlim(0, max(ratios) * 1.12)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    return picture


def _growth(results: Results) -> Picture:
    kinds = list(dict.fromkeys(point.what for point in results.growth))
    picture = Picture(figsize=(8, 3))
    for axes, what in zip(picture.subplots(1, len(kinds), squeeze=False)[0], kinds, strict=True):
        points = [point for point in results.growth if point.what == what]
        for side in (OURS, PEER):
            known = [(point.size, point.cost[side]) for point in points if side in point.cost]
            if known:
                axes.plot(*zip(*known, strict=True), marker="o", color=_COLOURS[side], label=_NAMES[side])
        axes.set_xscale("log")
        axes.set_ylim(bottom=0)
        axes.set_xlabel(what)
        axes.spines[["top", "right"]].set_visible(False)
    first = picture.axes[0]
    first.set_ylabel("server time per status, µs")
    first.legend(frameon=False, fontsize=8)
    return picture
