"""What all algorithms share: from a dataset to a timed tour, with progress on the way."""

import time
from abc import abstractmethod
from collections.abc import Callable
from typing import ClassVar, cast

from algomancy_data import BaseDataSource
from algomancy_scenario import BaseAlgorithm
from algomancy_utils.baseparameterset import BaseParameterSet

from ..problem import FIRST_CITIES, Problem, TravellingSalesmanData
from ..tours import Route, Tour, TourResult

# In percentage points: a thousand reports a run look alive, and cost little even between processes.
SMALLEST_STEP = 0.1


class TourAlgorithm(BaseAlgorithm):
    """An algorithm that finds one tour; a subclass says its name, its parameters and how to find the tour."""

    NAME: ClassVar[str]
    PARAMETERS: ClassVar[Callable[[], BaseParameterSet]]
    result_class = TourResult

    def __init__(self, params: BaseParameterSet) -> None:
        super().__init__(self.NAME, params)

    # The framework types what this and `run` give back as free type variables, which no override can satisfy.
    @classmethod
    def initialize_parameters(cls) -> BaseParameterSet:  # type: ignore[override]
        """A fresh set of the parameters that the algorithm takes, with their defaults."""
        return cls.PARAMETERS()

    @abstractmethod
    def find(self, problem: Problem) -> Tour:
        """Find a tour through all cities, calling `report` as it proceeds."""

    def run(self, data: BaseDataSource) -> TourResult:  # type: ignore[override]
        """Solve the dataset, restricted to its first cities where the scenario asks for that.

        Raises:
            ValueError: The dataset makes no problem, or a parameter doesn't fit it.
        """
        self.set_progress(0)
        started = time.perf_counter()
        problem = cast(TravellingSalesmanData, data).problem(self._first_cities())
        tour = self.find(problem)
        seconds = time.perf_counter() - started
        self.set_progress(100)
        return TourResult(data.id, Route.of(problem, tour, seconds))

    def report(self, share: float) -> None:
        """Tell the share of the work that is done, 0 to 1; progress never falls, and `run` alone ends it."""
        progress = min(100.0 * share, 100.0 - SMALLEST_STEP)
        if progress >= self.get_progress + SMALLEST_STEP:
            self.set_progress(progress)

    def _first_cities(self) -> int | None:
        chosen = self.data_params
        return int(chosen[FIRST_CITIES]) if chosen.contains(FIRST_CITIES) else None
