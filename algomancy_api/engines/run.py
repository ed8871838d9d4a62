"""One run of a scenario, its time limit, its cancellation, and its early end with what it has.

A thread cannot be stopped from outside, so a stop is a request, with its reason, and the work checks for it. An engine
that can do more registers how with `Run.stopping_by`. A run that was asked to stop before its end counts as stopped.

`Run.ask_to_end` only asks: the result that the work then ends with counts. Work that goes on beyond a grace period is
stopped, and the last result that it has reported counts.
"""

import math
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from .options import GRACE, RunFacts, is_time_limit
from .output import KeptOutput
from .reports import Reports

#: The reason of a run that a client cancelled.
CANCELLED = "Cancelled"

#: The reason of a run that was to end with what it had. It is the error if it had nothing.
UNSOLVED = "stopped before the first solution"


class RunStopped(BaseException):
    """The run was asked to stop.

    Not an `Exception`, like `asyncio.CancelledError`: an algorithm that catches the exceptions of its steps and goes
    on must not catch this one.

    Args:
        reason: Why, for the client.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Run:
    """One run of a scenario, from the queue to its end.

    Args:
        scenario_id: The id of the scenario.
        time_limit: Seconds: time limit of the work, retries included; None for the engine's default.
        retries: How often the work is repeated after its process or its worker has died.
        sender: Who asks for it; None for nobody.
        keeps_best: Whether the run is asked to end with what it has at its time limit, and not stopped.
        reports: What the work reports.

    Raises:
        ValueError: The limit is not a positive number of seconds.

    Attributes:
        output: What is kept of its output; None to keep nothing.
        progress: The progress of the work, from 0 to 100, for its reports.
    """

    def __init__(
        self,
        scenario_id: str,
        time_limit: float | None = None,
        retries: int = 0,
        sender: str | None = None,
        keeps_best: bool = False,
        *,
        reports: Reports | None = None,
    ) -> None:
        if not is_time_limit(time_limit):
            raise ValueError(f"a time limit must be None or a positive number of seconds; got {time_limit!r}")
        self.scenario_id = scenario_id
        self.time_limit = time_limit
        self.retries = retries
        self.sender = sender
        self.facts = RunFacts()
        self.reports = reports or Reports()
        self.output: KeptOutput | None = None
        self.progress = 0.0
        self.is_abandoned = self._is_asked = self._has_ended = False
        self._keeps_best_at_limit = keeps_best
        self._lock = threading.Lock()
        self._reason: str | None = None
        self._began: float | None = None
        self._process = 0
        self._deadline: float | None = None
        self._stop_work: Callable[[], None] | None = None
        self._ask_work: Callable[[], None] | None = None
        self._grace: threading.Timer | None = None
        self._grace_ends = math.inf

    @property
    def should_stop(self) -> bool:
        """Whether the run was asked to stop."""
        return self._reason is not None

    @property
    def reason(self) -> str:
        """Why the run was asked to stop; empty if it was not."""
        return self._reason or ""

    @property
    def is_asked(self) -> bool:
        """Whether the run was asked to end with what it has."""
        return self._is_asked

    @property
    def should_end(self) -> bool:
        """Whether the run was asked to end with what it has, or to stop."""
        return self._is_asked or self._reason is not None

    @property
    def has_given_up(self) -> bool:
        """Whether the run was stopped because it did not end by itself: its last reported result counts."""
        return self._reason == UNSOLVED and not self.is_abandoned

    def raise_if_stopped(self) -> None:
        """Raise `RunStopped` if the run was asked to stop."""
        if self._reason is not None:
            raise RunStopped(self._reason)

    def stop(self, reason: str) -> bool:
        """Ask the run to stop; the first reason counts, but for `UNSOLVED`. False if the run has ended already."""
        with self._lock:
            if self._has_ended:
                return False
            is_first = self._reason in (None, UNSOLVED)
            if is_first:
                self._reason = reason
            stop_work = self._stop_work if is_first else None
        if stop_work is not None:
            stop_work()
        return True

    def ask_to_end(self, grace: float | None) -> bool:
        """Ask the run to end with what it has. False if it has ended already.

        Args:
            grace: Seconds: the run is stopped if it has not ended then; None to leave that to the caller. Of several
                calls, the earliest end counts.
        """
        with self._lock:
            if self._has_ended:
                return False
            ask_work = None if self._is_asked or self._reason is not None else self._ask_work
            self._is_asked = True
            if grace is not None and self._reason is None:
                self._end_grace_after(grace)
        if ask_work is not None:
            ask_work()
        return True

    def give_up(self) -> None:
        """Stop the run, whose last reported result counts."""
        with self._lock:
            if self._has_ended or self._reason is not None:
                return
            self._is_asked, self._reason = True, UNSOLVED
            stop_work = self._stop_work
        if stop_work is not None:
            stop_work()

    def report(self, *result: Any, **values: Any) -> None:  # noqa: ANN401 - those of `Reports.record`
        """Take a report of the work, from any thread; before and after the run, it is dropped."""
        # A process that the algorithm forked has a copy of this run, and perhaps a lock that nobody releases.
        if self._began is not None and not self._has_ended and os.getpid() == self._process:
            self.reports.record(time.monotonic() - self._began, self.progress, *result, **values)

    def abandon(self, reason: str) -> None:
        """Stop the run at once for a reason outside the scenario, which then counts as not run."""
        with self._lock:
            if self._has_ended:
                return
            self.is_abandoned, self._reason = True, self._reason or reason
            stop_work = self._stop_work
        if stop_work is not None:
            stop_work()

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """A context for the work, in which this is the `current` run.

        Raises:
            RunStopped: The run was asked to stop before the end of the context; replaces any exception of the work. Not
                for a run that has given up, if its work has ended without an exception.
        """
        token = _current.set(self)
        self._began, self._process = time.monotonic(), os.getpid()
        try:
            self.raise_if_stopped()
            yield
        except BaseException:
            self._end()
            self.raise_if_stopped()
            raise
        else:
            self._end()
            if not self.has_given_up:
                self.raise_if_stopped()
        finally:
            _current.reset(token)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """A context in which this is the only run of the process, and so the `current` one of all of its threads."""
        global _only
        _only = self
        try:
            yield
        finally:
            _only = None

    @contextmanager
    def limited(self, default: float | None = None) -> Iterator[None]:
        """A context that asks the run to stop, or to end with what it has, after its time limit.

        The limit counts from the first of these contexts.

        Args:
            default: Seconds: limit of a run that has none of its own; None for no limit.
        """
        limit = default if self.time_limit is None else self.time_limit
        if limit is None:
            yield
            return
        reason = f"Timed out after {repr(float(limit)).removesuffix('.0')} s"
        if self._deadline is None:
            self._deadline = time.monotonic() + limit
        left = max(self._deadline - time.monotonic(), 0)
        timer = _started_timer("time limit", left, lambda: self._time_is_up(reason))
        try:
            yield
        finally:
            timer.cancel()

    @contextmanager
    def stopping_by(self, stop_work: Callable[[], None], ask_work: Callable[[], None] | None = None) -> Iterator[None]:
        """A context in which requests are passed on to the work, on the threads that make them.

        Args:
            stop_work: Called for the first stop, once more for a stop of a run that has given up, and for each
                `abandon`.
            ask_work: Called once if the run is, or was, asked to end with what it has.

        Raises:
            RunStopped: The run was asked to stop before.
        """
        with self._lock:
            self.raise_if_stopped()
            self._stop_work, self._ask_work = stop_work, ask_work
            is_asked = self._is_asked
        try:
            if is_asked and ask_work is not None:
                ask_work()
            yield
        finally:
            with self._lock:
                self._stop_work = self._ask_work = None

    @staticmethod
    def current() -> Run | None:
        """The run of the current context, or the only one of the process; None if there is neither."""
        return _current.get() or _only

    def _end(self) -> None:
        with self._lock:
            self._has_ended = True
            if self._grace is not None:
                self._grace.cancel()

    def _time_is_up(self, reason: str) -> None:
        if self._is_asked:
            self.give_up()
        elif self._keeps_best_at_limit:
            self.ask_to_end(GRACE)
        else:
            self.stop(reason)

    def _end_grace_after(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        if end < self._grace_ends:
            if self._grace is not None:
                self._grace.cancel()
            self._grace_ends = end
            self._grace = _started_timer("grace", seconds, self.give_up)


_current: ContextVar[Run | None] = ContextVar("current run", default=None)
_only: Run | None = None


def _started_timer(name: str, seconds: float, call: Callable[[], object]) -> threading.Timer:
    timer = threading.Timer(min(seconds, threading.TIMEOUT_MAX), call)
    timer.name, timer.daemon = f"algomancy-api {name}", True
    timer.start()
    return timer
