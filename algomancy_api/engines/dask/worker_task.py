"""The task on a Dask worker: start a child, report its events, end it.

Dask cannot cancel a task that has started. But the worker's state shows that the task was released: by the server, or
by the scheduler after the server disconnected. So the task checks that state twenty times a second.
"""

import os
import platform
import threading
from collections import deque
from dataclasses import dataclass, replace
from functools import cache, partial
from importlib.metadata import version
from typing import Any

from distributed import Worker, get_worker
from distributed.core import Status

from ..process.child.setup import Bounds
from ..process.child.setup.generators import States
from ..process.child_process import started_child
from ..process.errors import EngineError, Failure
from ..process.launch import LAUNCHER, preload, start_method
from ..process.output import RunLog
from ..process.runner import Outcome, outcome_in_child
from ..process.transport.frames import Bytes
from ..process.transport.mapped import BufferFiles
from ..process.transport.values import OnePiece
from ..process.waiting import ChildStarter, WaitingChildren
from ..reports import Reports
from ..run import Run, RunStopped
from .dask_serializer import SerializedValue
from .packed_values import PackedJob, PackedValue, ValuePacker

#: Seconds: interval between reports of output, and between checks for a release.
_INTERVAL = 0.05

#: Bytes: longest report of output, since the scheduler that forwards it serves other clients, too.
_MAX_REPORT = 262_144

#: Bytes: most output that waits to be sent. Of more, the first and the latest lines are sent.
_MAX_WAITING = 4_194_304

#: Bytes: what a report has beside each of its lines, or of its groups of lines that were read at once.
_OVERHEAD = 64

#: Points: reported at once.
_MAX_POINTS = 10

#: Worker states of a task that is not released.
_RUNNING = ("executing", "long-running")


#: The datasets that this worker has handed to children.
_files = BufferFiles(LAUNCHER.new_folder)

#: The runs of this worker, by the keys of their tasks.
_runs: dict[str, Run] = {}


@dataclass(frozen=True)
class WorkerTask:
    """The arguments of a task, apart from its dataset.

    Args:
        job: The job, without its dataset.
        modules: Modules for the worker's fork server to import.
        level: The lowest level that is logged.
        versions: The versions of the server's packages; the worker must have the same.
        seed: The seed of the run.
        bounds: What it may use.
        fixed: The states of the server's random number generators.
    """

    job: PackedValue
    modules: tuple[str, ...]
    level: int
    versions: str
    seed: int
    bounds: Bounds
    fixed: States


@cache
def versions() -> str:
    """The versions of this process on which pickled values depend."""
    major, minor, _ = platform.python_version_tuple()
    packages = (f"{name} {version(name)}" for name in ("algomancy-api", "algomancy-scenario", "pandas", "numpy"))
    return ", ".join([f"Python {major}.{minor}", *packages])


def run_task(topic: str, task: WorkerTask, data: PackedValue) -> SerializedValue | Failure:
    """Run a job in a child, as a Dask task on a thread of a worker.

    Args:
        topic: The Dask topic of its events.
        task: The job, and how to run it.
        data: The dataset.

    Returns:
        The result, or the exception that was raised.
    """
    worker = get_worker()
    run = Run("", reports=Reports(_MAX_POINTS))
    run.facts.seed = task.seed
    key = str(worker.get_current_task())
    _runs[key] = run
    try:
        with run.under_way(), (sender := _EventSender(worker, topic, task.level, run)):
            outcome = _outcome(task, data, run, sender)
    except (EngineError, RunStopped) as error:
        return replace(Failure.of(error), usage=run.facts.usage)
    finally:
        del _runs[key]
    if outcome.failure is not None:
        return replace(outcome.failure, usage=run.facts.usage)
    return SerializedValue.of_packed(outcome.value, run.facts.usage)


def ask_to_end(key: str) -> None:
    """Ask a run to end with what it has; called by the server on the worker, whose task may have ended."""
    if (run := _runs.get(key)) is not None:
        run.ask_to_end(None)


def best_of(key: str) -> Bytes | None:
    """The last result that a run has reported, as it came from its child; None if there is none."""
    run = _runs.get(key)
    best = None if run is None else run.reports.best
    return best.content if isinstance(best, OnePiece) else None


def _outcome(task: WorkerTask, data: PackedValue, run: Run, sender: _EventSender) -> Outcome:
    if (own := versions()) != task.versions:
        raise EngineError(f"The Dask worker has {own}; the server has {task.versions}")
    preload(task.modules)
    job = PackedJob(task.job, data)
    threads = get_worker().state.nthreads
    bounds = task.bounds.with_share(os.process_cpu_count() or 1, threads)
    starter = ChildStarter(start_method(), bounds, lambda: task.fixed, _waiting(bounds, threads))
    with _files.lent(data) as share:
        return outcome_in_child(job, run, starter, sender, sender.send_progress, ValuePacker(), share)


@cache
def _waiting(bounds: Bounds, count: int) -> WaitingChildren:
    """The children of this worker that wait for runs with these bounds, until the worker ends."""
    waiting = WaitingChildren(partial(started_child, start_method(), bounds))
    waiting.keep(count)
    return waiting


class _EventSender(RunLog):
    """Sends the events of a run to the server, and stops the run once its task is released."""

    def __init__(self, worker: Worker, topic: str, level: int, run: Run) -> None:
        super().__init__("")
        self._worker = worker
        self._topic = topic
        self._level = level
        self._run = run
        self._key = worker.get_current_task()
        self._lock = threading.Lock()
        self._lines: deque[tuple[float, int, int, bytes]] = deque()
        self._size = 0
        self._first = 0  # of the lines that wait: the first ones of the run, which are not dropped
        self._taken = 0
        self._dropped = 0
        self._has_ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="algomancy-api task", daemon=True)

    def __enter__(self) -> None:
        self._send(started=self._worker.address)
        self._thread.start()

    def __exit__(self, *_error: object) -> None:
        self._has_ended.set()
        self._thread.join()
        while self._lines:
            self._send_lines()
        self._send_points()

    @property
    def level(self) -> int:
        """The lowest level that the server logs."""
        return self._level

    def take(self, moment: float, stream: int, level: int, lines: bytes) -> None:
        """Queue lines of output for the server."""
        size = len(lines) + _OVERHEAD
        with self._lock:
            self._lines.append((moment, stream, level, lines))
            self._size += size
            self._taken += size
            if self._taken <= _MAX_REPORT:
                self._first += 1
            while self._size > _MAX_WAITING:
                *_, dropped = self._lines[self._first]
                del self._lines[self._first]
                self._size -= len(dropped) + _OVERHEAD
                self._dropped += dropped.count(b"\n") + 1

    def send_progress(self, progress: float) -> None:
        """Send the progress to the server."""
        self._send(progress=progress)

    def _watch(self) -> None:
        while not self._has_ended.wait(_INTERVAL):
            self._send_lines()
            self._send_points()
            if self._is_released():
                self._run.stop("The server has released the task")
                return

    def _is_released(self) -> bool:
        task = self._worker.state.tasks.get(self._key)
        has_task = task is not None and task.state in _RUNNING
        return not has_task or self._worker.status not in (Status.running, Status.paused)

    def _send_lines(self) -> None:
        """Send the lines that wait, as many as one report may have."""
        lines: list[tuple[float, int, int, bytes]] = []
        with self._lock:
            left, count = _MAX_REPORT, self._first or len(self._lines)
            while len(lines) < count and left > 0:
                lines.append(self._lines.popleft())
                left -= len(lines[-1][-1]) + _OVERHEAD
            self._size -= _MAX_REPORT - left
            if self._first:  # what was dropped came after them
                self._first -= len(lines)
                dropped = 0
            else:
                dropped, self._dropped = self._dropped, 0
        if lines:
            self._send(lines=lines, dropped=dropped)

    def _send_points(self) -> None:
        if points := self._run.reports.drained():
            self._send(points=[tuple(point) for point in points])

    def _send(self, **event: Any) -> None:  # noqa: ANN401 - whatever msgpack encodes
        self._worker.log_event(self._topic, {"task": self._key, **event})
