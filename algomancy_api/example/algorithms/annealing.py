"""Simulated annealing: exchanges that lengthen the tour pass too, the more rarely the colder it is.

Source: S. Kirkpatrick, C. D. Gelatt and M. P. Vecchi, *Optimization by Simulated Annealing*, Science 220
(1983). Moves join a city to one of its nearest neighbours, as D. S. Johnson and L. A. McGeoch advise in *The
Traveling Salesman Problem: A Case Study in Local Optimization* (1997).
"""

import math
import random
from collections.abc import Callable

import numpy as np
from algomancy_utils.baseparameterset import (
    BaseParameterSet,
    BooleanParameter,
    EnumParameter,
    FloatParameter,
    IntegerParameter,
    ParameterError,
)

from ..distances import Distances
from ..problem import Problem
from ..tours import Tour
from .base import TourAlgorithm
from .construction import input_order, nearest_neighbours
from .two_opt import two_opt

NEIGHBOURS = 10  # of each city, those that a move may join it to


def _from_input_order(problem: Problem, _: random.Random) -> Tour:
    return input_order(problem)


def _from_nearest_neighbours(problem: Problem, _: random.Random) -> Tour:
    return nearest_neighbours(problem.distances, 0)


def _from_chance(problem: Problem, chance: random.Random) -> Tour:
    return np.array(chance.sample(range(len(problem)), len(problem)))


START_TOURS: dict[str, Callable[[Problem, random.Random], Tour]] = {
    "Nearest neighbour": _from_nearest_neighbours,
    "Input order": _from_input_order,
    "Random": _from_chance,
}


class AnnealingParameters(BaseParameterSet):
    """How long, how hot and from where.

    A sweep tries as many moves as there are cities. The temperatures are shares of the mean distance between
    neighbours. With `finish_with_two_opt`, what simple exchanges can still gain is taken at the end. By default, it
    takes about a second for some hundreds of cities.
    """

    def __init__(self) -> None:
        super().__init__("Simulated annealing")
        self.add_parameters(
            [
                IntegerParameter("sweeps", minvalue=1, maxvalue=100_000, default=2_000),
                FloatParameter("start_temperature", minvalue=0.001, maxvalue=100.0, default=0.5),
                FloatParameter("end_temperature", minvalue=0.001, maxvalue=100.0, default=0.02),
                BooleanParameter("finish_with_two_opt", default=True),
                EnumParameter("start_tour", choices=list(START_TOURS)),
                IntegerParameter("seed", minvalue=0, maxvalue=2**32 - 1, default=1),
            ]
        )

    def validate(self) -> None:
        """It must not get hotter.

        Raises:
            ParameterError: The end temperature is above the start temperature, or one of them is NaN.
        """
        if not self["end_temperature"] <= self["start_temperature"]:
            raise ParameterError("Parameter 'end_temperature' must be less than or equal to 'start_temperature'.")


class SimulatedAnnealing(TourAlgorithm):
    """Cools geometrically from the start to the end temperature; the same seed gives the same tour."""

    NAME = "Simulated annealing"
    PARAMETERS = AnnealingParameters

    def find(self, problem: Problem) -> Tour:
        """Anneal the start tour."""
        chance = random.Random(self.params["seed"])  # noqa: S311 - a repeatable experiment, no secret
        tour = START_TOURS[self.params["start_tour"]](problem, chance)
        annealed = Annealing(problem.distances, tour, chance).cool(self._temperatures(), self.report)
        return two_opt(problem.distances, annealed) if self.params["finish_with_two_opt"] else annealed

    def _temperatures(self) -> list[float]:
        """One temperature a sweep, as shares of the mean distance between neighbours."""
        start, end = self.params["start_temperature"], self.params["end_temperature"]
        return [float(share) for share in np.geomspace(start, end, self.params["sweeps"])]


class Annealing:
    """A tour that is being annealed, in plain lists: one number at a time, they are faster than arrays.

    Args:
        distances: Shape (n, n), symmetric.
        tour: The tour to begin with; it stays as it is.
        chance: The source of all chance.
    """

    def __init__(self, distances: Distances, tour: Tour, chance: random.Random) -> None:
        self._neighbours = _neighbours(distances)
        nearby = np.take_along_axis(distances, np.array(self._neighbours), axis=1).mean()
        self._unit = max(float(nearby), 1.0)  # where many cities share a place, the mean may be 0
        self._distances: list[list[int]] = distances.tolist()
        self._tour: list[int] = tour.tolist()
        self._position: list[int] = np.argsort(tour).tolist()
        self._random = chance.random  # several times as fast as randrange

    def cool(self, temperatures: list[float], report: Callable[[float], None]) -> Tour:
        """Sweep once at each temperature and hand back the tour at the end."""
        for done, temperature in enumerate(temperatures):
            self._sweep(temperature * self._unit)
            report(done / len(temperatures))
        return np.array(self._tour)

    def _sweep(self, temperature: float) -> None:
        """Try as many moves as there are cities: each joins a city to a neighbour, and their successors."""
        tour, position, distances = self._tour, self._position, self._distances
        chance, cities = self._random, len(self._tour)
        for _ in range(cities):
            city = int(chance() * cities)
            nearby = self._neighbours[city]
            neighbour = nearby[int(chance() * len(nearby))]
            first, last = position[city], position[neighbour]
            # From the last place on to the first: counted from the end, the index wraps around.
            after_first, after_last = tour[first + 1 - cities], tour[last + 1 - cities]
            longer = (
                distances[city][neighbour]
                + distances[after_first][after_last]
                - distances[city][after_first]
                - distances[neighbour][after_last]
            )
            if longer <= 0 or chance() < math.exp(-longer / temperature):
                self._reverse(min(first, last) + 1, max(first, last))

    def _reverse(self, first: int, last: int) -> None:
        """Reverse the tour from one place to another, or the rest of it: the same round, less work."""
        cities = len(self._tour)
        if 2 * (last - first + 1) <= cities:
            part = self._tour[first : last + 1]
            part.reverse()
            self._tour[first : last + 1] = part
            for place, city in enumerate(part, first):
                self._position[city] = place
            return
        low, high = last + 1, first - 1 + cities
        while low < high:
            self._swap(low % cities, high % cities)
            low, high = low + 1, high - 1

    def _swap(self, one: int, other: int) -> None:
        tour, position = self._tour, self._position
        tour[one], tour[other] = tour[other], tour[one]
        position[tour[one]], position[tour[other]] = one, other


def _neighbours(distances: Distances) -> list[list[int]]:
    """Of each city the nearest others, nearest first."""
    others = distances.astype(np.float64)
    np.fill_diagonal(others, np.inf)
    nearest: list[list[int]] = np.argsort(others, axis=1, kind="stable")[:, :-1][:, :NEIGHBOURS].tolist()
    return nearest
