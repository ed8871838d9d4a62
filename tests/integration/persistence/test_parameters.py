"""Times as parameters, and KPIs with a threshold of 0: in memory, on a database, and after a restart."""

import json
from datetime import datetime
from typing import Any

import numpy as np
import pytest
from algomancy_scenario import BaseKPI, BaseParameterSet, ImprovementDirection
from algomancy_scenario.result import ScenarioResult
from algomancy_utils import BaseMeasurement
from algomancy_utils.baseparameterset import IntegerParameter, IntervalParameter, StringParameter, TimeParameter

from algomancy_api import ApiLauncher

from ...conftest import create, default_session, upload_items
from ...support import wiring
from ...support.clients import AppClient, calling, ended
from ...support.databases import Database
from ...support.errors import assert_error
from .test_persistence import opened


class Window(BaseParameterSet):
    """Parameters with times. The class overrides nothing but what it must."""

    def __init__(self) -> None:
        super().__init__("window")
        self.add_parameters(
            [
                TimeParameter("at", default=datetime(2026, 1, 1)),  # noqa: DTZ001 - the framework's are naive
                TimeParameter("until", required=False),
                IntervalParameter("between"),
                IntegerParameter("count", default=3),
            ]
        )

    def validate(self) -> None:
        """Accept every combination."""


class Result(ScenarioResult):
    """What an algorithm saw of its parameters."""

    def __init__(self, data_id: str, seen: str = "") -> None:
        super().__init__(data_id)
        self.seen = seen

    def to_dict(self) -> dict[str, Any]:
        return {"seen": self.seen}

    def to_json(self) -> str:
        return json.dumps({"data_id": self.data_id, "seen": self.seen})

    @classmethod
    def from_json(cls, text: str) -> Result:
        return cls(**json.loads(text))


class Looks(wiring.Algorithm):
    """Its result is what it sees of its parameters."""

    result_class = Result

    @staticmethod
    def initialize_parameters() -> Any:
        return Window()

    def run(self, data: Any) -> Any:
        values = [*self.params.get_values().values(), self.data_params["at"]]
        return Result(data.id, repr(values))


class WindowedItems(wiring.Items):
    """A dataset whose parameters are times, too."""

    def initialize_data_parameters(self) -> BaseParameterSet:
        return Window()


class Loader(wiring.Loader):
    def load(self, name: str, data: Any, validation_messages: Any, ds_type: Any = None) -> Any:
        items = WindowedItems(ds_type=ds_type, name=name, validation_messages=validation_messages)
        for table, frame in data.items():
            items.add_table(table, frame)
        return items


class EtlFactory(wiring.EtlFactory):
    @classmethod
    def create_loader(cls, logger: Any = None) -> Loader:
        return Loader(logger=logger)


class Lateness(BaseKPI):
    """A KPI of a numpy scalar that must be at most 0."""

    def __init__(self) -> None:
        super().__init__("Lateness", ImprovementDirection.AT_MOST, BaseMeasurement(wiring.SECOND), threshold=0)

    def compute(self, result: Any) -> Any:
        return np.int64(2)


OWN: dict[str, Any] = {
    "algorithms": {"Looks": Looks},
    "etl_factory": EtlFactory,
    "data_object_type": WindowedItems,
    "kpis": {"Lateness": Lateness},
}

VALUES = {"at": "2026-03-04T05:06:07.250", "between": ["2026-01-01", "2026-02-01T00:00"], "count": 5}
STORED = {
    "at": "2026-03-04T05:06:07.250000",
    "until": None,
    "between": ["2026-01-01T00:00:00", "2026-02-01T00:00:00"],
    "count": 5,
}


def session_of(client: AppClient) -> str:
    session = default_session(client)
    upload_items(client, session)
    return session


def full_form(client: AppClient, session: str, scenario: str) -> Any:
    response = client.get(f"{session}/scenarios/{scenario}")
    assert response.status_code == 200, response.text
    return response.json()


def assert_has_values(client: AppClient, session: str, scenario: str) -> None:
    """Both forms of a scenario have the values that were sent, each in its own way."""
    full = full_form(client, session, scenario)
    assert full["algorithm"]["parameters"] == json.dumps({"name": "window", "parameters": STORED})
    assert full["data_parameters"] == STORED
    summary = next(one for one in client.get(f"{session}/scenarios").json() if one["id"] == scenario)
    assert (summary["algorithm"]["parameters"], summary["data_parameters"]) == (STORED, STORED)


def test_times_are_parameters_of_a_class_that_overrides_nothing_before_and_after_a_restart(database: Database) -> None:
    with opened(database, **OWN) as client:
        session = session_of(client)
        scenario = create(client, session, "Looks", algo_params=VALUES, data_params=VALUES)
        defaults = create(client, session, "Looks", "defaults")
        assert_has_values(client, session, scenario)
        before = full_form(client, session, defaults)
    with opened(database, **OWN) as client:
        assert_has_values(client, session, scenario)
        assert full_form(client, session, defaults) == before
        client.post(f"{session}/scenarios/{scenario}/run")
        seen = ended(client, session, scenario)["result"]["seen"]
    assert seen == (
        "[datetime.datetime(2026, 3, 4, 5, 6, 7, 250000), None, (datetime.datetime(2026, 1, 1, 0, 0), "
        "datetime.datetime(2026, 2, 1, 0, 0)), 5, datetime.datetime(2026, 3, 4, 5, 6, 7, 250000)]"
    )
    with opened(database, **OWN) as client:
        assert full_form(client, session, scenario)["result"]["seen"] == seen


def test_a_data_parameter_that_its_class_has_no_more_is_named(database: Database) -> None:
    class Other(Window):
        def __init__(self) -> None:
            BaseParameterSet.__init__(self, "window")
            self.add_parameters([IntegerParameter("count"), StringParameter("at")])

    class OtherItems(WindowedItems):
        def initialize_data_parameters(self) -> BaseParameterSet:
            return Other()

    with opened(database, **OWN) as client:
        session = session_of(client)
        scenario = create(client, session, "Looks", data_params=VALUES)
    with opened(database, **OWN | {"data_object_type": OtherItems}) as client:
        answer = client.get(f"{session}/scenarios/{scenario}")
        assert_error(answer, 409, "its dataset 'items' does not fit: ParameterError: Parameter 'until' not found")
    with opened(database, **OWN) as client:
        assert full_form(client, session, scenario)["data_parameters"] == STORED


def test_a_threshold_of_zero_shows_in_both_forms_before_and_after_a_restart(database: Database) -> None:
    expected = {"name": "Lateness", "better_when": "AT_MOST", "unit": "s", "value": 2, "threshold": 0}
    with opened(database, **OWN) as client:
        session = session_of(client)
        scenario = create(client, session, "Looks", run=True)
        assert ended(client, session, scenario)["kpis"] == {"Lateness": expected}
    with opened(database, **OWN) as client:
        assert full_form(client, session, scenario)["kpis"] == {"Lateness": expected}
        assert client.get(f"{session}/scenarios").json()[0]["kpis"] == {"Lateness": expected}


def test_the_first_scenarios_may_have_times() -> None:
    defaults = {"autocreate": True, "default_algo": "Looks", "default_algo_params_values": {"count": 5}}
    app = ApiLauncher.build(wiring.configuration(**OWN | defaults))
    with calling(app) as client:
        session = session_of(client)
        (summary,) = client.get(f"{session}/scenarios").json()
        assert summary["algorithm"]["parameters"]["at"] == "2026-01-01T00:00:00"
    app.state.session_manager.shutdown()


@pytest.mark.parametrize("field", ["algo_params", "data_params"])
@pytest.mark.parametrize(
    ("value", "shown"), [({"count": True}, "true"), ({"at": "2026-01-01T00:00Z"}, '"2026-01-01T00:00Z"')]
)
def test_a_value_of_a_wrong_type_is_a_400_by_name_and_creates_nothing(
    field: str, value: dict[str, Any], shown: str
) -> None:
    app = ApiLauncher.build(wiring.configuration(**OWN))
    with calling(app) as client:
        session = session_of(client)
        body = {"tag": "a", "dataset_key": "items", "algo_name": "Looks", field: value}
        response = client.post(f"{session}/scenarios", json=body)
        assert response.status_code == 400
        assert f"Parameter '{next(iter(value))}' " in response.json()["detail"]
        assert response.json()["detail"].endswith(f"; got {shown}")
        assert client.get(f"{session}/scenarios").json() == []
    app.state.session_manager.shutdown()
