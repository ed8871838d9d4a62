"""The base class of the algorithms: solve a dataset, measure the time, report progress."""

import time
from abc import abstractmethod
from collections.abc import Callable
from typing import ClassVar, cast

from algomancy_data import BaseDataSource
from algomancy_scenario import BaseAlgorithm
from algomancy_utils.baseparameterset import BaseParameterSet

from ...engines import report
from ..problem import FIRST_CITIES, Problem, TravellingSalesmanData
from ..tours import Route, Tour, TourResult

# Percentage points between two reports of progress: a thousand a run look smooth, and cost little between processes.
SMALLEST_STEP = 0.1


class TourAlgorithm(BaseAlgorithm):
    """An algorithm that finds one tour; a subclass defines `NAME`, `PARAMETERS` and `find`."""

    NAME: ClassVar[str]
    PARAMETERS: ClassVar[Callable[[], BaseParameterSet]]
    result_class = TourResult

    def __init__(self, params: BaseParameterSet) -> None:
        super().__init__(self.NAME, params)

    # The framework types the results of this and `run` as free type variables, which no override can satisfy.
    @classmethod
    def initialize_parameters(cls) -> BaseParameterSet:  # type: ignore[override]
        """A new set of the algorithm's parameters, with their defaults."""
        return cls.PARAMETERS()

    @abstractmethod
    def find(self, problem: Problem) -> Tour:
        """A tour through all cities; calls `advance` for the progress, and `improve` for each better tour."""

    def run(self, data: BaseDataSource) -> TourResult:  # type: ignore[override]
        """The result for a dataset, or for its first cities if the scenario has that parameter.

        Raises:
            ValueError: The dataset is invalid, or a parameter is invalid for it.
        """
        self.set_progress(0)
        self._data_id, self._started = data.id, time.perf_counter()
        problem = cast(TravellingSalesmanData, data).problem(self._first_cities())
        result = self._result(problem, self.find(problem))
        self.set_progress(100)
        return result

    def advance(self, share: float) -> None:
        """Report the fraction of the work that is done, 0 to 1. Progress never falls, and only `run` sets 100."""
        progress = min(100.0 * share, 100.0 - SMALLEST_STEP)
        if progress >= self.get_progress + SMALLEST_STEP:
            self.set_progress(progress)

    def improve(self, problem: Problem, tour: Tour) -> None:
        """Report a tour that is shorter than those before: the one that counts if the run is stopped."""
        result = self._result(problem, tour)
        report(result, objective=result.route.length, bound=result.route.optimum)

    def _result(self, problem: Problem, tour: Tour) -> TourResult:
        return TourResult(self._data_id, Route.of(problem, tour, time.perf_counter() - self._started))

    def _first_cities(self) -> int | None:
        chosen = self.data_params
        return int(chosen[FIRST_CITIES]) if chosen.contains(FIRST_CITIES) else None
