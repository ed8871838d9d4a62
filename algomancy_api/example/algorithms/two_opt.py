"""2-opt: as long as two roads of the tour can be exchanged for two shorter ones, do it.

Source: G. A. Croes, *A Method for Solving Traveling-Salesman Problems*, Operations Research 6 (1958). The
queue of unsettled cities does the work of the "don't-look bits" in J. L. Bentley, *Fast Algorithms for
Geometric Traveling Salesman Problems*, ORSA Journal on Computing 4 (1992).
"""

from collections import deque
from collections.abc import Callable

import numpy as np
from algomancy_utils.baseparameterset import BaseParameterSet, IntegerParameter

from ..distances import Distances
from ..problem import Problem
from ..tours import Tour, tour_length
from .base import TourAlgorithm
from .construction import nearest_neighbours

STARTS = "starts"


class TwoOptParameters(BaseParameterSet):
    """How often to begin anew: by default, some seconds of work for some hundreds of cities."""

    def __init__(self) -> None:
        super().__init__("2-opt")
        self.add_parameters([IntegerParameter(STARTS, minvalue=1, maxvalue=2_000, default=150)])

    def validate(self) -> None:
        """Nothing beyond the bounds."""


class TwoOpt(TourAlgorithm):
    """Improves nearest-neighbour tours from evenly spread `starts` by 2-opt and keeps the shortest."""

    NAME = "2-opt"
    PARAMETERS = TwoOptParameters

    def find(self, problem: Problem) -> Tour:
        """Improve one tour a start; more starts than cities would only repeat."""
        distances = problem.distances
        starts = min(int(self.params[STARTS]), len(problem))
        tours = []
        for done in range(starts):
            tour = nearest_neighbours(distances, done * len(problem) // starts)
            report = self._part(done, starts)
            tours.append(two_opt(distances, tour, report))
        return min(tours, key=lambda tour: tour_length(distances, tour))

    def _part(self, done: int, starts: int) -> Callable[[float], None]:
        """The progress of one start, as a share of all."""
        return lambda share: self.report((done + share) / starts)


def two_opt(distances: Distances, tour: Tour, report: Callable[[float], None] = lambda _: None) -> Tour:
    """A tour that no exchange of two roads shortens, reached from the given one.

    Args:
        distances: Shape (n, n), symmetric.
        tour: The tour to begin with; it stays as it is.
        report: Called with the share of cities that are settled: no exchange of the road onward shortens the tour.
            An exchange unsettles others, so the share can fall.

    Returns:
        A tour that is never longer.
    """
    tour = tour.copy()
    # An exchange turns a part of the tour around, which makes new exchanges possible even between cities that it
    # left settled: only a pass that finds nothing proves that there is nothing to find.
    while _settle(distances, tour, report):
        pass
    return tour


def _settle(distances: Distances, tour: Tour, report: Callable[[float], None]) -> bool:
    """Exchange roads until every city has been found settled; tell whether the tour, changed in place, got shorter."""
    position = np.argsort(tour)
    queue = deque(tour.tolist())
    waiting = set(queue)
    shorter = False
    while queue:
        city = queue.popleft()
        waiting.discard(city)
        while (exchange := _best_exchange(distances, tour, int(position[city]))) is not None:
            first, last = exchange
            ends = tour.take([first, first + 1, last, last + 1], mode="wrap").tolist()
            tour[first + 1 : last + 1] = tour[first + 1 : last + 1][::-1]
            position[tour[first + 1 : last + 1]] = np.arange(first + 1, last + 1)
            unsettled = [end for end in ends if end != city and end not in waiting]
            queue.extend(unsettled)
            waiting.update(unsettled)
            shorter = True
        report(1.0 - len(queue) / len(tour))
    return shorter


def _best_exchange(distances: Distances, tour: Tour, place: int) -> tuple[int, int] | None:
    """Of the exchanges of the road onward from a place, the two places, ascending, of the one that saves most."""
    onward = np.roll(tour, -1)
    roads = distances[tour, onward]
    saved = roads[place] + roads - distances[tour[place], tour] - distances[onward[place], onward]
    saved[place] = 0  # a road can't be exchanged for itself
    other = int(saved.argmax())
    return (min(place, other), max(place, other)) if saved[other] > 0 else None
