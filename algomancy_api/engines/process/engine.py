"""The process engine: a child process for each run and each ETL."""

import contextlib
import os
import threading
import weakref
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from algomancy_data import ETLFactory, ETLResult
from algomancy_scenario import BaseAlgorithm

from ..run import Run, RunStopped
from ..wrapped_algorithms import wrapped
from .child.setup import UNBOUNDED, Bounds
from .child.setup.generators import States, states
from .child_process import started_child
from .errors import EngineError
from .etl import wrapped_factory
from .jobs import AlgorithmJob, EtlJob, Job, no_job
from .launch import LAUNCHER, preload, start_method
from .output import RunLog
from .runner import run_in_child
from .slots import Slots
from .transport.mapped import BufferFiles
from .waiting import ChildStarter, WaitingChildren

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
        bounds: What each run may use. Without a number of threads, the cores are shared among the runs.
    """

    def __init__(
        self, workers: int | None = None, run_timeout: float | None = None, bounds: Bounds = UNBOUNDED
    ) -> None:
        cores = os.process_cpu_count() or 1
        self._run_timeout = run_timeout
        self._slots = Slots(workers or cores)
        bounds = bounds.with_share(cores, self._slots.count)
        self._fixed: States = frozenset()
        self._waiting = WaitingChildren(partial(started_child, start_method(), bounds))
        self._starter = ChildStarter(start_method(), bounds, lambda: self._fixed, self._waiting)
        self._upload_starter = ChildStarter(start_method(), replace(bounds, memory=None))
        self._files = BufferFiles(LAUNCHER.new_folder)
        self._ready = threading.Event()
        weakref.finalize(self, self._waiting.close)  # of an app that is dropped without its lifespan's end

    @property
    def is_ready(self) -> bool:
        """Whether a run would start without delay: the modules of the children have been imported."""
        return self._ready.is_set()

    @property
    def workers(self) -> tuple[int, int]:
        """The limit of concurrent runs, and the number of present ones."""
        return self._slots.count, self._slots.in_use

    @property
    def session_runs(self) -> int:
        """The limit of concurrent runs of one session: that of all sessions."""
        return self._slots.count

    def wrapped(self, algorithms: Mapping[str, type[BaseAlgorithm]]) -> dict[str, type[BaseAlgorithm]]:
        """The algorithm classes of a configuration, made to run in child processes."""
        preload(_modules(*algorithms.values()))
        self._fixed = states()
        return wrapped(algorithms, self._work)

    def wrapped_etl(self, factory: type[ETLFactory]) -> type[ETLFactory]:
        """The ETL factory of a configuration, whose pipelines run in child processes."""
        preload([*_modules(factory), *_READERS])
        return wrapped_factory(factory, self._etl)

    def open(self) -> None:
        """Have children wait for runs, and accept those, also after a `close`. It does not wait for the children."""
        self._slots.open()
        self._waiting.keep(self._slots.count)
        threading.Thread(target=self._warm_up, name="algomancy-api engine", daemon=True).start()

    def close(self) -> None:
        """Kill all children; their runs count as not run."""
        self._waiting.close()
        self._slots.close(_CLOSED, _CLOSE_TIMEOUT)
        self._files.close()

    def _work(self, algorithm: BaseAlgorithm, template: type[BaseAlgorithm], data: Any) -> Any:  # noqa: ANN401
        run = Run.current() or Run("")  # a new one if not called by a session's worker thread
        job = AlgorithmJob.of(algorithm, template, data)
        on_progress = partial(BaseAlgorithm.set_progress, algorithm)
        log = RunLog(run.scenario_id, run.output)
        with (
            self._slots.registered(run),
            self._slots.acquired(run),
            run.limited(self._run_timeout),
            self._files.lent(data) as share,
        ):
            return run_in_child(job, run, self._starter, log, on_progress, share)

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
                return run_in_child(job, run, self._upload_starter, RunLog(name), lambda _: None)
        except RunStopped as stop:
            raise EngineError(stop.reason) from None


def _modules(*templates: type) -> list[str]:
    return [template.__module__ for template in templates if isinstance(template, type)]
