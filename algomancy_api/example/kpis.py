"""The KPIs of a tour."""

import math
from typing import cast

from algomancy_scenario import BaseKPI, BaseScenarioResult, ImprovementDirection
from algomancy_utils.unit import QUANTITIES, BaseMeasurement, Unit

from .tours import TourResult

GOOD_GAP = 5.0  # percent


class TourLength(BaseKPI):
    """Length of the tour, in the unit of the instance, which has no name since it differs between instances."""

    def __init__(self) -> None:
        unit = BaseMeasurement(_unit("default", "unit"), decimals=0, use_scaling=False)
        super().__init__("Tour length", ImprovementDirection.LOWER, unit)

    def compute(self, result: BaseScenarioResult) -> float:
        """The length that the result carries."""
        return cast(TourResult, result).route.length


class GapToOptimum(BaseKPI):
    """Excess of the tour's length over the published optimum, in percent; NaN without a published optimum.

    `GOOD_GAP` is its threshold.
    """

    def __init__(self) -> None:
        unit = BaseMeasurement(_unit("percentage", "%"), smallest_unit="%", use_scaling=False)
        super().__init__("Gap to optimum", ImprovementDirection.AT_MOST, unit, threshold=GOOD_GAP)

    def compute(self, result: BaseScenarioResult) -> float:
        """The excess over the optimum, in percent of the optimum."""
        route = cast(TourResult, result).route
        if route.optimum is None:
            return math.nan
        return 100.0 * (route.length - route.optimum) / route.optimum  # in this order, 1050 / 1000 gives exactly 5


class ComputingTime(BaseKPI):
    """Time from the dataset to the tour in seconds, without the time in the queue."""

    def __init__(self) -> None:
        unit = BaseMeasurement(_unit("time", "s"), smallest_unit="ms", largest_unit="min")
        super().__init__("Computing time", ImprovementDirection.LOWER, unit)

    def compute(self, result: BaseScenarioResult) -> float:
        """The seconds that the result carries."""
        return cast(TourResult, result).route.seconds


def _unit(quantity: str, symbol: str) -> Unit:
    """A unit of the framework; the cast is needed because the framework types it as optional."""
    return cast(Unit, QUANTITIES[quantity][symbol])


# By the KPIs' own names, under which a database stores their values.
KPIS: dict[str, type[BaseKPI]] = {
    "Tour length": TourLength,
    "Gap to optimum": GapToOptimum,
    "Computing time": ComputingTime,
}
