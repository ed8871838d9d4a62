"""The process engine: a child for each run, and for each upload's pipeline."""

import contextlib
import os
import threading
from collections.abc import Mapping
from functools import partial
from typing import Any

from algomancy_data import ETLFactory, ETLResult
from algomancy_scenario import BaseAlgorithm

from ..run import Run, RunStopped
from ..wrapped_algorithms import wrapped
from .child_process import ChildStarter, preload, start_method
from .errors import EngineError
from .etl import wrapped_factory
from .jobs import AlgorithmJob, EtlJob, Job, nothing
from .output import RunLog
from .runner import run_in_child
from .slots import Slots

#: How long the children may take to be gone when the engine is closed, in seconds.
_CLOSING = 5

_CLOSED = "The server was stopped"

#: What reading a file takes, and pandas imports no sooner than that.
_READERS = ("openpyxl",)


class ProcessEngine:
    """Runs each algorithm in a child of its own.

    Uploads have no part in the bound: whoever uploads must not wait for somebody's runs, and there are few threads
    for them anyway.

    Args:
        workers: How many runs there are at once, in all sessions; None for as many as there are cores.
        run_timeout: The time limit of a run that has none of its own, in seconds.
    """

    def __init__(self, workers: int | None = None, run_timeout: float | None = None) -> None:
        self._run_timeout = run_timeout
        self._slots = Slots(workers or os.process_cpu_count() or 1)
        self._starter = ChildStarter(start_method())
        self._ready = threading.Event()

    @property
    def is_ready(self) -> bool:
        """Whether a run would start at once: what children need has been imported."""
        return self._ready.is_set()

    @property
    def workers(self) -> tuple[int, int]:
        """How many runs there may be at once, and how many there are."""
        return self._slots.count, self._slots.in_use

    def wrapped(self, algorithms: Mapping[str, type[BaseAlgorithm]]) -> dict[str, type[BaseAlgorithm]]:
        """The templates of a configuration, to be run here."""
        preload(_modules(*algorithms.values()))
        return wrapped(algorithms, self._work)

    def wrapped_etl(self, factory: type[ETLFactory]) -> type[ETLFactory]:
        """The ETL of a configuration, to be run here."""
        preload([*_modules(factory), *_READERS])
        return wrapped_factory(factory, self._etl)

    def open(self) -> None:
        """Get ready for the first run, or for more after a `close`, without waiting."""
        self._slots.open()
        threading.Thread(target=self._get_ready, name="algomancy-api engine", daemon=True).start()

    def close(self) -> None:
        """End every child; its scenario is one to be run again."""
        self._slots.close(_CLOSED, _CLOSING)

    def _work(self, algorithm: BaseAlgorithm, template: type[BaseAlgorithm], data: Any) -> Any:  # noqa: ANN401
        run = Run.current() or Run("")  # if called by somebody else than a session's worker thread
        job = AlgorithmJob.of(algorithm, template, data)
        show = partial(BaseAlgorithm.set_progress, algorithm)
        with self._slots.known(run), self._slots.taken(run), run.limited(self._run_timeout):
            return run_in_child(job, run, self._starter, RunLog(run.scenario_id), show)

    def _etl(self, job: EtlJob) -> ETLResult:
        result: ETLResult = self._unbounded(job, f"upload {job.dataset_name}")
        return result

    def _get_ready(self) -> None:
        with contextlib.suppress(EngineError):  # the first run will say so
            self._unbounded(nothing, "start")
            self._ready.set()

    def _unbounded(self, job: Job, name: str) -> Any:  # noqa: ANN401 - the job's own
        run = Run(name)
        try:
            with run.under_way(), self._slots.known(run):
                return run_in_child(job, run, self._starter, RunLog(name), lambda _: None)
        except RunStopped as stop:
            raise EngineError(stop.reason) from None


def _modules(*templates: type) -> list[str]:
    return [template.__module__ for template in templates if isinstance(template, type)]
