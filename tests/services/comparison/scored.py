"""A wiring whose algorithm's parameters are its KPIs."""

import math
from typing import Any

from algomancy_scenario import BaseKPI, BaseParameterSet, ImprovementDirection
from algomancy_scenario.result import ScenarioResult
from algomancy_utils import QUANTITIES, BaseMeasurement
from algomancy_utils.baseparameterset import FloatParameter, StringParameter

from ...support import wiring

HOUR: Any = QUANTITIES["time"]["h"]
EURO: Any = QUANTITIES["money"]["€"]


class Scores(BaseParameterSet):
    def __init__(self) -> None:
        super().__init__("scores")
        self.add_parameters(
            [
                FloatParameter("cost", minvalue=-1e9, maxvalue=1e9, default=100.0),
                FloatParameter("margin", minvalue=-1e9, maxvalue=1e9, default=0.0),
                StringParameter("note", default=""),
            ]
        )

    def validate(self) -> None:
        """Accept every combination."""


class Scored(ScenarioResult):
    def __init__(self, data_id: str, cost: float = 0.0, margin: float = 0.0) -> None:
        super().__init__(data_id)
        self.cost, self.margin = cost, margin


class Score(wiring.Algorithm):
    """Gives the result that its parameters name."""

    @staticmethod
    def initialize_parameters() -> Any:
        return Scores()

    def run(self, data: Any) -> Any:
        return Scored(data.id, self.params["cost"], self.params["margin"])


class Cost(BaseKPI):
    """A cost; NaN if it is negative."""

    def __init__(self) -> None:
        super().__init__("Total cost", ImprovementDirection.LOWER, BaseMeasurement(EURO))

    def compute(self, result: Any) -> float:
        cost: float = getattr(result, "cost", 0.0)
        return cost if cost >= 0 else math.nan


class Margin(BaseKPI):
    """A margin, whose threshold is zero."""

    def __init__(self) -> None:
        super().__init__("Margin", ImprovementDirection.AT_LEAST, BaseMeasurement(HOUR), threshold=0)

    def compute(self, result: Any) -> float:
        margin: float = getattr(result, "margin", 0.0)
        return margin


SETTINGS: dict[str, Any] = {
    "algorithms": wiring.ALGORITHMS | {"Score": Score},
    "kpis": {"cost": Cost, "margin": Margin},
}
