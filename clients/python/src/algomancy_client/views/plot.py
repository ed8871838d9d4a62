"""A picture of a comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..extras import needed

if TYPE_CHECKING:
    from .comparison import ComparedKpi, Comparison

#: Colours of bars, by verdict. They can be told apart by people who see no red and green.
_COLOURS = {"better": "#2a9d5c", "worse": "#d1495b", "equal": "#7a8794", "not comparable": "#d29922"}

#: Inches: a row of bars, what stands around them, and the width of one KPI.
_ROW, _AROUND, _WIDTH = 0.28, 1.2, 4.2


def bars(comparison: Comparison, axes: Any = None) -> Any:  # noqa: ANN401 - of matplotlib
    """Bars of each KPI of a comparison, in the colours of the verdicts, with its threshold as a line.

    Raises:
        ValueError: The scenarios have no KPIs.
        MissingExtra: matplotlib is not installed.
    """
    if not comparison.kpis:
        raise ValueError("the scenarios have no KPIs to draw")
    if axes is None:
        axes = _new_axes(len(comparison.kpis), len(comparison.scenarios))
    every = list(getattr(axes, "flat", axes if isinstance(axes, (list, tuple)) else [axes]))
    for kpi, ax in zip(comparison.kpis, every, strict=False):
        _draw(comparison, kpi, ax)
    return every[0].figure


def _new_axes(kpis: int, scenarios: int) -> Any:  # noqa: ANN401 - of matplotlib
    pyplot = needed("matplotlib.pyplot", "plot")
    size = (_WIDTH * kpis + 1, _ROW * scenarios + _AROUND)
    _, axes = pyplot.subplots(1, kpis, sharey=True, squeeze=False, figsize=size, layout="constrained")
    return axes


def _draw(comparison: Comparison, kpi: ComparedKpi, ax: Any) -> None:  # noqa: ANN401 - of matplotlib
    places = range(len(comparison.scenarios))
    lengths = [value.value or 0 for value in kpi.values]
    ax.barh(places, lengths, color=[_COLOURS[value.verdict] for value in kpi.values])
    ax.set_yticks(places, [_name(comparison, place) for place in places])
    ax.set_ylim(len(comparison.scenarios) - 0.5, -0.5)  # the first one on top
    ax.set_title(f"{kpi.name} [{kpi.unit}]" if kpi.unit else kpi.name)
    if kpi.threshold is not None:
        ax.axvline(kpi.threshold, color="#444444", linestyle="--", linewidth=1)


def _name(comparison: Comparison, place: int) -> str:
    scenario = comparison.scenarios[place]
    return f"{scenario.tag} (baseline)" if scenario.id == comparison.baseline else scenario.tag
