"""One job in a child, from its parent's side. It is all the same whether the parent is a server or a Dask worker."""

import contextlib
import os
import pickle
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing.connection import wait
from typing import Any, NamedTuple

from ..run import Run
from .child import progress
from .child_process import Child, ChildStarter
from .errors import EngineError, Failure, death
from .jobs import Job
from .output import Lines, RunLog
from .transport.frames import Kind
from .transport.values import Piece, ReceivedValues, pieces

#: How long a child may take for each of: to stop when it is asked to, to end when it is told to, and to end when it
#: has done its job; in seconds.
_GRACE = 1.0

#: What a pipe holds, in bytes.
_PIPE = 65_536


def run_in_child(job: Job, run: Run, starter: ChildStarter, log: RunLog, on_progress: Callable[[float], None]) -> Any:  # noqa: ANN401 - the job's own
    """The result of a job that is done in a child.

    A run that is stopped stops the child: it is asked, then told with SIGTERM, then killed; with it goes all that it
    has started.

    Args:
        job: What is to be done.
        run: Whose stop ends it.
        starter: What starts the child.
        log: Where its output goes.
        on_progress: Is told its progress, from 0 to 100, on this thread.

    Raises:
        NotPicklable: The job or its result cannot cross.
        ChildDied: The child ended before its job did.
        EngineError: The child could not be started, or its result cannot be read.
        RunStopped: The run was asked to stop before.
        Exception: What the job raised.
    """
    return outcome_in_child(job, run, starter, log, on_progress, ReceivedValues()).result()


class Outcome(NamedTuple):
    """What came of a job: a value, or a failure."""

    value: Any = None
    failure: Failure | None = None

    def result(self) -> Any:  # noqa: ANN401 - the job's own
        """The value.

        Raises:
            Exception: The failure, if it is one.
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
    arrival: ReceivedValues,
) -> Outcome:
    """What comes of a job in a child; like `run_in_child`, but with what the job has raised as a value.

    Args:
        job: As there.
        run: As there.
        starter: As there.
        log: As there.
        on_progress: As there.
        arrival: What takes the frames of the result.
    """
    frames = pieces("", job)
    with starter.child(log.level) as child, run.stopping_by(partial(_stop, child, run)):
        outcome = _RunRelay(child, log, on_progress, arrival).outcome(frames)
    if outcome is None:
        raise death(child.exit_code())
    return outcome


def _stop(child: Child, run: Run) -> None:
    if run.is_abandoned:
        child.kill()
    else:
        threading.Thread(target=_insist, args=(child, run), name="algomancy-api stop", daemon=True).start()


def _insist(child: Child, run: Run) -> None:
    for step in (partial(child.ask, run.reason), child.terminate, child.kill):
        step()
        if child.has_ended.wait(_GRACE):
            return


class _RunRelay:
    """Passes on what a child tells and prints, until it has ended."""

    def __init__(
        self, child: Child, log: RunLog, on_progress: Callable[[float], None], arrival: ReceivedValues
    ) -> None:
        self._child = child
        self._log = log
        self._on_progress = on_progress
        self._arrival = arrival
        self._outcome: Outcome | None = None
        self._lines: dict[Any, Lines] = {
            stream: Lines(partial(log.line, level)) for stream, level in child.streams.items()
        }
        self._open: list[Any] = [child.wire, *child.streams]

    def outcome(self, job: Iterator[Piece]) -> Outcome | None:
        """What came of a job; None if the child has died of it."""
        with contextlib.suppress(OSError):  # it has ended already: how, its exit code says
            for kind, content in job:
                self._child.wire.send(kind, content)
        self._relay()
        # What it has started may go on printing, but not for long.
        self._child.kill()
        while self._child.wire in self._ready(0):
            self._read_frame()
        for stream, lines in self._lines.items():
            if stream in self._ready(0):
                self._read_output(stream)
            lines.end()
        return self._outcome

    def _relay(self) -> None:
        """Pass on what comes until the child has ended, or has had the time to since its outcome is here."""
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
        """What can be read, the child's end included; empty after so many seconds."""
        return wait([*self._open, self._child.sentinel], timeout)

    def _read_output(self, stream: Any) -> None:  # noqa: ANN401 - one of the child's
        content = os.read(stream.fileno(), _PIPE)
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
        elif kind is Kind.RECORD:
            self._log.record(*pickle.loads(content))  # noqa: S301 - from a child of this process
        elif kind is Kind.FAILURE:
            self._outcome = Outcome(failure=pickle.loads(content))  # noqa: S301
        elif kind is Kind.VALUE:
            self._outcome = Outcome(self._value(content))
        else:
            self._arrival.add(kind, content)

    def _value(self, skeleton: bytearray) -> Any:  # noqa: ANN401 - the job's own
        try:
            return self._arrival.value(skeleton)
        except Exception as error:  # a user's `__setstate__` may raise anything
            raise EngineError(f"The result cannot be read here: {type(error).__name__}: {error}") from error
