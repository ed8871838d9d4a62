"""Construction heuristics: input order and nearest neighbour."""

from collections.abc import Callable

import numpy as np
from algomancy_utils.baseparameterset import BaseParameterSet, EmptyParameters, IntegerParameter

from ..distances import Distances
from ..problem import Problem
from ..tours import Tour
from .base import TourAlgorithm

START_CITY = "start_city"


class InputOrder(TourAlgorithm):
    """Visits the cities in the order of their ids: a baseline for other algorithms."""

    NAME = "Input order"
    PARAMETERS = EmptyParameters

    def find(self, problem: Problem) -> Tour:
        """The tour in the order of the ids."""
        return input_order(problem)


class NearestNeighbourParameters(BaseParameterSet):
    """The start city of the tour."""

    def __init__(self) -> None:
        super().__init__("Nearest neighbour")
        self.add_parameters([IntegerParameter(START_CITY, minvalue=1, default=1)])

    def validate(self) -> None:
        """Accept all values: the number of cities is known only in the run."""


class NearestNeighbour(TourAlgorithm):
    """Goes from each city to the nearest unvisited one, starting at `start_city` (1 is the first)."""

    NAME = "Nearest neighbour"
    PARAMETERS = NearestNeighbourParameters

    def find(self, problem: Problem) -> Tour:
        """The nearest neighbour tour.

        Raises:
            ValueError: The start city's number exceeds the number of cities.
        """
        start = int(self.params[START_CITY])
        if start > len(problem):
            raise ValueError(f"Parameter {START_CITY!r} is {start}, but there are only {len(problem)} cities")
        return nearest_neighbours(problem.distances, start - 1, self.advance)


def input_order(problem: Problem) -> Tour:
    """The tour 0, 1, 2, and so on."""
    return np.arange(len(problem))


def nearest_neighbours(distances: Distances, start: int, report: Callable[[float], None] = lambda _: None) -> Tour:
    """The nearest neighbour tour from a start city (0 is the first)."""
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
