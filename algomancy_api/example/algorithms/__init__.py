"""The algorithms of the example, by name.

- `base`: the base class: solve a dataset, measure the time, report progress
- `construction`: construction heuristics
- `two_opt`: 2-opt local search
- `annealing`: simulated annealing
- `slow`: an algorithm that only takes time
"""

from .annealing import SimulatedAnnealing
from .base import TourAlgorithm
from .construction import InputOrder, NearestNeighbour
from .slow import Slow
from .two_opt import TwoOpt

__all__ = [
    "ALGORITHMS",
    "InputOrder",
    "NearestNeighbour",
    "SimulatedAnnealing",
    "Slow",
    "TourAlgorithm",
    "TwoOpt",
]

# By the algorithms' own names, under which a database stores them in a scenario.
ALGORITHMS: dict[str, type[TourAlgorithm]] = {
    algorithm.NAME: algorithm for algorithm in (InputOrder, NearestNeighbour, TwoOpt, SimulatedAnnealing, Slow)
}
