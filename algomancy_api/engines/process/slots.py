"""How many runs there are at once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ..run import Run


class Slots:
    """As many places as there may be runs at once, in all sessions of an app, and who is about.

    Args:
        count: How many.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._free = count
        self._closed: str | None = None
        self._runs: set[Run] = set()
        self._changed = threading.Condition()

    @contextmanager
    def known(self, run: Run) -> Iterator[None]:
        """The time in which a run is abandoned where this is closed.

        Raises:
            RunStopped: It is.
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
    def taken(self, run: Run) -> Iterator[None]:
        """A place for a run, which waits until one is free.

        Raises:
            RunStopped: The run was asked to stop meanwhile.
        """
        with run.stopping_by(self._wake), self._changed:
            self._changed.wait_for(lambda: self._free or run.should_stop)
            run.raise_if_stopped()
            self._free -= 1
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._changed.notify_all()

    @property
    def in_use(self) -> int:
        """How many of the places are taken."""
        return self.count - self._free

    def open(self) -> None:
        """Let runs be known again after a `close`."""
        with self._changed:
            self._closed = None

    def close(self, reason: str, patience: float) -> None:
        """Abandon every run, from now on too, and wait for those of now, for so many seconds at most."""
        with self._changed:
            self._closed = reason
            runs = list(self._runs)
        for run in runs:
            run.abandon(reason)
        with self._changed:
            self._changed.wait_for(lambda: self._runs.isdisjoint(runs), patience)

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()
