"""The engines by their name in the configuration."""

from collections.abc import Callable, Mapping
from typing import Protocol

from algomancy_data import ETLFactory
from algomancy_scenario import BaseAlgorithm

from .process import ProcessEngine
from .process.errors import EngineError
from .thread import ThreadEngine


class Engine(Protocol):
    """Where the algorithms of one app run."""

    @property
    def is_ready(self) -> bool:
        """Whether a run would start at once."""

    @property
    def workers(self) -> tuple[int, int] | None:
        """How many runs there may be at once and how many there are; None where there is no bound."""

    def wrapped(self, algorithms: Mapping[str, type[BaseAlgorithm]]) -> dict[str, type[BaseAlgorithm]]:
        """The templates of a configuration, to be run here."""

    def wrapped_etl(self, factory: type[ETLFactory]) -> type[ETLFactory]:
        """The ETL of a configuration, to be run here."""

    def open(self) -> None:
        """Get ready for the first run, or for more after a `close`, without waiting."""

    def close(self) -> None:
        """Stop what runs, and leave nothing behind."""


def _thread(_workers: int | None, run_timeout: float | None, _address: str | None) -> Engine:
    return ThreadEngine(run_timeout)


def _process(workers: int | None, run_timeout: float | None, _address: str | None) -> Engine:
    return ProcessEngine(workers, run_timeout)


def _dask(workers: int | None, run_timeout: float | None, address: str | None) -> Engine:
    try:
        from .dask.engine import DaskEngine
    except ModuleNotFoundError as error:
        raise EngineError(
            f"the engine 'dask' needs a package that is not installed, {error.name}: pip install 'algomancy-api[dask]'"
        ) from error
    return DaskEngine(workers, run_timeout, address)


#: What makes an engine from ``engine_workers``, ``run_timeout`` and ``engine_address``.
ENGINES: dict[str, Callable[[int | None, float | None, str | None], Engine]] = {
    "thread": _thread,
    "process": _process,
    "dask": _dask,
}


def chosen_engine(
    name: str, workers: int | None = None, run_timeout: float | None = None, address: str | None = None
) -> Engine:
    """The engine of that name.

    Args:
        name: A key of `ENGINES`.
        workers: How many runs there are at once, in all sessions; None for as many as the engine thinks best.
        run_timeout: The time limit of a run that has none of its own, in seconds; None for no limit.
        address: Where the scheduler of a cluster is; None for none.

    Raises:
        EngineError: What the engine needs is not installed.
    """
    return ENGINES[name](workers, run_timeout, address)
