"""The tables of results, over HTTP."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from algomancy_scenario.persistence import SqlResultLayout
from algomancy_scenario.result import ScenarioResult

from algomancy_api import ApiLauncher

from ...conftest import create, default_session, upload_items
from ...support import wiring
from ...support.clients import AppClient, calling, ended
from ...support.errors import assert_error

STOPS = pd.DataFrame({"stop": [1, 2, 3], "load": [0.5, None, 2.0]}, index=pd.Index(["a", "b", "c"], name="depot"))


class Laid(ScenarioResult):
    """A result that is stored as tables."""

    def to_sql_tables(self) -> dict[str, pd.DataFrame]:
        return {"stops": STOPS}

    def from_sql_tables(self, tables: dict[str, pd.DataFrame]) -> None:
        self.stops = tables["stops"]


class Holding(ScenarioResult):
    """A result that holds a table, beside other values."""

    def __init__(self, data_id: str) -> None:
        super().__init__(data_id)
        self.stops = STOPS
        self.count = 3
        self._hidden = STOPS


class LaidOut(wiring.Algorithm):
    result_class = Laid

    def run(self, data: Any) -> Any:
        return Laid(data.id)


class Holds(wiring.Algorithm):
    result_class = Holding

    def run(self, data: Any) -> Any:
        return Holding(data.id)


ALGORITHMS = wiring.ALGORITHMS | {"LaidOut": LaidOut, "Holds": Holds}


@pytest.fixture
def app() -> Iterator[Any]:
    app = ApiLauncher.build(wiring.configuration(algorithms=ALGORITHMS))
    yield app
    app.state.session_manager.shutdown()


def run(client: AppClient, session: str, algorithm: str) -> str:
    """The URL path of a scenario that has run."""
    scenario = create(client, session, algorithm, run=True)
    assert ended(client, session, scenario)["status"] == "complete"
    return f"{session}/scenarios/{scenario}"


def test_a_layout_is_one_of_the_framework() -> None:
    assert issubclass(Laid, SqlResultLayout)
    assert not issubclass(Holding, SqlResultLayout)


@pytest.mark.parametrize("algorithm", ["LaidOut", "Holds"])
def test_the_tables_of_a_result(client: AppClient, session: str, algorithm: str) -> None:
    path = run(client, session, algorithm)
    listed = client.get(f"{path}/tables").json()
    assert path.endswith(listed["id"])
    [table] = listed["tables"]
    assert (table["name"], table["rows"], table["columns"]) == ("stops", 3, 2)
    assert [field["name"] for field in table["fields"]] == ["depot", "stop", "load"]
    part = client.get(f"{path}/tables/stops", params={"where": "load is not null", "order": "-stop"})
    assert part.json() == [{"depot": "c", "stop": 3, "load": 2.0}, {"depot": "a", "stop": 1, "load": 0.5}]
    stream = client.get(f"{path}/tables/stops", headers={"Accept": "application/vnd.apache.arrow.stream"})
    pd.testing.assert_frame_equal(pa.ipc.open_stream(stream.content).read_pandas(), STOPS)
    assert_error(client.get(f"{path}/tables/_hidden"), 404, "Table '_hidden' not found")


def test_a_result_without_tables_has_none(client: AppClient, session: str) -> None:
    path = run(client, session, "Instant")
    assert client.get(f"{path}/tables").json()["tables"] == []
    assert_error(client.get(f"{path}/tables/stops"), 404, "Table 'stops' not found")


def test_a_scenario_without_a_result_says_so(client: AppClient, session: str) -> None:
    scenario = create(client, session, "LaidOut")
    for path in ("tables", "tables/stops"):
        assert_error(client.get(f"{session}/scenarios/{scenario}/{path}"), 409, "has no result: it is created")
        assert_error(client.get(f"{session}/scenarios/nope/{path}"), 404, "Scenario 'nope' not found")


def test_a_stored_result_has_its_tables_after_a_restart(tmp_path: Path) -> None:
    configuration = wiring.on_sqlite(tmp_path, algorithms=ALGORITHMS)
    app = ApiLauncher.build(configuration)
    with calling(app) as client:
        session = default_session(client)
        upload_items(client, session)
        path = run(client, session, "LaidOut")
    app.state.session_manager.shutdown()
    app = ApiLauncher.build(configuration)
    with calling(app) as client:
        assert client.get(f"{path}/tables/stops?columns=stop&limit=1").json() == [{"stop": 1}]
    app.state.session_manager.shutdown()
