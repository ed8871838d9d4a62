"""A small wiring and its data. uvicorn imports it by its bare name and calls `app`.

Variables of the environment:

- ``BENCHMARK_CONTENTS``: the fields of `Contents`, as JSON.
- ``BENCHMARK_DATABASE``: an SQLAlchemy URL; without it, the state is in memory.
- ``BENCHMARK_WITHOUT``: an optimisation to switch off, by its name in `without`.
"""

import json
import os
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from algomancy_data import (
    Column,
    DataClassification,
    DataSource,
    DataSourceLoader,
    DataType,
    FileExtension,
    Schema,
    SchemaType,
    SimpleETLFactory,
)
from algomancy_scenario import BaseAlgorithm, BaseKPI, BaseParameterSet, ImprovementDirection
from algomancy_scenario.result import ScenarioResult
from algomancy_utils import QUANTITIES, BaseMeasurement
from algomancy_utils.baseparameterset import IntegerParameter

from algomancy_api import ApiConfiguration, ApiLauncher


@dataclass
class Contents:
    """The state of a server when it starts.

    Attributes:
        datasets: Rows by key. ``main`` and every session with scenarios have these datasets.
        scenarios: Number of complete scenarios, by the name of their session.
        sessions: Number of further, empty sessions.
    """

    datasets: dict[str, int] = field(default_factory=dict)
    scenarios: dict[str, int] = field(default_factory=dict)
    sessions: int = 0


class ShipmentsSchema(Schema):
    """The columns of `shipments`."""

    _FILENAME = "shipments"
    _EXTENSION = FileExtension.CSV
    _SCHEMA_TYPE = SchemaType.SINGLE

    ID = Column("id", dtype=DataType.INTEGER, primary_key=True)
    NAME = Column("name", dtype=DataType.STRING)
    ORIGIN = Column("origin", dtype=DataType.STRING)
    TARGET = Column("target", dtype=DataType.STRING)
    WEIGHT = Column("weight", dtype=DataType.FLOAT)
    VOLUME = Column("volume", dtype=DataType.FLOAT, nullable=True)
    COST = Column("cost", dtype=DataType.FLOAT)
    PIECES = Column("pieces", dtype=DataType.INTEGER)
    URGENT = Column("urgent", dtype=DataType.BOOLEAN)


def shipments(rows: int) -> pd.DataFrame:
    """A table of nine columns: strings, integers, floats with missing values, and booleans."""
    numbers = np.arange(rows)
    depots = pd.Series([f"depot {number:02}" for number in range(20)], dtype="str")
    return pd.DataFrame(
        {
            "id": numbers,
            "name": pd.Series([f"shipment {number}" for number in numbers], dtype="str"),
            "origin": depots.take(numbers % 20).to_numpy(),
            "target": depots.take(numbers * 7 % 19).to_numpy(),
            "weight": numbers % 1000 / 8,
            "volume": np.where(numbers % 10, numbers % 100 / 3, np.nan),
            "cost": numbers % 10_000 + 0.99,
            "pieces": numbers % 12,
            "urgent": numbers % 5 == 0,
        }
    )


class Loader(DataSourceLoader):
    """A loader that adds every table unchanged."""

    def load(self, name: str, data: Any, validation_messages: Any, ds_type: Any = None) -> Any:  # noqa: ANN401
        source = DataSource(ds_type=ds_type, name=name, validation_messages=validation_messages)
        for table, frame in data.items():
            source.add_table(table, frame)
        return source


class EtlFactory(SimpleETLFactory):
    """The framework's own ETL steps, with `Loader`."""

    @classmethod
    def create_loader(cls, logger: Any = None) -> Loader:  # noqa: ANN401 - the framework's own
        return Loader(logger=logger)


class AssignParameters(BaseParameterSet):
    """Parameters of `Assign`: the rounds of its loop."""

    def __init__(self) -> None:
        super().__init__("effort")
        self.add_parameters([IntegerParameter("rounds", minvalue=0, maxvalue=10**9, default=0)])

    def validate(self) -> None:
        """Accept every number of rounds."""


class Assignment(ScenarioResult):
    """The depot of each customer."""

    def __init__(self, data_id: str, depots: list[int]) -> None:
        super().__init__(data_id)
        self.depots = depots

    def to_dict(self) -> dict[str, Any]:
        return super().to_dict() | {"depots": self.depots, "cost": sum(self.depots) / 7}


class Assign(BaseAlgorithm):
    """An algorithm that runs an empty Python loop and ends."""

    def __init__(self, params: BaseParameterSet) -> None:
        super().__init__("Assign", params)

    @staticmethod
    def initialize_parameters() -> Any:  # noqa: ANN401 - nothing but Any overrides the framework's type variables
        return AssignParameters()

    def run(self, data: Any) -> Any:  # noqa: ANN401
        for _ in range(self.params["rounds"]):
            pass
        self.set_progress(100)
        return Assignment(data.id, list(range(20)))


class WalkParameters(BaseParameterSet):
    """Parameters of `Walk`: its duration in seconds."""

    def __init__(self) -> None:
        super().__init__("stretch")
        self.add_parameters([IntegerParameter("seconds", minvalue=0, maxvalue=3600, default=0)])

    def validate(self) -> None:
        """Accept every number of seconds."""


class Walk(BaseAlgorithm):
    """An algorithm that sleeps and reports its progress ten times a second."""

    def __init__(self, params: BaseParameterSet) -> None:
        super().__init__("Walk", params)

    @staticmethod
    def initialize_parameters() -> Any:  # noqa: ANN401
        return WalkParameters()

    def run(self, data: Any) -> Any:  # noqa: ANN401
        steps = self.params["seconds"] * 10
        for step in range(steps):
            self.set_progress(100 * step / steps)
            time.sleep(0.1)
        self.set_progress(100)
        return Assignment(data.id, list(range(20)))


_EURO: Any = QUANTITIES["money"]["€"]


class Cost(BaseKPI):
    """The sum of the depots' numbers."""

    def __init__(self) -> None:
        super().__init__("Cost", ImprovementDirection.LOWER, BaseMeasurement(_EURO))

    def compute(self, result: Any) -> float:  # noqa: ANN401 - the framework's type variables
        return float(sum(result.depots))


def app() -> Any:  # noqa: ANN401 - depends on the environment
    """The app that the environment describes, with its contents."""
    if measure := os.environ.get("BENCHMARK_WITHOUT"):
        from without import PLAIN  # type: ignore[import-not-found]  # in this folder

        PLAIN[measure]()
    built = ApiLauncher.build(configuration())
    fill(built.state.session_manager, Contents(**json.loads(os.environ["BENCHMARK_CONTENTS"])))
    return built


def configuration() -> ApiConfiguration:
    """The configuration, in memory or on the database that the environment names."""
    url = os.environ.get("BENCHMARK_DATABASE")
    backend: dict[str, Any] = {"persistence_backend": "database", "database_url": url} if url else {}
    return ApiConfiguration(
        title="Benchmark",
        etl_factory=EtlFactory,
        schemas=[ShipmentsSchema],
        data_object_type=DataSource,
        algorithms={"Assign": Assign, "Walk": Walk},
        kpis={"Cost": Cost},
        autocreate=False,
        autorun=False,
        **backend,
    )


def fill(sessions: Any, contents: Contents) -> None:  # noqa: ANN401 - the framework's session manager, or ours
    """Create the contents in the sessions of a server before it starts."""
    for number in range(contents.sessions):
        sessions.create_new_session(f"session {number}")
    for name in {"main": None} | dict.fromkeys(contents.scenarios):
        known = {entry["display_name"]: entry["id"] for entry in sessions.list_sessions()}
        manager = sessions.get_scenario_manager(known.get(name) or sessions.create_new_session(name))
        for key, rows in contents.datasets.items():
            _add_dataset(manager, key, rows)
        for number in range(contents.scenarios.get(name, 0)):
            scenario = manager.create_scenario(f"scenario {number}", next(iter(contents.datasets)), "Assign")
            scenario.process()


def _add_dataset(manager: Any, key: str, rows: int) -> None:  # noqa: ANN401
    dataset = DataSource(ds_type=DataClassification.MASTER_DATA, name=key)
    dataset.add_table("shipments", shipments(rows))
    manager._dm.add_data_source(dataset)
