"""The thread engine: algorithms on their session's worker threads, where a stop is only a request."""

import copy
import os
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd
from algomancy_data import DataSource, ETLFactory
from algomancy_scenario import BaseAlgorithm

from ..extraction import exact_pipeline
from .etl import with_pipelines
from .options import Usage
from .output.capture import captured
from .run import Run
from .wrapped_algorithms import in_place, wrapped


class ThreadEngine:
    """Runs each algorithm on a worker thread of its session.

    Args:
        run_timeout: Seconds: time limit of a run that has none of its own; None for no limit.
    """

    is_ready = True
    workers = None
    session_runs = 1

    def __init__(self, run_timeout: float | None = None) -> None:
        self._run_timeout = run_timeout

    def wrapped(self, algorithms: Mapping[str, type[BaseAlgorithm]]) -> dict[str, type[BaseAlgorithm]]:
        """The algorithm classes of a configuration, with a time limit and cancellation."""
        return wrapped(algorithms, self._work)

    def wrapped_etl(self, factory: type[ETLFactory]) -> type[ETLFactory]:
        """The ETL factory of a configuration, whose files are read before its pipeline is built."""
        return with_pipelines(factory, partial(exact_pipeline, factory))

    def open(self) -> None:
        """Do nothing: the engine needs no preparation."""

    def close(self) -> None:
        """Do nothing: the worker threads belong to the sessions."""

    def _work(self, algorithm: BaseAlgorithm, template: type[BaseAlgorithm], data: Any) -> Any:  # noqa: ANN401
        run = Run.current()
        if run is not None and run.facts.worker is not None:  # an algorithm under way calls its own `run`, or another's
            return in_place(algorithm, template, data)
        own = with_own_tables(data)
        if run is None:  # not called by a session's worker thread
            return in_place(algorithm, template, own)
        run.facts.worker = f"process {os.getpid()}"
        start = time.thread_time()
        try:
            with run.limited(self._run_timeout), captured(run.output):
                return in_place(algorithm, template, own)
        finally:
            # The memory of one thread of a process is not known.
            run.facts.usage = Usage(time.thread_time() - start, peak_memory=None)


def with_own_tables(data: Any) -> Any:  # noqa: ANN401 - a dataset of any class
    """A copy of a `DataSource` whose tables can be changed without changing the original's.

    pandas copies a column when it is first changed, so this takes some microseconds a table. Objects in cells, and
    attributes of a subclass, are shared. A dataset of another class is returned as it is.
    """
    if not isinstance(data, DataSource):
        return data
    own = copy.copy(data)
    own.tables = copy.copy(data.tables)
    for name, table in data.tables.items():
        if isinstance(table, pd.DataFrame | pd.Series):
            own.tables[name] = table.copy(deep=False)
    return own
