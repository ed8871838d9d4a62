"""The algorithms, one of each kind, and the KPI."""

import os
import time
from datetime import datetime
from pathlib import Path
from typing import Any

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

from .values import KPI_VALUES, VALUES

#: Seconds: longest wait of `Waits` for its gate.
_LONGEST_WAIT = 60

_NEW_YEAR, _NEW_YEARS_EVE = datetime(2026, 1, 1), datetime(2026, 12, 31)  # noqa: DTZ001 - the framework's are naive


class Algorithm(BaseAlgorithm):
    """An algorithm without parameters that ends at once.

    Annotations are Any, because the framework's are type variables that no other type may override.
    """

    def __init__(self, params: BaseParameterSet) -> None:
        super().__init__(type(self).__name__, params)

    @staticmethod
    def initialize_parameters() -> Any:
        return EmptyParameters()

    def run(self, data: Any) -> Any:
        self.set_progress(100)
        return ScenarioResult(data.id)


class Instant(Algorithm):
    pass


class Fails(Algorithm):
    def run(self, data: Any) -> Any:
        self.set_progress(30)
        raise ValueError("no solution: größer als ∞")


class Gate(BaseParameterSet):
    def __init__(self) -> None:
        super().__init__("gate")
        self.add_parameters([StringParameter("gate", default="open")])

    def validate(self) -> None:
        """Accept every combination."""


class Waits(Algorithm):
    """Waits until the client has created a file of a given name in the server's folder."""

    @staticmethod
    def initialize_parameters() -> Any:
        return Gate()

    def run(self, data: Any) -> Any:
        self.set_progress(42)
        folder, gate = Path(os.environ["COMPARE_FOLDER"]), str(self.params["gate"])
        end = time.monotonic() + _LONGEST_WAIT
        while not ((folder / gate).exists() or (folder / "all").exists()) and time.monotonic() < end:
            time.sleep(0.01)
        return super().run(data)


class Kind(BaseParameterSet):
    def __init__(self) -> None:
        super().__init__("kind")
        self.add_parameters([EnumParameter("kind", choices=[*VALUES, *KPI_VALUES])])

    def validate(self) -> None:
        """Accept every combination."""


class ValueResult(ScenarioResult):
    """A result with one of `VALUES`, or whose KPI is one of `KPI_VALUES`."""

    kind = "plain"

    def to_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, "value": VALUES.get(self.kind)}


class Holds(Algorithm):
    result_class = ValueResult

    @staticmethod
    def initialize_parameters() -> Any:
        return Kind()

    def run(self, data: Any) -> Any:
        result = ValueResult(data.id)
        result.kind = str(self.params["kind"])
        return result


class EveryKind(BaseParameterSet):
    """One parameter of every kind that the framework can serialise."""

    def __init__(self) -> None:
        super().__init__("every kind")
        self.add_parameters(
            [
                StringParameter("text", default="hello"),
                StringParameter("note", required=False, default="nöte"),
                IntegerParameter("count", minvalue=1, maxvalue=9, default=3),
                IntegerParameter("unbounded"),
                FloatParameter("ratio", minvalue=0.0, maxvalue=1.0, default=0.5),
                FloatParameter("limitless", maxvalue=float("inf"), required=False),
                BooleanParameter("flag", default=True),
                EnumParameter("color", choices=["red", "green"]),
                MultiEnumParameter("colors", choices=["red", "green", "blue"]),
            ]
        )

    def validate(self) -> None:
        """Reject some combinations, with a ValueError or an assertion."""
        if self["count"] == 9 and self["flag"]:
            raise ValueError("count 9 cannot be flagged")
        assert not (self["count"] == 8 and self["flag"]), "count 8 cannot be flagged"


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
                TimeParameter("at", default=_NEW_YEAR),
                IntervalParameter("between", default=(_NEW_YEAR, _NEW_YEARS_EVE)),
                TimeParameter("maybe", required=False, default=_NEW_YEAR),
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


# Any, because the annotations of the framework allow None for a unit.
_SECONDS: Any = QUANTITIES["time"]["s"]
_METRES: Any = QUANTITIES["length"]["m"]


class Size(BaseKPI):
    """A KPI that is always seven."""

    def __init__(self) -> None:
        super().__init__("Size", ImprovementDirection.AT_MOST, BaseMeasurement(_SECONDS), 10.0)

    def compute(self, result: Any) -> float:
        return 7.0


class HalfSize(BaseKPI):
    """A KPI without a threshold."""

    def __init__(self) -> None:
        super().__init__("Größe / 2", ImprovementDirection.LOWER, BaseMeasurement(_METRES))

    def compute(self, result: Any) -> float:
        value: float = KPI_VALUES.get(getattr(result, "kind", ""), 3.5)
        return value


ALGORITHMS: dict[str, type[Algorithm]] = {
    **{algorithm.__name__: algorithm for algorithm in (Instant, Fails, Waits, Holds, Parametrised, Timed)},
    "Slash/ed näme": Instant,
}

KPIS: dict[str, type[BaseKPI]] = {"Size": Size, "Größe / 2": HalfSize}
