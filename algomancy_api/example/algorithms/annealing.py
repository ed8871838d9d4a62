"""Simulated annealing: moves that lengthen the tour are accepted too, the more rarely the lower the temperature.

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

from ...engines import stopping
from ..distances import Distances
from ..problem import Problem
from ..tours import Tour, tour_length
from .base import TourAlgorithm
from .construction import input_order, nearest_neighbours
from .two_opt import two_opt

NEIGHBOURS = 10  # of each city: the candidates for a move
LOOK = 0.01  # of all sweeps: between two looks at the length of the tour


def _from_input_order(problem: Problem, _: random.Random) -> Tour:
    return input_order(problem)


def _from_nearest_neighbours(problem: Problem, _: random.Random) -> Tour:
    return nearest_neighbours(problem.distances, 0)


def _random_tour(problem: Problem, generator: random.Random) -> Tour:
    return np.array(generator.sample(range(len(problem)), len(problem)))


START_TOURS: dict[str, Callable[[Problem, random.Random], Tour]] = {
    "Nearest neighbour": _from_nearest_neighbours,
    "Input order": _from_input_order,
    "Random": _random_tour,
}


class AnnealingParameters(BaseParameterSet):
    """The number of sweeps, the temperatures and the start tour.

    A sweep tries as many moves as there are cities. The temperatures are fractions of the mean distance between
    neighbours. With `finish_with_two_opt`, a 2-opt local search improves the tour at the end. By default, a run takes
    about a second for some hundreds of cities.
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
        """Check that the temperature does not rise.

        Raises:
            ParameterError: The end temperature is above the start temperature, or one of them is NaN.
        """
        if not self["end_temperature"] <= self["start_temperature"]:
            raise ParameterError("Parameter 'end_temperature' must be less than or equal to 'start_temperature'")


class SimulatedAnnealing(TourAlgorithm):
    """Cools geometrically from the start to the end temperature; the same seed gives the same tour."""

    NAME = "Simulated annealing"
    PARAMETERS = AnnealingParameters

    def find(self, problem: Problem) -> Tour:
        """The annealed start tour."""
        generator = random.Random(self.params["seed"])  # noqa: S311 - for repeatable runs, not for secrets
        tour = START_TOURS[self.params["start_tour"]](problem, generator)
        annealed = Annealing(problem.distances, tour, generator).cool(self._temperatures(), self._watch(problem))
        return two_opt(problem.distances, annealed) if self.params["finish_with_two_opt"] else annealed

    def _watch(self, problem: Problem) -> Callable[[float, list[int]], bool]:
        """A callback for each sweep: reports progress and shorter tours, and returns whether to go on."""
        shortest, looked = math.inf, 0.0

        def watch(share: float, tour: list[int]) -> bool:
            nonlocal shortest, looked
            if share - looked >= LOOK:
                looked, present = share, np.array(tour)
                if (length := tour_length(problem.distances, present)) < shortest:
                    shortest = length
                    self.improve(problem, present)
            self.advance(share)
            return not stopping()

        return watch

    def _temperatures(self) -> list[float]:
        """The temperature of each sweep, as a fraction of the mean distance between neighbours."""
        start, end = self.params["start_temperature"], self.params["end_temperature"]
        return [float(fraction) for fraction in np.geomspace(start, end, self.params["sweeps"])]


class Annealing:
    """The state of an annealing, in lists, whose single items are faster to access than those of arrays.

    Args:
        distances: Shape (n, n), symmetric.
        tour: The start tour, which is not changed.
        generator: The random number generator.
    """

    def __init__(self, distances: Distances, tour: Tour, generator: random.Random) -> None:
        self._neighbours = _neighbours(distances)
        nearby = np.take_along_axis(distances, np.array(self._neighbours), axis=1).mean()
        self._unit = max(float(nearby), 1.0)  # the mean is 0 if many cities have the same coordinates
        self._distances: list[list[int]] = distances.tolist()
        self._tour: list[int] = tour.tolist()
        self._position: list[int] = np.argsort(tour).tolist()
        self._random = generator.random  # several times as fast as `randrange`

    def cool(self, temperatures: list[float], watch: Callable[[float, list[int]], bool]) -> Tour:
        """The tour after one sweep at each temperature.

        Args:
            temperatures: As fractions of the mean distance between neighbours.
            watch: Called after each sweep with the fraction of sweeps before it and the tour; False ends it.
        """
        for done, temperature in enumerate(temperatures):
            self._sweep(temperature * self._unit)
            if not watch(done / len(temperatures), self._tour):
                break
        return np.array(self._tour)

    def _sweep(self, temperature: float) -> None:
        """Try as many moves as there are cities: each connects a city with a neighbour, and their successors."""
        tour, position, distances = self._tour, self._position, self._distances
        uniform, cities = self._random, len(self._tour)
        for _ in range(cities):
            city = int(uniform() * cities)
            nearby = self._neighbours[city]
            neighbour = nearby[int(uniform() * len(nearby))]
            first, last = position[city], position[neighbour]
            # The successors: a negative index wraps around from the last position to the first.
            after_first, after_last = tour[first + 1 - cities], tour[last + 1 - cities]
            longer = (
                distances[city][neighbour]
                + distances[after_first][after_last]
                - distances[city][after_first]
                - distances[neighbour][after_last]
            )
            if longer <= 0 or uniform() < math.exp(-longer / temperature):
                self._reverse(min(first, last) + 1, max(first, last))

    def _reverse(self, first: int, last: int) -> None:
        """Reverse the tour between two positions, or the rest of it if shorter, which gives the same closed tour."""
        cities = len(self._tour)
        if 2 * (last - first + 1) <= cities:
            part = self._tour[first : last + 1]
            part.reverse()
            self._tour[first : last + 1] = part
            for position, city in enumerate(part, first):
                self._position[city] = position
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
    """The nearest neighbours of each city, nearest first."""
    others = distances.astype(np.float64)
    np.fill_diagonal(others, np.inf)
    nearest: list[list[int]] = np.argsort(others, axis=1, kind="stable")[:, :-1][:, :NEIGHBOURS].tolist()
    return nearest
