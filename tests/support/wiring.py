"""The wiring of the tests: small datasets, and algorithms that block, fail or return odd results."""

import os
import queue
import sys
import threading
import time
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
from algomancy_data import (
    Column,
    ColumnGroup,
    DataSource,
    DataSourceLoader,
    DataType,
    FileExtension,
    Schema,
    SchemaType,
    SimpleETLFactory,
    ValidationSequence,
    ValidationSeverity,
)
from algomancy_data.database.protocols import SqlTableLayout
from algomancy_scenario import BaseAlgorithm, BaseKPI, BaseParameterSet, ImprovementDirection
from algomancy_scenario.result import ScenarioResult
from algomancy_utils import QUANTITIES, BaseMeasurement
from algomancy_utils.baseparameterset import (
    BooleanParameter,
    EmptyParameters,
    EnumParameter,
    FloatParameter,
    IntegerParameter,
    IntervalParameter,
    MultiEnumParameter,
    StringParameter,
    TimeParameter,
)

from algomancy_api import ApiConfiguration

#: Events of `Blocks`: it sets STARTED and waits for RELEASE. They are global, as tests cannot reach the instances.
RELEASE = threading.Event()
STARTED = threading.Event()

#: The same events for the ETL of a dataset named "slow".
ETL_RELEASE = threading.Event()
ETL_STARTED = threading.Event()


#: Progress values for `Steps`; None ends its run.
STEP: queue.SimpleQueue[float | None] = queue.SimpleQueue()


class DataParameters(BaseParameterSet):
    """The parameters of a dataset."""

    def __init__(self) -> None:
        super().__init__("data")
        self.add_parameters([IntegerParameter("limit", minvalue=1, maxvalue=100, default=10)])

    def validate(self) -> None:
        """Accept every combination."""


class Items(DataSource):
    """A dataset with `DataParameters`."""

    def initialize_data_parameters(self) -> BaseParameterSet:
        return DataParameters()


assert issubclass(Items, SqlTableLayout)


#: Rows: length of the table in a dataset named "wide".
WIDE_ROWS = 600_000


class ItemsSchema(Schema):
    _FILENAME = "items"
    _EXTENSION = FileExtension.CSV
    _SCHEMA_TYPE = SchemaType.SINGLE

    ID = Column("id", dtype=DataType.INTEGER, primary_key=True)
    NAME = Column("name", dtype=DataType.STRING)
    WEIGHT = Column("weight", dtype=DataType.FLOAT, nullable=True)


class ExtrasSchema(Schema):
    _FILENAME = "extras"
    _EXTENSION = FileExtension.JSON
    _SCHEMA_TYPE = SchemaType.SINGLE

    ID = Column("id", dtype=DataType.INTEGER)
    NOTE = Column("note", dtype=DataType.STRING)


class BookSchema(Schema):
    _FILENAME = "book"
    _EXTENSION = FileExtension.XLSX
    _SCHEMA_TYPE = SchemaType.MULTI

    SHEET = ColumnGroup("Sheet", [Column("id", dtype=DataType.INTEGER), Column("note", dtype=DataType.STRING)])


class Loader(DataSourceLoader):
    def load(self, name: str, data: Any, validation_messages: Any, ds_type: Any = None) -> Any:
        items = Items(ds_type=ds_type, name=name, validation_messages=validation_messages)
        for table, frame in data.items():
            items.add_table(table, frame)
        if name == "wide":
            items.add_table("wide", wide_table())
        return items


class EtlFactory(SimpleETLFactory):
    @classmethod
    def build_pipeline(cls, dataset_name: str, files: Any, schemas: Any, logger: Any = None) -> Any:
        if dataset_name == "slow":
            ETL_STARTED.set()
            assert ETL_RELEASE.wait(90)
        if dataset_name == "exit":
            sys.exit(3)
        if dataset_name == "stop":
            raise StopIteration
        return super().build_pipeline(dataset_name, files, schemas, logger)

    @classmethod
    def create_validation_sequence(cls, schemas: Any, logger: Any = None) -> ValidationSequence:
        sequence = super().create_validation_sequence(schemas, logger)
        sequence.halt_on = ValidationSeverity.ERROR
        return sequence

    @classmethod
    def create_loader(cls, logger: Any = None) -> Loader:
        return Loader(logger=logger)


class Algorithm(BaseAlgorithm):
    """An algorithm without parameters, named like its class."""

    def __init__(self, params: BaseParameterSet) -> None:
        super().__init__(type(self).__name__, params)

    @staticmethod
    def initialize_parameters() -> Any:
        return EmptyParameters()

    def run(self, data: Any) -> Any:
        self.set_progress(100)
        return ScenarioResult(data.id)


class Instant(Algorithm):
    """Ends at once."""


class Blocks(Algorithm):
    """Blocks until RELEASE is set."""

    def run(self, data: Any) -> Any:
        self.set_progress(42)
        STARTED.set()
        assert RELEASE.wait(90)
        return super().run(data)


class Steps(Algorithm):
    """Reports each progress from STEP, until None."""

    def run(self, data: Any) -> Any:
        while (progress := STEP.get(timeout=90)) is not None:
            self.set_progress(progress)
        return super().run(data)


class Sleeps(Algorithm):
    """Sleeps for a fifth of a second."""

    def run(self, data: Any) -> Any:
        time.sleep(0.2)
        return super().run(data)


class Burns(Algorithm):
    """Keeps the interpreter busy for a second, and for 0.3 s of the processor's, however busy the machine is."""

    def run(self, data: Any) -> Any:
        end, used = time.monotonic() + 1, time.thread_time() + 0.3
        while time.monotonic() < end or time.thread_time() < used:
            sum(range(1000))
        return super().run(data)


class Fails(Algorithm):
    def run(self, data: Any) -> Any:
        raise ValueError("no solution")


class Exits(Algorithm):
    def run(self, data: Any) -> Any:
        sys.exit("enough")


class Interrupts(Algorithm):
    def run(self, data: Any) -> Any:
        raise KeyboardInterrupt


class Recurses(Algorithm):
    def run(self, data: Any) -> Any:
        return self.run(data)


class Doom(BaseException):
    """A user's exception that is no `Exception`."""


class Dooms(Algorithm):
    def run(self, data: Any) -> Any:
        raise Doom("all is lost")


class OddResult(ScenarioResult):
    """A result with values that the json module cannot encode."""

    def to_dict(self) -> dict[str, Any]:
        return {
            "nan": float("nan"),
            "when": datetime(2026, 1, 2, tzinfo=UTC),
            "series": pd.Series([1.5, None]),
            "big": 2**80,
        }


class Odd(Algorithm):
    result_class = OddResult

    def run(self, data: Any) -> Any:
        return OddResult(data.id)


class HopelessResult(ScenarioResult):
    def to_dict(self) -> dict[str, Any]:
        return {"lock": threading.Lock()}


class Hopeless(Algorithm):
    result_class = HopelessResult

    def run(self, data: Any) -> Any:
        return HopelessResult(data.id)


class UnstorableResult(ScenarioResult):
    def to_json(self) -> str:
        raise RuntimeError("not today")


class Unstorable(Algorithm):
    result_class = UnstorableResult

    def run(self, data: Any) -> Any:
        return UnstorableResult(data.id)


class UnwritableResult(ScenarioResult):
    def to_json(self) -> str:
        raise TypeError("not today")


class Unwritable(Algorithm):
    result_class = UnwritableResult

    def run(self, data: Any) -> Any:
        return UnwritableResult(data.id)


class EveryKind(BaseParameterSet):
    """One parameter of every kind that the framework can serialise."""

    def __init__(self) -> None:
        super().__init__("every kind")
        self.add_parameters(
            [
                StringParameter("text", default="hello"),
                IntegerParameter("count", minvalue=1, maxvalue=9, default=3),
                FloatParameter("ratio", minvalue=0.0, maxvalue=1.0, default=0.5),
                BooleanParameter("flag", default=True),
                EnumParameter("color", choices=["red", "green"]),
                MultiEnumParameter("colors", choices=["red", "green", "blue"]),
            ]
        )

    def validate(self) -> None:
        """Reject one combination with a ValueError."""
        if self["count"] == 9 and self["flag"]:
            raise ValueError("count 9 cannot be flagged")


class Parametrised(Algorithm):
    @staticmethod
    def initialize_parameters() -> Any:
        return EveryKind()


class Times(BaseParameterSet):
    """Times and intervals, which the framework's own `serialize` cannot write."""

    def __init__(self) -> None:
        super().__init__("times")
        self.add_parameters(
            [
                TimeParameter("at", default=datetime(2026, 1, 1)),  # noqa: DTZ001 - the framework's are naive
                IntervalParameter("between", default=(datetime(2026, 1, 1), datetime(2026, 12, 31))),  # noqa: DTZ001
            ]
        )

    def serialize(self) -> str:
        return str(self.get_values())

    def validate(self) -> None:
        """Accept every combination."""


class Timed(Algorithm):
    @staticmethod
    def initialize_parameters() -> Any:
        return Times()


SECOND: Any = QUANTITIES["time"]["s"]


class Size(BaseKPI):
    """A KPI that is always seven."""

    def __init__(self) -> None:
        super().__init__("Size", ImprovementDirection.AT_MOST, BaseMeasurement(SECOND), 10.0)

    def compute(self, result: Any) -> float:
        return 7.0


ALGORITHMS: dict[str, type[Algorithm]] = {
    algorithm.__name__: algorithm
    for algorithm in (
        Instant, Blocks, Steps, Sleeps, Burns, Fails, Exits, Interrupts, Recurses, Dooms, Odd, Hopeless, Unstorable,
        Unwritable, Parametrised, Timed,
    )
}  # fmt: skip


def settings(**overrides: Any) -> dict[str, Any]:
    """Keywords of the configuration."""
    return {
        "etl_factory": EtlFactory,
        "kpis": {"Size": Size},
        "algorithms": ALGORITHMS,
        "schemas": [ItemsSchema, ExtrasSchema, BookSchema],
        "data_object_type": Items,
        "autocreate": False,
        "autorun": False,
        "title": "Wiring",
    } | overrides


def configuration(**overrides: Any) -> ApiConfiguration:
    """The configuration, in memory unless the overrides say otherwise."""
    return ApiConfiguration(**settings(**overrides))


def on_sqlite(folder: Any, **overrides: Any) -> ApiConfiguration:
    """The configuration on a SQLite file in a folder."""
    database = {"persistence_backend": "database", "database_url": f"sqlite:///{folder}/wiring.sqlite"}
    return configuration(**database | overrides)


ITEMS_CSV = "id;name;weight\n1;anvil;12.5\n2;feather;\n3;brick;3\n"


def wide_table() -> pd.DataFrame:
    """A table of 600,000 rows and nine columns, built with little extra memory."""
    numbers = np.arange(WIDE_ROWS)
    names = pd.Series([f"item number {number}" for number in range(10)], dtype="str")
    return pd.DataFrame(
        {
            "id": numbers,
            "name": names.take(numbers % 10).to_numpy(),
            "place": names.take(numbers % 7).to_numpy(),
            "when": np.datetime64("2026-01-01", "s") + numbers,
            "x": numbers + 0.25,
            "y": numbers / 7,
            "z": np.where(numbers % 3, numbers, np.nan),
            "count": numbers % 7,
            "open": numbers % 2 == 0,
        }
    )


def on_sqlite_from_environment() -> ApiConfiguration:
    """The configuration on SQLite for a child process: WIRING_FOLDER names the folder."""
    return on_sqlite(os.environ["WIRING_FOLDER"])


def on_database_from_environment() -> ApiConfiguration:
    """The configuration on a database for a child process: WIRING_DATABASE is its URL."""
    return configuration(persistence_backend="database", database_url=os.environ["WIRING_DATABASE"])
