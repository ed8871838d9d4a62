"""What is measured of a tour."""

import math
from typing import cast

from algomancy_scenario import BaseKPI, BaseScenarioResult, ImprovementDirection
from algomancy_utils.unit import QUANTITIES, BaseMeasurement, Unit

from .tours import TourResult

GOOD_GAP = 5.0  # percent


class TourLength(BaseKPI):
    """Length of the tour, in the unit of the instance: they differ, so it has no name."""

    def __init__(self) -> None:
        unit = BaseMeasurement(_unit("default", "unit"), decimals=0, use_scaling=False)
        super().__init__("Tour length", ImprovementDirection.LOWER, unit)

    def compute(self, result: BaseScenarioResult) -> float:
        """The length that the result carries."""
        return cast(TourResult, result).route.length


class GapToOptimum(BaseKPI):
    """By how many percent the tour is longer than the published optimum; NaN where none is published.

    A success up to `GOOD_GAP`.
    """

    def __init__(self) -> None:
        unit = BaseMeasurement(_unit("percentage", "%"), smallest_unit="%", use_scaling=False)
        super().__init__("Gap to optimum", ImprovementDirection.AT_MOST, unit, threshold=GOOD_GAP)

    def compute(self, result: BaseScenarioResult) -> float:
        """The excess over the optimum, in percent of the optimum."""
        route = cast(TourResult, result).route
        if route.optimum is None:
            return math.nan
        return 100.0 * (route.length - route.optimum) / route.optimum  # this form gives 5 for 1050 / 1000


class ComputingTime(BaseKPI):
    """Seconds from the dataset to the tour, waiting in the queue not counted."""

    def __init__(self) -> None:
        unit = BaseMeasurement(_unit("time", "s"), smallest_unit="ms", largest_unit="min")
        super().__init__("Computing time", ImprovementDirection.LOWER, unit)

    def compute(self, result: BaseScenarioResult) -> float:
        """The seconds that the result carries."""
        return cast(TourResult, result).route.seconds


def _unit(quantity: str, symbol: str) -> Unit:
    """A unit of the framework, which raises for an unknown one and yet is typed to give None."""
    return cast(Unit, QUANTITIES[quantity][symbol])


# Keyed by each KPI's own name, under which a database keeps its values.
KPIS: dict[str, type[BaseKPI]] = {
    "Tour length": TourLength,
    "Gap to optimum": GapToOptimum,
    "Computing time": ComputingTime,
}
