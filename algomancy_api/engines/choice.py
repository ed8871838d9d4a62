"""The engines by their name in the configuration."""

from collections.abc import Callable, Mapping
from typing import Protocol

from algomancy_data import ETLFactory
from algomancy_scenario import BaseAlgorithm

from .process import ProcessEngine
from .thread import ThreadEngine


class Engine(Protocol):
    """Where the algorithms of one app run."""

    @property
    def is_ready(self) -> bool:
        """Whether a run would start at once."""

    def wrapped(self, algorithms: Mapping[str, type[BaseAlgorithm]]) -> dict[str, type[BaseAlgorithm]]:
        """The templates of a configuration, to be run here."""

    def wrapped_etl(self, factory: type[ETLFactory]) -> type[ETLFactory]:
        """The ETL of a configuration, to be run here."""

    def open(self) -> None:
        """Get ready for the first run, or for more after a `close`, without waiting."""

    def close(self) -> None:
        """Stop what runs, and leave nothing behind."""


#: What makes an engine from ``engine_workers`` and ``run_timeout``.
ENGINES: dict[str, Callable[[int | None, float | None], Engine]] = {
    "thread": ThreadEngine,
    "process": ProcessEngine,
}


def chosen_engine(name: str, workers: int | None, run_timeout: float | None) -> Engine:
    """The engine of that name.

    Args:
        name: A key of `ENGINES`.
        workers: How many runs there are at once, in all sessions; None for as many as there are cores.
        run_timeout: The time limit of a run that has none of its own, in seconds; None for no limit.
    """
    return ENGINES[name](workers, run_timeout)
