"""The parameters and KPIs of scenarios, as rows."""

from __future__ import annotations

from collections.abc import Iterable

from ..wire.answers import Kpi, Summary

#: What a row begins with.
FIRST = ("tag", "status")


def kpi_rows(summaries: Iterable[Summary], *, units: bool = True) -> list[dict[str, object]]:
    """A row for each scenario: its tag and status, its parameters, its KPIs, and whether they keep their thresholds.

    Args:
        summaries: The scenarios.
        units: Whether the names of KPIs have their units, such as ``Cost [EUR]``.
    """
    return [_row(summary, units) for summary in summaries]


def _row(summary: Summary, units: bool) -> dict[str, object]:
    row: dict[str, object] = {"tag": summary.tag, "status": summary.status}
    for name, value in {**summary.data_parameters, **summary.algorithm.parameters}.items():
        row[_free(row, name)] = value
    for kpi in summary.kpis.values():
        label = _label(kpi) if units else kpi.name
        row[_free(row, label)] = kpi.value
        if kpi.threshold is not None and kpi.better_when in ("AT_LEAST", "AT_MOST"):
            row[_free(row, f"{kpi.name} passed")] = kpi.passed
    return row


def _label(kpi: Kpi) -> str:
    return f"{kpi.name} [{kpi.unit}]" if kpi.unit else kpi.name


def _free(row: dict[str, object], name: str) -> str:
    """A name that the row does not have: a parameter may be called like a KPI."""
    while name in row:
        name += "_"
    return name
