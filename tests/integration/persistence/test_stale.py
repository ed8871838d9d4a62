"""Scenarios that have ended are shown as they were stored, once the classes they were made of have changed or gone."""

import json
from typing import Any

import pandas as pd
import pytest
from algomancy_scenario import BaseKPI, BaseParameterSet, ImprovementDirection
from algomancy_scenario.result import ScenarioResult
from algomancy_utils import BaseMeasurement
from algomancy_utils.baseparameterset import EmptyParameters, IntegerParameter

from ...conftest import create, default_session, upload_items
from ...support import wiring
from ...support.clients import AppClient, ended
from ...support.databases import Database
from .test_persistence import opened


class Old(BaseParameterSet):
    def __init__(self) -> None:
        super().__init__("old")
        self.add_parameters([IntegerParameter("steps", default=3)])

    def validate(self) -> None:
        """Accept every combination."""


class New(BaseParameterSet):
    """The parameter has another name."""

    def __init__(self) -> None:
        super().__init__("new")
        self.add_parameters([IntegerParameter("rounds", default=3)])

    def validate(self) -> None:
        """Accept every combination."""


class Answer(ScenarioResult):
    """A result with a value."""

    value: Any = float("nan")

    def to_dict(self) -> dict[str, Any]:
        return {"value": self.value}

    def to_json(self) -> str:
        return json.dumps({"data_id": self.data_id, "value": self.value})


class Unreadable(Answer):
    """The class of a later version, which does not read what the former wrote."""

    @classmethod
    def from_json(cls, json_string: str) -> Any:
        return cls(json.loads(json_string)["no such key"])


class Unwritable(Answer):
    """The class of a later version, whose form needs what the former did not write."""

    def to_dict(self) -> dict[str, Any]:
        return {"value": self.missing}  # type: ignore[attr-defined]


class Frames(ScenarioResult):
    """A result in tables."""

    def to_dict(self) -> dict[str, Any]:
        return {"numbers": [1, 2]}

    def to_sql_tables(self) -> dict[str, pd.DataFrame]:
        return {"numbers": pd.DataFrame({"x": [1, 2]})}

    def from_sql_tables(self, tables: dict[str, pd.DataFrame]) -> None:
        """Take none of them."""


class Solver(wiring.Algorithm):
    """An algorithm of a first version."""

    result_class: Any = Answer
    parameters: Any = Old

    @classmethod
    def initialize_parameters(cls) -> Any:
        return cls.parameters()

    def run(self, data: Any) -> Any:
        return self.result_class(data.id)


def version(**attributes: Any) -> dict[str, Any]:
    """The algorithms of a version of the wiring: the solver has other attributes."""
    return {"Solver": type("Solver", (Solver,), attributes), "Fails": wiring.Fails}


class Cost(BaseKPI):
    """A second KPI."""

    def __init__(self) -> None:
        super().__init__("The cost", ImprovementDirection.AT_MOST, BaseMeasurement(wiring.SECOND), 20.0)

    def compute(self, result: Any) -> float:
        return 12.5


class OtherItems(wiring.Items):
    """A dataset of a later version, without its parameter."""

    def initialize_data_parameters(self) -> BaseParameterSet:
        return EmptyParameters()


class BrokenItems(wiring.Items):
    """A dataset of a later version that cannot be made any more."""

    def from_sql_tables(self, tables: Any) -> None:
        raise KeyError("a table that is new")


FIRST: dict[str, Any] = {"algorithms": version(), "kpis": {"Size": wiring.Size, "Cost": Cost}}

#: Later versions: what is other, what the reason names, whether the list knows it before the scenario was read, and
#: whether the scenario can be built.
LATER: dict[str, tuple[dict[str, Any], str, bool, bool]] = {
    "the algorithm": ({"algorithms": {"Fails": wiring.Fails}}, "algorithm 'Solver' is not available", True, False),
    "a parameter": ({"algorithms": version(parameters=New)}, "Parameter 'steps' not found", True, False),
    "a KPI": ({"kpis": {"Size": wiring.Size}}, "KPI 'Cost' is not available", True, True),
    "a parameter of the dataset": ({"data_object_type": OtherItems}, "Parameter 'limit' not found", False, False),
    "the dataset": ({"data_object_type": BrokenItems}, "a table that is new", False, False),
    "the reading of the result": (
        {"algorithms": version(result_class=Unreadable)}, "result cannot be read any more: KeyError", False, True,
    ),
    "the form of the result": (
        {"algorithms": version(result_class=Unwritable)}, "has no attribute 'missing'", False, True,
    ),
}  # fmt: skip


def solved(client: AppClient, session: str, **body: Any) -> str:
    scenario_id: str = create(client, session, "Solver", "solved", algo_params={"steps": 5}, **body)
    client.post(f"{session}/scenarios/{scenario_id}/run")
    assert ended(client, session, scenario_id)["status"] == "complete"
    return scenario_id


@pytest.mark.parametrize("change", LATER)
def test_a_finished_scenario_is_shown_as_it_was_stored(database: Database, change: str) -> None:
    later, reason, is_listed, can_be_built = LATER[change]
    with opened(database, **FIRST) as client:
        session = default_session(client)
        upload_items(client, session)
        scenario_id = solved(client, session, data_params={"limit": 4})
        url = f"{session}/scenarios/{scenario_id}"
        full, [short] = client.get(url).json(), client.get(f"{session}/scenarios").json()
        assert "stale" not in full
        assert "stale" not in short
        assert (full["result"], full["kpis"]["Cost"]["value"]) == ({"value": None}, 12.5)
    with opened(database, **FIRST | later) as client:
        assert ("stale" in client.get(f"{session}/scenarios").json()[0]) is is_listed
        for _ in range(2):
            shown = client.get(url).json()
            assert reason in shown.pop("stale")
            assert shown == full | {"result": shown["result"], "kpis": shown["kpis"]}
            assert shown["result"]["value"] is None
            values = {name: (kpi["value"], kpi["threshold"], kpi["better_when"]) for name, kpi in shown["kpis"].items()}
            assert values == {"Size": (7.0, 10.0, "AT_MOST"), "Cost": (12.5, 20.0, "AT_MOST")}
        [listed] = client.get(f"{session}/scenarios").json()
        assert reason in listed.pop("stale")
        assert listed == short | {"kpis": shown["kpis"]}
        assert client.get(f"{url}/status").json()["status"] == "complete"
        refused = client.post(f"{url}/run")
        assert refused.status_code == 409
        reset = client.post(f"{url}/reset")
        assert reset.status_code == (200 if can_be_built else 409)
        if can_be_built:
            assert (reset.json()["status"], reset.json()["result"]) == ("created", None)
            assert "stale" not in reset.json()
        else:
            assert reason in refused.json()["detail"]
            assert reason in reset.json()["detail"]
            assert client.get(url).json()["status"] == "complete"


def test_a_failed_scenario_keeps_its_reason(database: Database) -> None:
    with opened(database, **FIRST) as client:
        session = default_session(client)
        upload_items(client, session)
        scenario_id = create(client, session, "Fails")
        client.post(f"{session}/scenarios/{scenario_id}/run")
        form = ended(client, session, scenario_id)
    with opened(database, **FIRST | {"algorithms": {"Solver": Solver}}) as client:
        shown = client.get(f"{session}/scenarios/{scenario_id}").json()
        assert "algorithm 'Fails'" in shown.pop("stale")
        assert shown == form
        assert shown["result"] == {"error": "ValueError: no solution"}
        assert client.delete(f"{session}/scenarios/{scenario_id}").status_code == 204


def test_a_result_in_tables_is_shown_by_its_tables(database: Database) -> None:
    with opened(database, algorithms=version(result_class=Frames)) as client:
        session = default_session(client)
        upload_items(client, session)
        url = f"{session}/scenarios/{solved(client, session)}"
    with opened(database, algorithms={"Fails": wiring.Fails}) as client:
        assert client.get(url).json()["result"] == {"numbers": [{"x": 1}, {"x": 2}]}


def test_a_scenario_is_whole_again_with_its_former_classes(database: Database) -> None:
    with opened(database, **FIRST) as client:
        session = default_session(client)
        upload_items(client, session)
        url = f"{session}/scenarios/{solved(client, session)}"
        full = client.get(url).json()
    with opened(database, **FIRST | {"algorithms": version(parameters=New)}) as client:
        assert "stale" in client.get(url).json()
    with opened(database, **FIRST) as client:
        assert client.get(url).json() == full
        assert "stale" not in client.get(f"{session}/scenarios").json()[0]
