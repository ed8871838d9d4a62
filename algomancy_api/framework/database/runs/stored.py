"""A scenario that has ended and cannot be built again: what of it is stored, in the forms of one that can be."""

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from algomancy_scenario import Scenario
from algomancy_scenario.persistence.models import kpi_measurements_table as measurements
from algomancy_scenario.persistence.models import scenarios_table as scenarios
from algomancy_scenario.records import ScenarioRecord

#: The form of a KPI, as `BaseKPI.to_dict` makes it.
type KpiForm = dict[str, Any]


class StoredScenario(Scenario[Any]):
    """A scenario without its algorithm, KPIs and dataset: it can be read, but neither run nor reset.

    Args:
        record: Its metadata.
        parameters: The parameters of its algorithm, as the framework serialised them.
        data_id: The id of its dataset, if that is there.
        result: Its result, or the reason of its failure.
    """

    def __init__(self, record: ScenarioRecord, parameters: str, data_id: str | None, result: Any) -> None:  # noqa: ANN401
        # Without the framework's initialiser, which takes the objects that cannot be made.
        self.id = record.id
        self.tag = record.tag
        self.status = record.status
        self.result = result
        self._record = record
        self._parameters = parameters
        self._data_id = data_id

    def to_dict(self) -> dict[str, Any]:
        """The full form, with what is stored."""
        result = self.result
        return {
            "id": self.id,
            "tag": self.tag,
            "input_data_id": self._data_id,
            "kpis": self._record.kpis,
            "algorithm": {"name": self._record.algorithm_name, "parameters": self._parameters},
            "data_parameters": self._record.data_parameters,
            "status": self.status,
            "result": result.to_dict() if isinstance(result, StoredResult) else result,
        }


class StoredResult:
    """A result whose class cannot read it: its tables by name, or the value of its JSON."""

    def __init__(self, stored: object) -> None:
        self._stored = stored

    @classmethod
    def of_text(cls, text: str) -> StoredResult:
        """The result of a text; null for one that is not JSON."""
        try:
            return cls(json.loads(text))  # msgspec refuses the NaN that Python writes
        except ValueError, RecursionError:
            return cls(None)

    def to_dict(self) -> object:
        """The stored result, as its class had made it for the database."""
        return self._stored


def parameters_text(engine: sa.Engine, scenario_id: str) -> str:
    """The parameters of a scenario's algorithm, as the framework serialised them."""
    stored = sa.select(scenarios.c.parameter_values).where(scenarios.c.id == scenario_id)
    with engine.connect() as connection:
        return str(connection.execute(stored).scalar() or "{}")


def other_kpis(engine: sa.Engine, run_ids: list[str], known: list[str]) -> Mapping[str, dict[str, KpiForm]]:
    """The KPIs of runs that this server does not know, by run and name. Their units are not stored."""
    columns = measurements.c
    rows = sa.select(measurements).where(columns.run_id.in_(run_ids), columns.kpi_name.not_in(known))
    found: dict[str, dict[str, KpiForm]] = {}
    with engine.connect() as connection:
        for row in connection.execute(rows):
            form = {"name": row.kpi_name, "better_when": (row.direction or "").upper(), "unit": ""}
            values = {"value": row.value, "threshold": row.threshold}
            found.setdefault(row.run_id, {})[row.kpi_name] = form | values
    return found
