"""Scenarios side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from ..frames.rows import frame_of
from . import markup
from .plot import bars

if TYPE_CHECKING:
    import pandas as pd


class ComparedScenario(Struct, frozen=True):
    """A scenario of a comparison."""

    id: str
    tag: str
    status: str
    dataset: str = ""
    algorithm: str = ""


class ComparedValue(Struct, frozen=True):
    """The value of a KPI for one scenario, beside those of the others."""

    value: float | None = None
    pretty: str | None = None
    passed: bool | None = None
    rank: int | None = None
    delta: float | None = None
    relative_delta: float | None = None
    verdict: str = "not comparable"


class ComparedKpi(Struct, frozen=True):
    """A KPI of the scenarios, in their order."""

    key: str
    name: str
    unit: str | None = None
    better_when: str | None = None
    threshold: float | None = None
    pretty_threshold: str | None = None
    differs: bool = True
    values: list[ComparedValue] = field(default_factory=list)


class ComparedParameter(Struct, frozen=True):
    """A parameter of the scenarios, in their order."""

    name: str
    differs: bool = True
    values: list[Any] = field(default_factory=list)


class Comparison(Struct, frozen=True):
    """Scenarios side by side: which is better than the baseline, and by how much.

    Attributes:
        baseline: The id of the scenario that the others are compared with.
        scenarios: The scenarios; all values are in their order.
        kpis: Their KPIs.
        parameters: The parameters of their algorithms.
        data_parameters: The parameters of their datasets.
    """

    baseline: str | None
    scenarios: list[ComparedScenario]
    kpis: list[ComparedKpi]
    parameters: list[ComparedParameter] = field(default_factory=list)
    data_parameters: list[ComparedParameter] = field(default_factory=list)

    def frame(self) -> pd.DataFrame:
        """A DataFrame with a row for each scenario: its parameters, and of each KPI value, delta, rank and verdict.

        Raises:
            MissingExtra: pandas is not installed.
        """
        return frame_of(self.rows(), "tag")

    def rows(self) -> list[dict[str, object]]:
        """The same as rows, by the names of the columns."""
        return [self._row(place) for place in range(len(self.scenarios))]

    def plot(self, axes: Any = None) -> Any:  # noqa: ANN401 - of matplotlib
        """Bars of each KPI, in the colours of the verdicts, with its threshold as a line.

        Args:
            axes: Axes of matplotlib, one for each KPI; a new figure without them.

        Returns:
            The figure of matplotlib.

        Raises:
            MissingExtra: matplotlib is not installed.
        """
        return bars(self, axes)

    def _row(self, place: int) -> dict[str, object]:
        scenario = self.scenarios[place]
        row: dict[str, object] = {
            "tag": scenario.tag,
            "baseline": scenario.id == self.baseline,
            "status": scenario.status,
        }
        for parameter in (*self.parameters, *self.data_parameters):
            row[parameter.name] = parameter.values[place]
        for kpi in self.kpis:
            label = f"{kpi.name} [{kpi.unit}]" if kpi.unit else kpi.name
            value = kpi.values[place]
            row[label] = value.value
            row[f"{kpi.name} delta"] = value.delta
            row[f"{kpi.name} rank"] = value.rank
            row[f"{kpi.name} verdict"] = value.verdict
        return row

    def cells(self) -> list[dict[str, object]]:
        """A row for each scenario, as a person reads it: the parameters that differ, and the KPIs with their deltas."""
        return [self._shown(place) for place in range(len(self.scenarios))]

    def _shown(self, place: int) -> dict[str, object]:
        scenario = self.scenarios[place]
        name = f"{scenario.tag} (baseline)" if scenario.id == self.baseline else scenario.tag
        parameters = (*self.parameters, *self.data_parameters)
        return {
            "scenario": name,
            **{parameter.name: parameter.values[place] for parameter in parameters if parameter.differs},
            **{kpi.name: _cell(kpi.values[place]) for kpi in self.kpis},
        }

    def _repr_html_(self) -> str:
        rows = self.cells()
        return markup.table("Comparison", list(rows[0]) if rows else [], [list(row.values()) for row in rows])


def _cell(value: ComparedValue) -> markup.Cell:
    relative = f" ({value.relative_delta:+.1%})" if value.relative_delta else ""
    return markup.Cell(f"{value.pretty or markup.text_of(value.value)}{relative}", value.verdict)
