"""Algorithms that report what they have, as solvers do: some from a thread of their own."""

import multiprocessing
import threading
import time
from collections.abc import Callable
from typing import Any

import pandas as pd
from algomancy_scenario import BaseKPI, ImprovementDirection
from algomancy_utils import BaseMeasurement

import algomancy_api

from ...support.wiring import SECOND
from .algorithms import Gated, Seen


class Value(BaseKPI):
    """A KPI that is what the algorithm saw."""

    def __init__(self) -> None:
        super().__init__("Value", ImprovementDirection.LOWER, BaseMeasurement(SECOND))

    def compute(self, result: Any) -> float:
        return float(result.seen)


class Reporting(Gated):
    """The base class: its results have a number."""

    result_class = Seen

    def solution(self, number: float) -> Seen:
        return Seen("data", number)

    def until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 60
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError
            time.sleep(0.005)


class Improves(Reporting):
    """Reports three solutions, and returns a fourth when it is asked to end. It does not import this package."""

    def run(self, data: Any) -> Any:
        report, stopping = getattr(self, "report", None), getattr(self, "stopping", None)
        assert report is not None
        assert stopping is not None
        self.set_progress(10)
        for number in (30, 20, 10):
            report(self.solution(number), objective=number, bound=5, gap=(number - 5) / number)
        report(message="no better one for now")
        self.tell("started")
        while not stopping():
            self.set_progress(42)  # which must not raise
            time.sleep(0.005)
        return self.solution(9)


class Stubborn(Reporting):
    """Reports a solution, and does not care whether it should end."""

    def run(self, data: Any) -> Any:
        algomancy_api.report(self.solution(30), objective=30)
        algomancy_api.report(self.solution(20), objective=20)
        self.tell("started")
        self.wait()
        return self.solution(1)

    def each_moment(self) -> None:
        self.set_progress(42)


class Clueless(Stubborn):
    """Has no solution, but a bound."""

    def run(self, data: Any) -> Any:
        self.report(None, objective=float("inf"), bound=3)  # type: ignore[attr-defined]
        self.tell("started")
        self.wait()
        return self.solution(1)


class Calls(Reporting):
    """Has a solver that calls back on a thread of its own."""

    def run(self, data: Any) -> Any:
        solver = threading.Thread(target=self.solve)
        solver.start()
        solver.join()
        return self.solution(2)

    def solve(self) -> None:
        report, stopping = self.report, self.stopping  # type: ignore[attr-defined]
        report(self.solution(3), objective=3)
        self.tell("started")
        try:
            while not stopping():
                self.set_progress(42)
                time.sleep(0.005)
        except BaseException as error:
            self.tell("raised", type(error).__name__)


class Obeys(Calls):
    """Its thread only sets the progress."""

    def solve(self) -> None:
        self.tell("started")
        try:
            self.until(lambda: self.set_progress(42) or False)
        except BaseException as error:
            self.tell("raised", type(error).__name__)


class CallsModule(Calls):
    """Its thread calls the functions of the package, which know the run of a child process."""

    def solve(self) -> None:
        algomancy_api.report(self.solution(3), objective=3)
        self.tell("started")
        self.until(algomancy_api.stopping)
        self.tell("stopping", str(algomancy_api.cancelled()))


class Chatters(Reporting):
    """Reports five thousand times, and then waits."""

    def run(self, data: Any) -> Any:
        for number in range(5_000):
            self.report(objective=5_000 - number, message=f"report {number}")  # type: ignore[attr-defined]
        self.report(self.solution(1), objective=0.5, bound=float("-inf"))  # type: ignore[attr-defined]
        self.tell("started")
        self.wait()
        return self.solution(0)


class Tables(Reporting):
    """Reports a result that takes more than one piece to pickle."""

    def run(self, data: Any) -> Any:
        names = pd.DataFrame({"name": [f"item {number}" for number in range(20_000)], "number": range(20_000)})
        self.report(Table(names))  # type: ignore[attr-defined]
        self.tell("started")
        self.wait()
        return self.solution(0)

    def each_moment(self) -> None:
        self.set_progress(42)


class Table(Seen):
    """A result with a table."""

    def __init__(self, table: Any = None) -> None:
        super().__init__("data", 20_000)
        self.table = table

    def to_dict(self) -> dict[str, Any]:
        return {"seen": self.seen, "last": self.table["name"].iloc[-1]}


class Forks(Reporting):
    """Reports from processes that it forks, which have no connection to the server."""

    def run(self, data: Any) -> Any:
        context = multiprocessing.get_context("fork")
        self.report(objective=1)  # type: ignore[attr-defined]
        for _ in range(3):
            process = context.Process(target=self.report, kwargs={"objective": 2})  # type: ignore[attr-defined]
            process.start()
            process.join(30)
        self.report(objective=3)  # type: ignore[attr-defined]
        return self.solution(0)


REPORTING = {
    algorithm.__name__: algorithm
    for algorithm in (Improves, Stubborn, Clueless, Calls, Obeys, CallsModule, Chatters, Tables, Forks)
}
