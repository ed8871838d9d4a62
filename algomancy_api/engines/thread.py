"""The thread engine: algorithms on their session's worker thread, where a stop is only a request."""

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
        run_timeout: Seconds: time limit of a run that has none of its own; None for no limit.
    """

    is_ready = True
    workers = None

    def __init__(self, run_timeout: float | None = None) -> None:
        self._run_timeout = run_timeout

    def wrapped(self, algorithms: Mapping[str, type[BaseAlgorithm]]) -> dict[str, type[BaseAlgorithm]]:
        """The algorithm classes of a configuration, with a time limit and cancellation."""
        return wrapped(algorithms, self._work)

    def wrapped_etl(self, factory: type[ETLFactory]) -> type[ETLFactory]:
        """The ETL factory of a configuration, whose files are read before its pipeline is built."""

        def build_pipeline(dataset_name: str, files: Mapping[str, File], *arguments: Any, **keywords: Any) -> Any:  # noqa: ANN401
            return factory.build_pipeline(dataset_name, opened(files), *arguments, **keywords)

        return with_pipelines(factory, build_pipeline)

    def open(self) -> None:
        """Do nothing: the engine needs no preparation."""

    def close(self) -> None:
        """Do nothing: the worker threads belong to the sessions."""

    def _work(self, algorithm: BaseAlgorithm, template: type[BaseAlgorithm], data: Any) -> Any:  # noqa: ANN401
        run = Run.current()
        if run is None:  # not called by a session's worker thread
            return in_place(algorithm, template, data)
        with run.limited(self._run_timeout):
            return in_place(algorithm, template, data)
