"""The limit of concurrent runs."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from ..run import Run


class Slots:
    """The slots for concurrent runs, in all sessions of an app, and the set of runs to end at a stop.

    Args:
        count: The number of slots.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._free = count
        self._closed: str | None = None
        self._runs: set[Run] = set()
        self._waiting: deque[Run] = deque()
        self._changed = threading.Condition()

    @contextmanager
    def registered(self, run: Run) -> Iterator[None]:
        """A context in which `close` abandons the run.

        Raises:
            RunStopped: The slots are closed.
        """
        with self._changed:
            if self._closed is not None:
                run.abandon(self._closed)
                run.raise_if_stopped()
            self._runs.add(run)
        try:
            yield
        finally:
            with self._changed:
                self._runs.discard(run)
                self._changed.notify_all()

    @contextmanager
    def acquired(self, run: Run) -> Iterator[None]:
        """A context in which the run has a slot; waits until one is free, and all that came before have theirs.

        Raises:
            RunStopped: The run was asked to stop before it got a slot.
        """
        with run.stopping_by(self._wake, run.give_up), self._changed:
            self._waiting.append(run)
            try:
                self._changed.wait_for(lambda: (self._free and self._waiting[0] is run) or run.should_stop)
                run.raise_if_stopped()
                self._free -= 1
            finally:
                self._waiting.remove(run)
                self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._changed.notify_all()

    @property
    def in_use(self) -> int:
        """The number of slots in use."""
        return self.count - self._free

    def open(self) -> None:
        """Accept runs again after a `close`."""
        with self._changed:
            self._closed = None

    def close(self, reason: str, timeout: float) -> None:
        """Abandon all present and future runs, and wait for the end of the present ones.

        Args:
            reason: Why.
            timeout: Seconds: longest wait.
        """
        with self._changed:
            self._closed = reason
            runs = list(self._runs)
        for run in runs:
            run.abandon(reason)
        with self._changed:
            self._changed.wait_for(lambda: self._runs.isdisjoint(runs), timeout)

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()
