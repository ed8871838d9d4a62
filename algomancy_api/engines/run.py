"""One run of a scenario, its time limit and its cancellation.

A thread cannot be stopped from outside, so a stop is a request, stored with its reason, and the work checks for it. An
engine that can do more, such as kill a process, registers how with `Run.stopping_by`. A run that was asked to stop
before its end counts as stopped, even if its work ends with a result or an error of its own.
"""

import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

#: The reason of a run that a client cancelled.
CANCELLED = "Cancelled"


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
        time_limit: Seconds: time limit of the work; None for the engine's default.

    Raises:
        ValueError: The limit is not a positive number of seconds.
    """

    def __init__(self, scenario_id: str, time_limit: float | None = None) -> None:
        if not is_time_limit(time_limit):
            raise ValueError(f"a time limit must be None or a positive number of seconds; got {time_limit!r}")
        self.scenario_id = scenario_id
        self.time_limit = time_limit
        self.is_abandoned = False
        self._lock = threading.Lock()
        self._reason: str | None = None
        self._has_ended = False
        self._stop_work: Callable[[], None] | None = None

    @property
    def should_stop(self) -> bool:
        """Whether the run was asked to stop."""
        return self._reason is not None

    @property
    def reason(self) -> str:
        """Why the run was asked to stop; empty if it was not."""
        return self._reason or ""

    def raise_if_stopped(self) -> None:
        """Raise `RunStopped` if the run was asked to stop."""
        if self._reason is not None:
            raise RunStopped(self._reason)

    def stop(self, reason: str) -> bool:
        """Ask the run to stop; the first reason counts. False if the run has ended already."""
        with self._lock:
            if self._has_ended:
                return False
            is_first, self._reason = self._reason is None, self._reason or reason
            stop_work = self._stop_work if is_first else None
        if stop_work is not None:
            stop_work()
        return True

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
            RunStopped: The run was asked to stop before the end of the context; replaces any exception of the work.
        """
        token = _current.set(self)
        try:
            self.raise_if_stopped()
            yield
        finally:
            _current.reset(token)
            with self._lock:
                self._has_ended = True
            self.raise_if_stopped()

    @contextmanager
    def limited(self, default: float | None = None) -> Iterator[None]:
        """A context that asks the run to stop after its time limit.

        Args:
            default: Seconds: limit of a run that has none of its own; None for no limit.
        """
        limit = default if self.time_limit is None else self.time_limit
        if limit is None:
            yield
            return
        reason = f"Timed out after {repr(float(limit)).removesuffix('.0')} s"
        timer = threading.Timer(min(limit, threading.TIMEOUT_MAX), self.stop, [reason])
        timer.name, timer.daemon = "algomancy-api time limit", True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    @contextmanager
    def stopping_by(self, stop_work: Callable[[], None]) -> Iterator[None]:
        """A context in which a stop also calls ``stop_work``, on the thread that asks for the stop.

        It is called once for the first stop, and for each `abandon`.

        Raises:
            RunStopped: The run was asked to stop before.
        """
        with self._lock:
            self.raise_if_stopped()
            self._stop_work = stop_work
        try:
            yield
        finally:
            with self._lock:
                self._stop_work = None

    @staticmethod
    def current() -> Run | None:
        """The run of the current context; None outside of one."""
        return _current.get()


_current: ContextVar[Run | None] = ContextVar("current run", default=None)


def cancelled() -> bool:
    """Whether the calling algorithm was cancelled or is over its time limit, and should end.

    Call it on the thread that called the algorithm's ``run``.
    """
    run = Run.current()
    return run is not None and run.should_stop


def is_time_limit(value: object) -> bool:
    """Whether a value is a time limit: a positive number of seconds, or None for no limit."""
    if value is None:
        return True
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < math.inf
