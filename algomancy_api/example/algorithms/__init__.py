"""The algorithms of the example, by the name under which a scenario asks for them.

- `base`: from a dataset to a timed tour, with progress on the way
- `construction`: tours that are built in one go
- `two_opt`: two roads exchanged for two shorter ones, as long as there are any
- `annealing`: simulated annealing
- `slow`: an algorithm that does nothing, slowly
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

# A scenario that is read back from a database finds its algorithm by the name that the algorithm has.
ALGORITHMS: dict[str, type[TourAlgorithm]] = {
    algorithm.NAME: algorithm for algorithm in (InputOrder, NearestNeighbour, TwoOpt, SimulatedAnnealing, Slow)
}
