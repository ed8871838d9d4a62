"""One job in a child, in the parent, which is a server or a Dask worker."""

import contextlib
import os
import pickle
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing.connection import wait
from typing import Any, NamedTuple

from ..output.lines import Lines
from ..run import Run
from .child import progress, usage
from .child.setup.generators import new_seed
from .child_process import Child
from .errors import EngineError, Failure, death
from .jobs import Job
from .output import RunLog
from .transport.frames import Kind
from .transport.mapped import Share
from .transport.values import OnePiece, Piece, ReceivedValues, pieces
from .waiting import ChildStarter

#: Seconds: wait for the child's end after each of: a request to stop, SIGTERM, its result.
_GRACE = 1.0

#: Bytes: largest read of output, the capacity of a pipe.
_MAX_READ = 65_536


def run_in_child(
    job: Job,
    run: Run,
    starter: ChildStarter,
    log: RunLog,
    on_progress: Callable[[float], None],
    share: Share | None = None,
) -> Any:  # noqa: ANN401 - the job's own
    """The result of a job that runs in a child.

    A stop of the run stops the child: with a request, then SIGTERM, then SIGKILL. All that it has started ends with it.
    What the job reports becomes a report of the run.

    Args:
        job: The job.
        run: The run that stops the job.
        starter: Starts the child.
        log: Gets the child's output and log records.
        on_progress: A callback for the progress, from 0 to 100, called on this thread.
        share: Puts large parts of the job into a file; None to send them.

    Raises:
        NotPicklable: The job or its result cannot be pickled.
        ChildDied: The child ended before its job did.
        EngineError: The child could not be started, or its result cannot be unpickled.
        RunStopped: The run was asked to stop before.
        Exception: Whatever the job raised.
    """
    return outcome_in_child(job, run, starter, log, on_progress, ReceivedValues(), share).result()


class Outcome(NamedTuple):
    """The result of a job: a value or a failure."""

    value: Any = None
    failure: Failure | None = None

    def result(self) -> Any:  # noqa: ANN401 - the job's own
        """The value.

        Raises:
            Exception: The exception of a failed job.
        """
        if self.failure is not None:
            raise self.failure.as_error()
        return self.value


def outcome_in_child(
    job: Job,
    run: Run,
    starter: ChildStarter,
    log: RunLog,
    on_progress: Callable[[float], None],
    received: ReceivedValues,
    share: Share | None = None,
) -> Outcome:
    """The outcome of a job that runs in a child: `run_in_child`, but an exception of the job is returned.

    Args:
        job: The job.
        run: The run that stops the job.
        starter: Starts the child.
        log: Gets the child's output and log records.
        on_progress: A callback for the progress, from 0 to 100, called on this thread.
        received: Collects the frames of the result.
        share: Puts large parts of the job into a file; None to send them.

    Raises:
        NotPicklable: The job cannot be pickled.
        ChildDied: The child ended before its job did.
        EngineError: The child could not be started, or its result cannot be unpickled.
        RunStopped: The run was asked to stop before.
    """
    frames = pieces("", job, share)
    if run.facts.seed is None:
        run.facts.seed = new_seed()
    with (
        starter.child(log.level, run.facts.seed) as child,
        run.stopping_by(partial(_stop, child, run), partial(_ask, child)),
    ):
        run.facts.worker = f"process {child.pid}"
        outcome = _RunRelay(child, run, log, on_progress, received).outcome(frames)
    if outcome is None:
        raise death(child.exit_code(), has_limit=child.setup.bounds.memory is not None)
    return outcome


def _ask(child: Child) -> None:
    # On a thread: the parent may be sending a large job first.
    threading.Thread(target=child.ask_to_end, name="algomancy-api ask", daemon=True).start()


def _stop(child: Child, run: Run) -> None:
    threading.Thread(target=_stop_in_steps, args=(child, run), name="algomancy-api stop", daemon=True).start()


def _stop_in_steps(child: Child, run: Run) -> None:
    steps: tuple[Callable[[], None], ...] = (partial(child.request_stop, run.reason), child.terminate, child.kill)
    for step in steps[1:] if run.is_abandoned else steps:
        step()
        if child.has_ended.wait(_GRACE):
            return


class _RunRelay:
    """Handles the frames and the output of a child until its end."""

    def __init__(
        self, child: Child, run: Run, log: RunLog, on_progress: Callable[[float], None], received: ReceivedValues
    ) -> None:
        self._child = child
        self._run = run
        self._log = log
        self._on_progress = on_progress
        self._received = received
        self._outcome: Outcome | None = None
        self._lines: dict[Any, Lines] = {
            stream: Lines(partial(log.output, level)) for stream, level in child.streams.items()
        }
        self._open: list[Any] = [child.wire, *child.streams]

    def outcome(self, job: Iterator[Piece]) -> Outcome | None:
        """The outcome of a job; None if the child died before."""
        with contextlib.suppress(OSError):  # the child has ended already, and its exit code says why
            self._child.wire.send(Kind.SETUP, pickle.dumps(self._child.setup))
            for kind, content in job:
                self._child.wire.send(kind, content)
        self._child.has_job.set()
        self._relay()
        self._child.end_processes()  # also those that the child has started, which could go on printing
        while self._child.wire in self._ready(0):
            self._read_frame()
        for stream, lines in self._lines.items():
            if stream in self._ready(0):
                self._read_output(stream)
            lines.end()
        self._log.end()
        return self._outcome

    def _relay(self) -> None:
        """Handle frames and output until the child has ended, or until `_GRACE` seconds after its outcome."""
        end: float | None = None
        while True:
            ready = self._ready(end and max(0, end - time.monotonic()))
            if not ready or self._child.sentinel in ready:
                return
            for source in ready:
                if source is self._child.wire:
                    self._read_frame()
                else:
                    self._read_output(source)
            if end is None and self._outcome is not None:
                end = time.monotonic() + _GRACE

    def _ready(self, timeout: float | None) -> list[Any]:
        """The sources that can be read, the child's sentinel included; empty after the timeout in seconds."""
        return wait([*self._open, self._child.sentinel], timeout)

    def _read_output(self, stream: Any) -> None:  # noqa: ANN401 - one of the child's
        content = os.read(stream.fileno(), _MAX_READ)
        self._lines[stream].feed(content)
        if not content:
            self._open.remove(stream)

    def _read_frame(self) -> None:
        try:
            kind, content = self._child.wire.receive()
        except EOFError:
            self._open.remove(self._child.wire)
            return
        if kind is Kind.PROGRESS:
            self._on_progress(progress.read(content))
        elif kind is Kind.POINTS:
            self._run.reports.extend(progress.read_points(content))
        elif kind is Kind.BEST:
            self._run.reports.best = OnePiece(content)
        elif kind is Kind.RECORD:
            for record in pickle.loads(content):  # noqa: S301 - from a child of this process
                self._log.record(*record)
        elif kind is Kind.USAGE:
            self._run.facts.usage = usage.read(content)
        elif kind is Kind.FAILURE:
            self._outcome = Outcome(failure=pickle.loads(content))  # noqa: S301
        elif kind is Kind.VALUE:
            self._outcome = Outcome(self._value(content))
        else:
            self._received.add(kind, content)

    def _value(self, skeleton: bytearray) -> Any:  # noqa: ANN401 - the job's own
        try:
            return self._received.value(skeleton)
        except Exception as error:  # a user's `__setstate__` may raise anything
            raise EngineError(f"The result cannot be unpickled: {type(error).__name__}: {error}") from error
