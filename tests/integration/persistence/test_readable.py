"""A result that could not be shown, or read again after a restart, fails its scenario at once, with the reason."""

import json
from typing import Any

import pandas as pd
import pytest
from algomancy_scenario.result import ScenarioResult

from algomancy_api import ApiLauncher

from ...conftest import create, default_session, upload_items
from ...support import wiring
from ...support.clients import AppClient, calling, ended
from ...support.databases import Database
from .test_persistence import opened


class Status:
    """A solver's status."""


class Shown(ScenarioResult):
    """A result with a value that has no JSON form."""

    value: Any = None

    def to_dict(self) -> dict[str, Any]:
        return {"solution": {"values": [1, self.value]}}


class Refusing(ScenarioResult):
    """A result whose `from_json` refuses its `to_json`."""

    @classmethod
    def from_json(cls, json_string: str) -> Any:
        raise ValueError(f"not {len(json.loads(json_string))} keys")


class Empty(ScenarioResult):
    """A result that is read as nothing."""

    @classmethod
    def from_json(cls, json_string: str) -> Any:
        return None


class Hollow(ScenarioResult):
    """A result that can be read, but not shown then."""

    def to_dict(self) -> dict[str, Any]:
        return {"value": self.value}

    def __init__(self, data_id: str) -> None:
        super().__init__(data_id)
        self.value = 1

    @classmethod
    def from_json(cls, json_string: str) -> Any:
        return cls.__new__(cls)


class Tables(ScenarioResult):
    """A result in tables, which it does not take back."""

    def to_sql_tables(self) -> dict[str, pd.DataFrame]:
        return {"numbers": pd.DataFrame({"x": [1, 2]})}

    def from_sql_tables(self, tables: dict[str, pd.DataFrame]) -> None:
        tables["others"]


def bare(_data_id: str) -> Any:
    """A result of no class."""
    return {"a": 1}


class Solver(wiring.Algorithm):
    """An algorithm with a result of some class."""

    returned: Any = None

    def run(self, data: Any) -> Any:
        return self.returned(data.id)


def outcome(client: AppClient) -> tuple[str, Any, str]:
    """The status, result and address of a scenario that was run."""
    session = default_session(client)
    upload_items(client, session)
    scenario_id = create(client, session, "Solver")
    client.post(f"{session}/scenarios/{scenario_id}/run")
    form = ended(client, session, scenario_id)
    return form["status"], form["result"], f"{session}/scenarios/{scenario_id}"


def solver(returned: Any, result_class: Any = ScenarioResult) -> dict[str, Any]:
    return {"Solver": type("Solver", (Solver,), {"returned": staticmethod(returned), "result_class": result_class})}


#: Results that cannot be read again: what the run returns, the `result_class`, and what the reason says.
UNREADABLE: dict[str, tuple[Any, Any, str]] = {
    "a dict": (bare, ScenarioResult, "KeyError: 'data_id'; run returned dict, and result_class is ScenarioResult"),
    "a class that refuses": (Refusing, Refusing, "Refusing.from_json cannot read it again: ValueError: not 2 keys"),
    "a class that returns nothing": (Empty, Empty, "Empty.from_json cannot read it again"),
    "a class that cannot be shown": (Hollow, Hollow, "has no attribute 'value'"),
    "tables": (Tables, Tables, "Tables.from_sql_tables cannot read it again: KeyError: 'others'"),
    "another class": (Tables, ScenarioResult, "run returned Tables, and result_class is ScenarioResult"),
}  # fmt: skip


@pytest.mark.parametrize("kind", UNREADABLE)
def test_what_cannot_be_read_again_fails_its_scenario(database: Database, kind: str) -> None:
    returned, result_class, reason = UNREADABLE[kind]
    algorithms = solver(returned, result_class)
    with opened(database, algorithms=algorithms) as client:
        status, result, url = outcome(client)
        assert status == "failed"
        assert reason in result["error"]
        form = client.get(url).json()
    assert database.stored() == 1  # the dataset
    with opened(database, algorithms=algorithms) as client:
        assert client.get(url).json() == form


def test_without_a_database_nothing_has_to_be_read_again() -> None:
    app = ApiLauncher.build(wiring.configuration(algorithms=solver(bare)))
    with calling(app) as client:
        assert outcome(client)[:2] == ("complete", {"a": 1})
    app.state.session_manager.shutdown()


@pytest.mark.parametrize(
    ("value", "name"),
    [(Status(), "Status"), (1j, "builtins.complex"), (pd.Series([1j]), "builtins.complex"), (Status, "type")],
)
def test_what_cannot_be_shown_fails_its_scenario_with_the_path(client: AppClient, value: Any, name: str) -> None:
    manager: Any = client.app.state.session_manager.get_scenario_manager("main")  # type: ignore[attr-defined]
    shown = type("Shown", (Shown,), {"value": value})
    manager._factory.algorithms.update(solver(shown, shown))
    status, result, _ = outcome(client)
    assert status == "failed"
    assert f"{name} has no natural JSON form, at ['solution']['values'][1]" in result["error"]
