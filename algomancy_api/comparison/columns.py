"""The comparison as a table: a row for each scenario, and a column for each fact."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from msgspec import UNSET

from ..framework.history.facts import RunFacts
from ..schemas.comparison import ComparedKpi, ComparedScenario, Comparison
from .cells import Kind, cells_of, kind_and_cells

_OF_SCENARIO: Mapping[str, Kind] = {
    "id": str,
    "tag": str,
    "status": str,
    "dataset": str,
    "algorithm": str,
    "data_changed": bool,
}

_OF_RUN: Mapping[str, Kind] = {
    "number": int,
    "outcome": str,
    "started": datetime,
    "ended": datetime,
    "seconds": float,
    "cpu_seconds": float,
    "peak_memory": int,
    "engine": str,
    "seed": int,
}

_OF_VALUE: Mapping[str, Kind] = {
    "value": float,
    "unit": str,
    "pretty": str,
    "pretty_unit": str,
    "passed": bool,
    "rank": int,
    "delta": float,
    "relative_delta": float,
    "verdict": str,
}

_WITHOUT_RUN = RunFacts()


class Column(NamedTuple):
    """A column.

    Attributes:
        name: Its name.
        kind: The type of its cells.
        cells: A cell for each scenario; None where it is missing.
        about: What holds for all of its values.
    """

    name: str
    kind: Kind
    cells: list[Any]
    about: Mapping[str, str] = {}


def columns_of(comparison: Comparison) -> list[Column]:
    """The columns: of the scenarios, their runs, their parameters and their KPIs."""
    parameters = [("parameters", parameter) for parameter in comparison.parameters]
    parameters += [("data_parameters", parameter) for parameter in comparison.data_parameters]
    return [
        *_of_scenarios(comparison.scenarios, comparison.baseline),
        *_of_runs(comparison.scenarios),
        *(Column(f"{of}.{parameter.name}", *kind_and_cells(parameter.values)) for of, parameter in parameters),
        *(column for kpi in comparison.kpis for column in _of_kpi(kpi)),
    ]


def _of_scenarios(scenarios: list[ComparedScenario], baseline: str | None) -> Iterator[Column]:
    for name, kind in _OF_SCENARIO.items():
        yield Column(name, kind, cells_of([getattr(scenario, name) for scenario in scenarios], kind))
    yield Column("is_baseline", bool, [scenario.id == baseline for scenario in scenarios])


def _of_runs(scenarios: list[ComparedScenario]) -> Iterator[Column]:
    runs = [scenario.run or _WITHOUT_RUN for scenario in scenarios]
    for name, kind in _OF_RUN.items():
        yield Column(f"run.{name}", kind, cells_of([getattr(run, name) for run in runs], kind))


def _of_kpi(kpi: ComparedKpi) -> Iterator[Column]:
    unit = kpi.unit
    facts = {"name": kpi.name, "unit": unit, "better_when": kpi.better_when, "threshold": _finite(kpi.threshold)}
    about = {name: str(fact) for name, fact in facts.items() if fact is not None}
    for name, kind in _OF_VALUE.items():
        values = [getattr(value, name) for value in kpi.values]
        if name == "unit":
            values = [unit if value is UNSET else value for value in values]
        yield Column(f"kpis.{kpi.key}.{name}", kind, cells_of(values, kind), about)


def _finite(number: float | None) -> float | None:
    [cell] = cells_of([number], float)
    return cell if number is None or cell is None else number
