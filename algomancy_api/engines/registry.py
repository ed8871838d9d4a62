"""The engines by their names in the configuration."""

from collections.abc import Callable, Mapping
from typing import Protocol

from algomancy_data import ETLFactory
from algomancy_scenario import BaseAlgorithm

from .process import ProcessEngine
from .process.child.setup import UNBOUNDED, Bounds
from .process.errors import EngineError
from .thread import ThreadEngine


class Engine(Protocol):
    """Runs the algorithms and ETL pipelines of one app."""

    @property
    def is_ready(self) -> bool:
        """Whether a run would start without delay."""

    @property
    def workers(self) -> tuple[int, int] | None:
        """The limit of concurrent runs and the number of present ones; None without a limit."""

    @property
    def session_runs(self) -> int:
        """The limit of concurrent runs of one session, unless the configuration sets another."""

    def wrapped(self, algorithms: Mapping[str, type[BaseAlgorithm]]) -> dict[str, type[BaseAlgorithm]]:
        """The algorithm classes of a configuration, made to run on this engine."""

    def wrapped_etl(self, factory: type[ETLFactory]) -> type[ETLFactory]:
        """The ETL factory of a configuration, made to run on this engine."""

    def open(self) -> None:
        """Prepare for the first run, or for runs after a `close`, without waiting."""

    def close(self) -> None:
        """Stop all runs, and free all resources."""


def _thread(_workers: int | None, run_timeout: float | None, _address: str | None, _bounds: Bounds) -> Engine:
    return ThreadEngine(run_timeout)


def _process(workers: int | None, run_timeout: float | None, _address: str | None, bounds: Bounds) -> Engine:
    return ProcessEngine(workers, run_timeout, bounds)


def _dask(workers: int | None, run_timeout: float | None, address: str | None, bounds: Bounds) -> Engine:
    try:
        from .dask.engine import DaskEngine
    except ModuleNotFoundError as error:
        raise EngineError(
            f"the engine 'dask' needs the package {error.name!r}, which is not installed: "
            "pip install 'algomancy-api[dask]'"
        ) from error
    return DaskEngine(workers, run_timeout, address, bounds)


#: Factories of engines by name, called with ``engine_workers``, ``run_timeout``, ``engine_address`` and the bounds.
ENGINES: dict[str, Callable[[int | None, float | None, str | None, Bounds], Engine]] = {
    "thread": _thread,
    "process": _process,
    "dask": _dask,
}


def chosen_engine(
    name: str,
    workers: int | None = None,
    run_timeout: float | None = None,
    address: str | None = None,
    bounds: Bounds = UNBOUNDED,
) -> Engine:
    """The engine of that name.

    Args:
        name: A key of `ENGINES`.
        workers: Limit of concurrent runs, in all sessions; None for the engine's default.
        run_timeout: Seconds: time limit of a run that has none of its own; None for no limit.
        address: The address of a cluster's scheduler; None for none.
        bounds: What each run may use, where it has a process of its own.

    Raises:
        EngineError: A package that the engine needs is not installed.
    """
    return ENGINES[name](workers, run_timeout, address, bounds)
