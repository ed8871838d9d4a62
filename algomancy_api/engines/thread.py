"""Algorithms in place, on their session's worker thread: one that is to end can only be asked."""

from collections.abc import Callable, Mapping
from typing import Any

from algomancy_scenario import BaseAlgorithm

from .runs import Run
from .templates import wrapped


class ThreadEngine:
    """Runs each algorithm on the worker thread of its session.

    Args:
        workers: How many run at once is what it does not bound: they share one interpreter.
        run_timeout: The time limit of a run that has none of its own, in seconds.
    """

    def __init__(self, workers: int | None = None, run_timeout: float | None = None) -> None:
        self.workers = workers
        self.run_timeout = run_timeout

    @property
    def is_ready(self) -> bool:
        """Whether a run would start at once."""
        return True

    def wrapped(self, algorithms: Mapping[str, type[BaseAlgorithm]]) -> dict[str, type[BaseAlgorithm]]:
        """The templates of a configuration, to be run here."""
        return wrapped(algorithms, self._work)

    def open(self) -> None:
        """Nothing has to be there before the first run."""

    def close(self) -> None:
        """Nothing is left behind: a thread ends with the process."""

    def _work(self, algorithm: BaseAlgorithm, run: Callable[[Any], Any], data: Any) -> Any:  # noqa: ANN401, ARG002
        under_way = Run.current()
        if under_way is None:  # called by somebody else than a session's worker thread
            return run(data)
        with under_way.limited(self.run_timeout):
            return run(data)
