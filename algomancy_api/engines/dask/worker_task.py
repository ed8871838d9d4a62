"""The task on a Dask worker: start a child, report its events, end it.

Dask cannot cancel a task that has started. But the worker's state shows that the task was released: by the server, or
by the scheduler after the server disconnected. So the task checks that state twenty times a second.
"""

import platform
import threading
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any

from distributed import Worker, get_worker
from distributed.core import Status

from ..process.child_process import ChildStarter, preload, start_method
from ..process.errors import EngineError, Failure
from ..process.output import RunLog
from ..process.runner import Outcome, outcome_in_child
from ..run import Run, RunStopped
from .dask_serializer import SerializedValue
from .packed_values import PackedJob, PackedValue, ValuePacker

#: Seconds: interval between reports of output, and between checks for a release.
_INTERVAL = 0.05

#: Lines: longest report of output. The rest is dropped, since the scheduler that forwards it serves other clients too.
_MAX_LINES = 500

#: Worker states of a task that is not released.
_RUNNING = ("executing", "long-running")


@dataclass(frozen=True)
class WorkerTask:
    """The arguments of a task, apart from its dataset.

    Args:
        job: The job, without its dataset.
        modules: Modules for the worker's fork server to import.
        level: The lowest level that is logged.
        versions: The versions of the server's packages; the worker must have the same.
    """

    job: PackedValue
    modules: tuple[str, ...]
    level: int
    versions: str


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
    run = Run("")
    sender = _EventSender(worker, topic, task.level, run)
    try:
        with run.under_way(), sender:
            outcome = _outcome(task, data, run, sender)
    except (EngineError, RunStopped) as error:
        return Failure.of(error)
    return outcome.failure or SerializedValue.of_packed(outcome.value)


def _outcome(task: WorkerTask, data: PackedValue, run: Run, sender: _EventSender) -> Outcome:
    if (own := versions()) != task.versions:
        raise EngineError(f"The Dask worker has {own}; the server has {task.versions}")
    preload(task.modules)
    job = PackedJob(task.job, data)
    return outcome_in_child(job, run, ChildStarter(start_method()), sender, sender.send_progress, ValuePacker())


class _EventSender(RunLog):
    """Sends the events of a run to the server, and stops the run once its task is released."""

    def __init__(self, worker: Worker, topic: str, level: int, run: Run) -> None:
        super().__init__("")
        self._worker = worker
        self._topic = topic
        self._level = level
        self._run = run
        self._key = worker.get_current_task()
        self._lines: list[tuple[int, str]] = []
        self._dropped = 0
        self._has_ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="algomancy-api task", daemon=True)

    def __enter__(self) -> None:
        self._send(started=self._worker.address)
        self._thread.start()

    def __exit__(self, *_error: object) -> None:
        self._has_ended.set()
        self._thread.join()
        self._send_lines()

    @property
    def level(self) -> int:
        """The lowest level that the server logs."""
        return self._level

    def line(self, level: int, text: str) -> None:
        """Queue a line of output for the server's log."""
        if len(self._lines) < _MAX_LINES:
            self._lines.append((level, text))
        else:
            self._dropped += 1

    def send_progress(self, progress: float) -> None:
        """Send the progress to the server."""
        self._send(progress=progress)

    def _watch(self) -> None:
        while not self._has_ended.wait(_INTERVAL):
            self._send_lines()
            if self._is_released():
                self._run.stop("The server has released the task")
                return

    def _is_released(self) -> bool:
        task = self._worker.state.tasks.get(self._key)
        has_task = task is not None and task.state in _RUNNING
        return not has_task or self._worker.status not in (Status.running, Status.paused)

    def _send_lines(self) -> None:
        lines, self._lines = self._lines, []
        dropped, self._dropped = self._dropped, 0
        if lines:
            self._send(lines=lines, dropped=dropped)

    def _send(self, **event: Any) -> None:  # noqa: ANN401 - whatever msgpack encodes
        self._worker.log_event(self._topic, {"task": self._key, **event})
