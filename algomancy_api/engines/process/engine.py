"""The process engine: a child process for each run and each ETL."""

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
from .jobs import AlgorithmJob, EtlJob, Job, no_job
from .output import RunLog
from .runner import run_in_child
from .slots import Slots

#: Seconds: wait for the end of all children when the engine is closed.
_CLOSE_TIMEOUT = 5

_CLOSED = "The server was stopped"

#: Modules that pandas imports only when it reads a file.
_READERS = ("openpyxl",)


class ProcessEngine:
    """Runs each algorithm in a child process of its own.

    Uploads do not count for the limit: an upload must not wait for runs, and the threads for uploads are few anyway.

    Args:
        workers: Limit of concurrent runs, in all sessions; None for the number of cores.
        run_timeout: Seconds: time limit of a run that has none of its own; None for no limit.
    """

    def __init__(self, workers: int | None = None, run_timeout: float | None = None) -> None:
        self._run_timeout = run_timeout
        self._slots = Slots(workers or os.process_cpu_count() or 1)
        self._starter = ChildStarter(start_method())
        self._ready = threading.Event()

    @property
    def is_ready(self) -> bool:
        """Whether a run would start without delay: the modules of the children have been imported."""
        return self._ready.is_set()

    @property
    def workers(self) -> tuple[int, int]:
        """The limit of concurrent runs, and the number of present ones."""
        return self._slots.count, self._slots.in_use

    def wrapped(self, algorithms: Mapping[str, type[BaseAlgorithm]]) -> dict[str, type[BaseAlgorithm]]:
        """The algorithm classes of a configuration, made to run in child processes."""
        preload(_modules(*algorithms.values()))
        return wrapped(algorithms, self._work)

    def wrapped_etl(self, factory: type[ETLFactory]) -> type[ETLFactory]:
        """The ETL factory of a configuration, whose pipelines run in child processes."""
        preload([*_modules(factory), *_READERS])
        return wrapped_factory(factory, self._etl)

    def open(self) -> None:
        """Import the modules of the children, without waiting, and accept runs, also after a `close`."""
        self._slots.open()
        threading.Thread(target=self._warm_up, name="algomancy-api engine", daemon=True).start()

    def close(self) -> None:
        """Kill all children; their runs count as not run."""
        self._slots.close(_CLOSED, _CLOSE_TIMEOUT)

    def _work(self, algorithm: BaseAlgorithm, template: type[BaseAlgorithm], data: Any) -> Any:  # noqa: ANN401
        run = Run.current() or Run("")  # a new one if not called by a session's worker thread
        job = AlgorithmJob.of(algorithm, template, data)
        on_progress = partial(BaseAlgorithm.set_progress, algorithm)
        with self._slots.registered(run), self._slots.acquired(run), run.limited(self._run_timeout):
            return run_in_child(job, run, self._starter, RunLog(run.scenario_id), on_progress)

    def _etl(self, job: EtlJob) -> ETLResult:
        result: ETLResult = self._without_slot(job, f"upload {job.dataset_name}")
        return result

    def _warm_up(self) -> None:
        with contextlib.suppress(EngineError):  # the first run reports it
            self._without_slot(no_job, "start")
            self._ready.set()

    def _without_slot(self, job: Job, name: str) -> Any:  # noqa: ANN401 - the job's own
        run = Run(name)
        try:
            with run.under_way(), self._slots.registered(run):
                return run_in_child(job, run, self._starter, RunLog(name), lambda _: None)
        except RunStopped as stop:
            raise EngineError(stop.reason) from None


def _modules(*templates: type) -> list[str]:
    return [template.__module__ for template in templates if isinstance(template, type)]
