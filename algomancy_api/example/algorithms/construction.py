"""Tours that are built in one go."""

from collections.abc import Callable

import numpy as np
from algomancy_utils.baseparameterset import BaseParameterSet, EmptyParameters, IntegerParameter

from ..distances import Distances
from ..problem import Problem
from ..tours import Tour
from .base import TourAlgorithm

START_CITY = "start_city"


class InputOrder(TourAlgorithm):
    """Visits the cities in the order of their ids: the tour to be better than."""

    NAME = "Input order"
    PARAMETERS = EmptyParameters

    def find(self, problem: Problem) -> Tour:
        """The cities as they come."""
        return input_order(problem)


class NearestNeighbourParameters(BaseParameterSet):
    """Where the tour starts."""

    def __init__(self) -> None:
        super().__init__("Nearest neighbour")
        self.add_parameters([IntegerParameter(START_CITY, minvalue=1, default=1)])

    def validate(self) -> None:
        """Nothing beyond the bounds: how many cities there are shows only in the run."""


class NearestNeighbour(TourAlgorithm):
    """Goes from every city to the nearest that is left, from the `start_city`-th on (1 is the first)."""

    NAME = "Nearest neighbour"
    PARAMETERS = NearestNeighbourParameters

    def find(self, problem: Problem) -> Tour:
        """Follow the nearest neighbours.

        Raises:
            ValueError: There are fewer cities than the start city's number.
        """
        start = int(self.params[START_CITY])
        if start > len(problem):
            raise ValueError(f"Parameter {START_CITY!r} is {start}, but there are only {len(problem)} cities.")
        return nearest_neighbours(problem.distances, start - 1, self.report)


def input_order(problem: Problem) -> Tour:
    """The tour 0, 1, 2, and so on."""
    return np.arange(len(problem))


def nearest_neighbours(distances: Distances, start: int, report: Callable[[float], None] = lambda _: None) -> Tour:
    """From `start` (0 is the first city), go to the nearest city that is left until none is."""
    cities = len(distances)
    tour = np.empty(cities, dtype=np.intp)
    tour[0] = start
    left = np.arange(cities) != start
    for step in range(1, cities):
        candidates = np.flatnonzero(left)
        tour[step] = candidates[distances[tour[step - 1], candidates].argmin()]
        left[tour[step]] = False
        report(step / cities)
    return tour
