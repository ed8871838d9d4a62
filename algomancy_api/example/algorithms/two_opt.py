"""2-opt: a local search that replaces two edges of the tour by two shorter ones, as long as possible.

Source: G. A. Croes, *A Method for Solving Traveling-Salesman Problems*, Operations Research 6 (1958). The
queue of cities to check replaces the "don't-look bits" in J. L. Bentley, *Fast Algorithms for Geometric
Traveling Salesman Problems*, ORSA Journal on Computing 4 (1992).
"""

import math
from collections import deque
from collections.abc import Callable

import numpy as np
from algomancy_utils.baseparameterset import BaseParameterSet, IntegerParameter

from ...engines import stopping
from ..distances import Distances
from ..problem import Problem
from ..tours import Tour, tour_length
from .base import TourAlgorithm
from .construction import input_order, nearest_neighbours

STARTS = "starts"


class TwoOptParameters(BaseParameterSet):
    """The number of start tours; the default takes some seconds for some hundreds of cities."""

    def __init__(self) -> None:
        super().__init__("2-opt")
        self.add_parameters([IntegerParameter(STARTS, minvalue=1, maxvalue=2_000, default=150)])

    def validate(self) -> None:
        """Accept all values: the only parameter has its own limits."""


class TwoOpt(TourAlgorithm):
    """Improves nearest neighbour tours from evenly spread start cities, and keeps the shortest."""

    NAME = "2-opt"
    PARAMETERS = TwoOptParameters

    def find(self, problem: Problem) -> Tour:
        """The shortest of the improved tours; more starts than cities would only repeat tours.

        A request to end with what there is ends it after the present start.
        """
        distances = problem.distances
        starts = min(int(self.params[STARTS]), len(problem))
        shortest, length = input_order(problem), math.inf
        for done in range(starts):
            start = nearest_neighbours(distances, done * len(problem) // starts)
            tour = two_opt(distances, start, self._part(done, starts))
            if (found := tour_length(distances, tour)) < length:
                shortest, length = tour, found
                self.improve(problem, shortest)
            if stopping():
                break
        return shortest

    def _part(self, done: int, starts: int) -> Callable[[float], None]:
        """A callback for the progress of one start."""
        return lambda share: self.advance((done + share) / starts)


def two_opt(distances: Distances, tour: Tour, report: Callable[[float], None] = lambda _: None) -> Tour:
    """A local optimum: a tour that no 2-opt move shortens.

    Args:
        distances: Shape (n, n), symmetric.
        tour: The start tour, which is not changed.
        report: Called with the fraction of cities whose edge to the successor is in no improving move. A move
            changes others, so the fraction can fall.

    Returns:
        A tour that is not longer than the start tour.
    """
    tour = tour.copy()
    # A move reverses a part of the tour, which allows new moves even between cities that are not in the queue: only a
    # pass without a move proves a local optimum.
    while _improve(distances, tour, report):
        pass
    return tour


def _improve(distances: Distances, tour: Tour, report: Callable[[float], None]) -> bool:
    """Change the tour in place until each city has been checked without a move; return whether it got shorter."""
    position = np.argsort(tour)
    queue = deque(tour.tolist())
    waiting = set(queue)
    shorter = False
    while queue:
        city = queue.popleft()
        waiting.discard(city)
        while (move := _best_move(distances, tour, int(position[city]))) is not None:
            first, last = move
            ends = tour.take([first, first + 1, last, last + 1], mode="wrap").tolist()
            tour[first + 1 : last + 1] = tour[first + 1 : last + 1][::-1]
            position[tour[first + 1 : last + 1]] = np.arange(first + 1, last + 1)
            to_check = [end for end in ends if end != city and end not in waiting]
            queue.extend(to_check)
            waiting.update(to_check)
            shorter = True
        report(1.0 - len(queue) / len(tour))
    return shorter


def _best_move(distances: Distances, tour: Tour, index: int) -> tuple[int, int] | None:
    """The move that saves most, of those that replace the edge after an index: the indices of both edges, ascending."""
    successors = np.roll(tour, -1)
    edges = distances[tour, successors]
    saved = edges[index] + edges - distances[tour[index], tour] - distances[successors[index], successors]
    saved[index] = 0  # an edge cannot be replaced by itself
    other = int(saved.argmax())
    return (min(index, other), max(index, other)) if saved[other] > 0 else None
