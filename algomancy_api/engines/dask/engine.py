"""The Dask engine: a child of a worker for each run, and one of this process for each upload's pipeline."""

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
from ..process.errors import EngineError, Failure
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

#: How long the runs may take to be gone when the engine is closed, in seconds.
_CLOSING = 5

_CLOSED = "The server was stopped"

#: How many workers a run may be lost with.
_WORKERS = 2


class DaskEngine:
    """Runs each algorithm on a worker of a Dask cluster, in a child of its own.

    Uploads are not sent anywhere: their files are here.

    Args:
        workers: How many runs there are at once, in all sessions; None for as many as the workers of a cluster have
            threads, or as there are cores if the cluster is a local one.
        run_timeout: The time limit of a run that has none of its own, in seconds.
        address: The scheduler's; None for a local cluster.
    """

    def __init__(
        self, workers: int | None = None, run_timeout: float | None = None, address: str | None = None
    ) -> None:
        local_workers = workers or os.process_cpu_count() or 1
        self._run_timeout = run_timeout
        self._slots = Slots(workers or (local_workers if address is None else sys.maxsize))
        self._uploads = ProcessEngine(workers, run_timeout)
        self._new_cluster = partial(Cluster, address, local_workers)
        self._modules: tuple[str, ...] = ()
        self._starting = threading.Lock()
        self._at_work: tuple[EventLoopThread, Cluster] | None = None

    @property
    def is_ready(self) -> bool:
        """Whether a run would start at once, if there is a worker for it: the scheduler is there."""
        return self._at_work is not None and self._at_work[1].is_ready

    @property
    def workers(self) -> tuple[int, int] | None:
        """How many runs there may be at once, and how many there are; None where the cluster has the bound."""
        return None if self._slots.count == sys.maxsize else (self._slots.count, self._slots.in_use)

    def wrapped(self, algorithms: Mapping[str, type[BaseAlgorithm]]) -> dict[str, type[BaseAlgorithm]]:
        """The templates of a configuration, to be run here."""
        templates = [template for template in algorithms.values() if isinstance(template, type)]
        self._modules = tuple({template.__module__: None for template in templates})
        return wrapped(algorithms, self._work)

    def wrapped_etl(self, factory: type[ETLFactory]) -> type[ETLFactory]:
        """The ETL of a configuration, to be run in a child of this process."""
        return self._uploads.wrapped_etl(factory)

    def open(self) -> None:
        """Look for the scheduler, or for it again after a `close`, without waiting."""
        self._slots.open()
        self._uploads.open()
        self._started()

    def close(self) -> None:
        """End every run; its scenario is one to be run again."""
        self._slots.close(_CLOSED, _CLOSING)
        self._uploads.close()
        with self._starting:
            at_work, self._at_work = self._at_work, None
        if at_work is not None:
            at_work[0].stop()

    def _started(self) -> tuple[EventLoopThread, Cluster]:
        with self._starting:
            if self._at_work is None:
                cluster = self._new_cluster()
                self._at_work = EventLoopThread(cluster.keep), cluster
            return self._at_work

    def _work(self, algorithm: BaseAlgorithm, template: type[BaseAlgorithm], data: Any) -> Any:  # noqa: ANN401
        run = Run.current() or Run("")  # if called by somebody else than a session's worker thread
        watch = RunEvents(run, self._run_timeout, partial(BaseAlgorithm.set_progress, algorithm))
        job = PackedJob.without_data(AlgorithmJob.of(algorithm, template, data))
        order = WorkerTask(job, self._modules, watch.level, versions())
        with self._slots.known(run), self._slots.taken(run):
            outcome = self._outcome(run, order, data, watch)
        if isinstance(outcome, Failure):
            raise outcome.as_error()
        return _opened(outcome)

    def _outcome(self, run: Run, order: WorkerTask, data: Any, watch: RunEvents) -> SerializedValue | Failure:  # noqa: ANN401
        loop, cluster = self._started()
        future = loop.start(_attempts(cluster, order, data, watch))
        try:
            with run.stopping_by(partial(_cancel, future)):
                return future.result()
        except CancelledError:
            run.raise_if_stopped()
            raise EngineError(_CLOSED) from None
        finally:
            future.cancel()


def _cancel(future: Future[SerializedValue | Failure]) -> None:
    future.cancel()


async def _attempts(cluster: Cluster, order: WorkerTask, data: Any, watch: RunEvents) -> SerializedValue | Failure:  # noqa: ANN401
    """What comes of a run on a worker, or on another if that is lost."""
    try:
        for _ in range(_WORKERS):
            connection = await cluster.connection()
            with contextlib.suppress(WorkerLost):
                return await connection.outcome(order, data, watch)
            watch.begin_again()
    except SchedulerLost:
        raise cluster.unreachable() from None
    finally:
        watch.end()
    raise EngineError("The Dask worker that ran it was lost, and so was the one that ran it again")


def _opened(parcel: PackedValue) -> Any:  # noqa: ANN401 - the algorithm's own
    try:
        return parcel.opened()
    except Exception as error:  # a user's `__setstate__` may raise anything
        raise EngineError(f"The result cannot be read here: {type(error).__name__}: {error}") from error
