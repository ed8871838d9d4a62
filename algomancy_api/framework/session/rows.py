"""A scenario as a row of a list: what filters and orders look at, read when it is asked for."""

from collections.abc import Mapping
from datetime import datetime
from math import isfinite
from typing import Any

from algomancy_scenario import Scenario
from algomancy_scenario.records import ScenarioRecord
from algomancy_utils import Measurement

from .annotations import Annotations
from .creation_order import Place


class ScenarioRow:
    """A row.

    Args:
        place: The place of the scenario.
        source: The scenario, or its record.
        annotations: What users have written on it.
    """

    __slots__ = ("_annotations", "place", "source")

    def __init__(self, place: Place, source: Scenario[Any] | ScenarioRecord, annotations: Annotations) -> None:
        self.place = place
        self.source = source
        self._annotations = annotations

    @property
    def tag(self) -> str:
        return str(self.source.tag)

    @property
    def status(self) -> str:
        return str(self.source.status)

    @property
    def algorithm(self) -> str:
        source: Any = self.source
        return str(source.algorithm_name if isinstance(source, ScenarioRecord) else source._algorithm.name)

    @property
    def dataset(self) -> str:
        return str(self.source.input_data_key)

    @property
    def labels(self) -> Mapping[str, str]:
        return self._annotations.labels

    @property
    def note(self) -> str | None:
        return self._annotations.note

    @property
    def progress(self) -> float:
        return float(self.source.progress or 0.0)

    @property
    def started(self) -> datetime | None:
        return self.source.run_started_at if isinstance(self.source, ScenarioRecord) else None

    @property
    def finished(self) -> datetime | None:
        return self.source.run_finished_at if isinstance(self.source, ScenarioRecord) else None

    def kpi(self, name: str) -> float | None:
        """The value of a KPI; None if there is none, or if it is no number."""
        kpi: Any = self.source.kpis.get(name)
        value: Any = kpi.get("value") if isinstance(kpi, dict) else getattr(kpi, "value", None)
        if not isinstance(value, int | float) or value == Measurement.INITIAL_VALUE or not isfinite(value):
            return None
        return float(value)
