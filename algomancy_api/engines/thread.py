"""Algorithms in place, on their session's worker thread: one that is to end can only be asked."""

from collections.abc import Mapping
from typing import Any

from algomancy_data import ETLFactory, File
from algomancy_scenario import BaseAlgorithm

from .etl import opened, with_pipelines
from .run import Run
from .wrapped_algorithms import in_place, wrapped


class ThreadEngine:
    """Runs each algorithm on the worker thread of its session.

    Args:
        run_timeout: The time limit of a run that has none of its own, in seconds.
    """

    is_ready = True
    workers = None

    def __init__(self, run_timeout: float | None = None) -> None:
        self._run_timeout = run_timeout

    def wrapped(self, algorithms: Mapping[str, type[BaseAlgorithm]]) -> dict[str, type[BaseAlgorithm]]:
        """The templates of a configuration, to be run here."""
        return wrapped(algorithms, self._work)

    def wrapped_etl(self, factory: type[ETLFactory]) -> type[ETLFactory]:
        """The ETL of a configuration, to be run here, over files that are read before."""

        def build_pipeline(dataset_name: str, files: Mapping[str, File], *arguments: Any, **keywords: Any) -> Any:  # noqa: ANN401
            return factory.build_pipeline(dataset_name, opened(files), *arguments, **keywords)

        return with_pipelines(factory, build_pipeline)

    def open(self) -> None:
        """Nothing has to be there before the first run."""

    def close(self) -> None:
        """Nothing is left behind: a thread ends with the process."""

    def _work(self, algorithm: BaseAlgorithm, template: type[BaseAlgorithm], data: Any) -> Any:  # noqa: ANN401
        run = Run.current()
        if run is None:  # called by somebody else than a session's worker thread
            return in_place(algorithm, template, data)
        with run.limited(self._run_timeout):
            return in_place(algorithm, template, data)
