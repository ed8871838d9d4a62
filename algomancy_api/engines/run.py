"""One run of a scenario: whoever wants it to end asks here, and whatever does the work looks here.

A thread cannot be stopped from outside, it can only be asked. So a stop is first of all a wish, kept with its reason;
an engine that can do more than ask says how with `Run.stopping_by`. However the work then ends, with a result or with
an error of its own, a run that was asked to stop before its end has stopped.
"""

import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

#: The reason of a run that somebody has cancelled.
CANCELLED = "Cancelled"


class RunStopped(BaseException):
    """A run was asked to stop, and why.

    It is no `Exception`, like `asyncio.CancelledError`: an algorithm that goes on after a step that has failed must
    not take this for one.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Run:
    """One run of a scenario, from its place in the queue to its end.

    Args:
        scenario_id: Whose run it is.
        time_limit: How long its work may take, in seconds; None leaves that to the engine.

    Raises:
        ValueError: The limit is not a number of seconds.
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
        """Why it was asked to stop; empty if it was not."""
        return self._reason or ""

    def raise_if_stopped(self) -> None:
        """Raise `RunStopped` if the run was asked to stop."""
        if self._reason is not None:
            raise RunStopped(self._reason)

    def stop(self, reason: str) -> bool:
        """Ask the run to stop; the first reason counts. False if it has ended: then it has not stopped."""
        with self._lock:
            if self._has_ended:
                return False
            is_first, self._reason = self._reason is None, self._reason or reason
            stop_work = self._stop_work if is_first else None
        if stop_work is not None:
            stop_work()
        return True

    def abandon(self, reason: str) -> None:
        """Stop the run at once, through no fault of the scenario's, which is then as if it had never run."""
        with self._lock:
            if self._has_ended:
                return
            self.is_abandoned, self._reason = True, self._reason or reason
            stop_work = self._stop_work
        if stop_work is not None:
            stop_work()

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """The time of the run, in which it is the `current` one.

        Raises:
            RunStopped: The run was asked to stop before the end of this time, whatever else has happened in it.
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
        """The time of the work itself, after which the run is asked to stop if that is longer than its limit.

        Args:
            default: The limit of a run that has none of its own, in seconds.
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
        """The time in which a stop is more than a wish: it calls ``stop_work``, on the thread that asks for it.

        That is once for a stop, and again for an `abandon`.

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
        """The run that this thread is at work for, if there is one."""
        return _current.get()


_current: ContextVar[Run | None] = ContextVar("current run", default=None)


def cancelled() -> bool:
    """Whether the algorithm that asks this was cancelled, or has used up its time: then it should end.

    To be asked on the thread that called its ``run``.
    """
    run = Run.current()
    return run is not None and run.should_stop


def is_time_limit(value: object) -> bool:
    """Whether a value is a time limit: a positive number of seconds, or None for no limit."""
    if value is None:
        return True
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < math.inf
