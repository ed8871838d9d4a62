"""The Dask engine: a child process of a worker for each run, and one of this process for each ETL."""

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import CancelledError, Future
from functools import partial
from typing import Any

from algomancy_data import ETLFactory
from algomancy_scenario import BaseAlgorithm

from ..process import ProcessEngine
from ..process.child.setup import UNBOUNDED, Bounds
from ..process.child.setup.generators import States, new_seed, states
from ..process.errors import ChildDied, EngineError, Failure
from ..process.jobs import AlgorithmJob
from ..process.slots import Slots
from ..run import Run
from ..wrapped_algorithms import wrapped
from .cluster import Cluster
from .connection import SchedulerLost, WorkerLost
from .dask_serializer import SerializedValue
from .event_loop import EventLoopThread
from .packed_values import PackedJob, PackedValue
from .run_events import RunEvents
from .worker_task import WorkerTask, versions

#: Seconds: wait for the end of all runs when the engine is closed.
_CLOSE_TIMEOUT = 5

_CLOSED = "The server was stopped"

#: Seconds: wait for the last result that a run has reported.
_FETCH_TIMEOUT = 10

#: Attempts of a run whose worker is lost.
_ATTEMPTS = 2


class DaskEngine:
    """Runs each algorithm on a worker of a Dask cluster, in a child process of its own.

    The ETL of an upload runs in a child of this process, which has the files.

    Args:
        workers: Limit of concurrent runs, in all sessions; None for the number of threads of a cluster's workers, or
            the number of cores for a local cluster.
        run_timeout: Seconds: time limit of a run that has none of its own; None for no limit.
        address: The address of the scheduler; None for a local cluster.
        bounds: What each run may use. Without a number of threads, the cores of a machine are shared among its runs.
    """

    def __init__(
        self,
        workers: int | None = None,
        run_timeout: float | None = None,
        address: str | None = None,
        bounds: Bounds = UNBOUNDED,
    ) -> None:
        cores = os.process_cpu_count() or 1
        local_workers = workers or cores
        self._bounds = bounds if address is not None else bounds.with_share(cores, local_workers)
        self._fixed: States = frozenset()
        self._run_timeout = run_timeout
        self._cores = local_workers
        self._slots = Slots(workers or (local_workers if address is None else sys.maxsize))
        self._uploads = ProcessEngine(workers, run_timeout, bounds)
        self._new_cluster = partial(Cluster, address, local_workers)
        self._modules: tuple[str, ...] = ()
        self._starting = threading.Lock()
        self._running: tuple[EventLoopThread, Cluster] | None = None

    @property
    def is_ready(self) -> bool:
        """Whether the scheduler is connected: a run would start without delay if a worker is free."""
        return self._running is not None and self._running[1].is_ready

    @property
    def workers(self) -> tuple[int, int] | None:
        """The limit of concurrent runs, and the number of present ones; None where the cluster has the limit."""
        return None if self._slots.count == sys.maxsize else (self._slots.count, self._slots.in_use)

    @property
    def session_runs(self) -> int:
        """The limit of concurrent runs of one session: that of all sessions, or the threads of the cluster's workers.

        Until the scheduler is connected, the number of this machine's cores stands for them.
        """
        if (workers := self.workers) is not None:
            return workers[0]
        running = self._running
        return (0 if running is None else running[1].threads) or self._cores

    def wrapped(self, algorithms: Mapping[str, type[BaseAlgorithm]]) -> dict[str, type[BaseAlgorithm]]:
        """The algorithm classes of a configuration, made to run on the cluster."""
        templates = [template for template in algorithms.values() if isinstance(template, type)]
        self._modules = tuple({template.__module__: None for template in templates})
        self._fixed = states()
        return wrapped(algorithms, self._work)

    def wrapped_etl(self, factory: type[ETLFactory]) -> type[ETLFactory]:
        """The ETL factory of a configuration, whose pipelines run in child processes of this process."""
        return self._uploads.wrapped_etl(factory)

    def open(self) -> None:
        """Connect to the scheduler, without waiting, and accept runs, also after a `close`."""
        self._slots.open()
        self._uploads.open()
        self._started()

    def close(self) -> None:
        """End all runs, which then count as not run."""
        self._slots.close(_CLOSED, _CLOSE_TIMEOUT)
        self._uploads.close()
        with self._starting:
            running, self._running = self._running, None
        if running is not None:
            running[0].stop()

    def _started(self) -> tuple[EventLoopThread, Cluster]:
        with self._starting:
            if self._running is None:
                cluster = self._new_cluster()
                self._running = EventLoopThread(cluster.keep_connected), cluster
            return self._running

    def _work(self, algorithm: BaseAlgorithm, template: type[BaseAlgorithm], data: Any) -> Any:  # noqa: ANN401
        run = Run.current() or Run("")  # a new one if not called by a session's worker thread
        events = RunEvents(run, self._run_timeout, partial(BaseAlgorithm.set_progress, algorithm))
        job = PackedJob.without_data(AlgorithmJob.of(algorithm, template, data))
        run.facts.seed = new_seed()
        task = WorkerTask(job, self._modules, events.level, versions(), run.facts.seed, self._bounds, self._fixed)
        with self._slots.registered(run), self._slots.acquired(run):
            outcome = self._outcome(run, task, data, events)
        run.facts.usage = outcome.usage
        if isinstance(outcome, Failure):
            raise outcome.as_error()
        return _unpacked(outcome)

    def _outcome(self, run: Run, task: WorkerTask, data: Any, events: RunEvents) -> SerializedValue | Failure:  # noqa: ANN401
        loop, cluster = self._started()
        future = loop.start(_outcome_of_attempts(cluster, task, data, events))

        def stop() -> None:
            if run.has_given_up:
                loop.start(_cancel_after_fetch(events, future))
            else:
                future.cancel()

        def ask() -> None:
            loop.start(events.ask_to_end())

        run.reports.fetch = partial(_fetch, loop, events)
        try:
            with run.stopping_by(stop, ask):
                return future.result()
        except CancelledError:
            run.raise_if_stopped()
            raise EngineError(_CLOSED) from None
        finally:
            future.cancel()


def _fetch(loop: EventLoopThread, events: RunEvents) -> None:
    """Fetch the last result of a run, from another thread."""
    with contextlib.suppress(TimeoutError, CancelledError):
        loop.start(events.fetch_best()).result(_FETCH_TIMEOUT)


async def _cancel_after_fetch(events: RunEvents, future: Future[SerializedValue | Failure]) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(events.fetch_best(), _FETCH_TIMEOUT)
    future.cancel()


async def _outcome_of_attempts(
    cluster: Cluster,
    task: WorkerTask,
    data: Any,  # noqa: ANN401 - the user's own
    events: RunEvents,
) -> SerializedValue | Failure:
    """The outcome of a run on a worker, or on another one if the first is lost."""
    try:
        for _ in range(_ATTEMPTS):
            connection = await cluster.connection()
            with contextlib.suppress(WorkerLost):
                return await connection.outcome(task, data, events)
            events.restart()
    except SchedulerLost:
        raise cluster.unreachable() from None
    finally:
        events.end()
    raise ChildDied("The connection to the Dask worker was lost, also in the second attempt")


def _unpacked(packed: PackedValue) -> Any:  # noqa: ANN401 - the algorithm's own
    try:
        return packed.unpacked()
    except Exception as error:  # a user's `__setstate__` may raise anything
        raise EngineError(f"The result cannot be unpickled: {type(error).__name__}: {error}") from error
