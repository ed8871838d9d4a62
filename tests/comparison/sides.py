"""Sides of comparisons, made without a session."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from algomancy_utils.unit import QUANTITIES, BaseMeasurement

from algomancy_api.comparison import Format, Side, compare
from algomancy_api.comparison.document import json_of
from algomancy_api.schemas import Comparison
from algomancy_api.schemas.comparison import ComparedKpi, ComparedScenario

SECONDS = Format(BaseMeasurement(QUANTITIES["time"]["s"]))  # type: ignore[arg-type]  # as the framework has it


def form(value: Any, **changes: Any) -> dict[str, Any]:
    """A KPI as in a summary."""
    return {"name": "Time", "better_when": "LOWER", "unit": "s", "value": value, "threshold": None} | changes


def side(name: str, kpi: Mapping[str, Any] | None = None, status: Any = "complete", **changes: Any) -> Side:
    """A scenario with one KPI, or none."""
    facts = {"dataset": "items", "algorithm": "Fast"} | {
        key: changes.pop(key) for key in ("dataset",) if key in changes
    }
    scenario = ComparedScenario(id=name, tag=f"tag of {name}", status=status, **facts)
    return Side(
        scenario, changes.get("parameters", {}), changes.get("data_parameters", {}), {"time": kpi} if kpi else {}
    )


def shown(sides: Sequence[Side], baseline: int = 0, *, only_differences: bool = False) -> Comparison:
    """A comparison as a client reads it."""
    comparison = compare(sides, baseline, {"time": SECONDS}, only_differences=only_differences)
    return msgspec.json.decode(json_of(comparison), type=Comparison)


def compared(forms: Sequence[Mapping[str, Any] | None], baseline: int = 0) -> ComparedKpi:
    """The one KPI of complete scenarios named a, b, c, as a client reads it."""
    [kpi] = shown([side("abcdefgh"[number], kpi) for number, kpi in enumerate(forms)], baseline).kpis
    return kpi


def column(kpi: ComparedKpi, field: str) -> list[Any]:
    """A field of the values of a KPI, for each scenario."""
    return [getattr(value, field) for value in kpi.values]
