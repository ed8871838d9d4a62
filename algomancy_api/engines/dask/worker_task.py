"""What happens on a Dask worker: a task starts a child, tells of it, and ends it when nobody wants it any more.

A task that has started cannot be cancelled by Dask, but the worker knows when it should be: the server has let go of
it, or is gone, and then the scheduler lets go of it. So the task looks, twenty times a second.
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

#: How often a task tells what was printed, and looks whether it is still wanted, in seconds.
_PAUSE = 0.05

#: How many lines it tells at a time; the scheduler, through which they go, is there for others, too.
_MOST_LINES = 500

_WANTED = ("executing", "long-running")


@dataclass(frozen=True)
class WorkerTask:
    """What a task is to do.

    Args:
        job: The job, without its dataset.
        modules: What its children should have imported already.
        level: The least level that is logged.
        versions: What the server runs on, which must be what the worker runs on.
    """

    job: PackedValue
    modules: tuple[str, ...]
    level: int
    versions: str


@cache
def versions() -> str:
    """What this process runs on, as far as values that cross depend on it."""
    major, minor, _ = platform.python_version_tuple()
    packages = (f"{name} {version(name)}" for name in ("algomancy-api", "algomancy-scenario", "pandas", "numpy"))
    return ", ".join([f"Python {major}.{minor}", *packages])


def do(topic: str, order: WorkerTask, data: PackedValue) -> SerializedValue | Failure:
    """Do a job in a child, as the task of a worker's thread.

    Args:
        topic: What its events are told under.
        order: The job.
        data: Its dataset.

    Returns:
        The result, or what was raised.
    """
    worker = get_worker()
    run = Run("")
    teller = _EventSender(worker, topic, order.level, run)
    try:
        with run.under_way(), teller:
            outcome = _outcome(order, data, run, teller)
    except (EngineError, RunStopped) as error:
        return Failure.of(error)
    return outcome.failure or SerializedValue.of_parcel(outcome.value)


def _outcome(order: WorkerTask, data: PackedValue, run: Run, teller: _EventSender) -> Outcome:
    if (own := versions()) != order.versions:
        raise EngineError(f"The Dask worker has {own}; the server has {order.versions}")
    preload(order.modules)
    job = PackedJob(order.job, data)
    return outcome_in_child(job, run, ChildStarter(start_method()), teller, teller.tell_progress, ValuePacker())


class _EventSender(RunLog):
    """Tells the server of a run, by Dask's events, and the run of its end."""

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
        self._thread = threading.Thread(target=self._attend, name="algomancy-api task", daemon=True)

    def __enter__(self) -> None:
        self._tell(started=self._worker.address)
        self._thread.start()

    def __exit__(self, *_error: object) -> None:
        self._has_ended.set()
        self._thread.join()
        self._tell_lines()

    @property
    def level(self) -> int:
        """The least level that the server wants to hear of."""
        return self._level

    def line(self, level: int, text: str) -> None:
        """Have the server log a line of output."""
        if len(self._lines) < _MOST_LINES:
            self._lines.append((level, text))
        else:
            self._dropped += 1

    def tell_progress(self, progress: float) -> None:
        """Tell the server the progress."""
        self._tell(progress=progress)

    def _attend(self) -> None:
        while not self._has_ended.wait(_PAUSE):
            self._tell_lines()
            if not self._is_wanted():
                self._run.stop("Nobody waits for it any more")
                return

    def _is_wanted(self) -> bool:
        task = self._worker.state.tasks.get(self._key)
        has_task = task is not None and task.state in _WANTED
        return has_task and self._worker.status in (Status.running, Status.paused)

    def _tell_lines(self) -> None:
        lines, self._lines = self._lines, []
        dropped, self._dropped = self._dropped, 0
        if lines:
            self._tell(lines=lines, dropped=dropped)

    def _tell(self, **news: Any) -> None:  # noqa: ANN401 - whatever msgpack knows
        self._worker.log_event(self._topic, {"task": self._key, **news})
