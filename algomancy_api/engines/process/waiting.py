"""Children that wait for a job, imported and forked, so that a run need not wait for that. Each is used once."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .child.setup import UNBOUNDED, Bounds, Setup, generators
from .child_process import Child, started_child
from .errors import EngineError

#: Children that wait where each is an interpreter of its own, which takes as much memory as the server.
_MOST_INTERPRETERS = 1


class WaitingChildren:
    """Keeps a number of children, and starts another one for each that is taken.

    Args:
        start: Starts a child.
    """

    def __init__(self, start: Callable[[], Child]) -> None:
        self._start = start
        self._changed = threading.Condition()
        self._children: deque[Child] = deque()
        self._wanted = 0
        self._has_failed = False
        self._filler: threading.Thread | None = None

    def keep(self, count: int) -> None:
        """Have so many children wait from now on, without waiting for them."""
        with self._changed:
            self._wanted = count
            if self._filler is None:
                self._filler = threading.Thread(target=self._fill, name="algomancy-api children", daemon=True)
                self._filler.start()

    def taken(self) -> Child | None:
        """One of the children, which is the caller's from now on; None if none waits."""
        while True:
            with self._changed:
                child = self._children.popleft() if self._children else None
                self._has_failed = False
                self._changed.notify_all()
            if child is None or child.is_alive():
                return child
            child.end()  # it was killed meanwhile

    def close(self) -> None:
        """End all of them."""
        with self._changed:
            self._wanted = 0
            left, self._children = self._children, deque()
            self._changed.notify_all()
        for child in left:
            child.end()

    def _fill(self) -> None:
        while self._waits_for_need():
            try:
                child = self._start()
            except EngineError:  # the next run starts its own, and reports it
                self._has_failed = True
                continue
            with self._changed:
                is_wanted = self._wanted > 0
                if is_wanted:
                    self._children.append(child)
            if not is_wanted:
                child.end()

    def _waits_for_need(self) -> bool:
        """Wait until another child is needed; False, and the end of this thread's task, if none is any more."""
        with self._changed:
            self._changed.wait_for(lambda: not self._wanted or self._needs_another())
            if self._wanted:
                return True
            self._filler = None
            return False

    def _needs_another(self) -> bool:
        most = self._wanted if all(child.is_forked for child in self._children) else _MOST_INTERPRETERS
        return not self._has_failed and len(self._children) < most


class ChildStarter:
    """Starts child processes, or takes those that wait.

    Args:
        method: ``"forkserver"`` or ``"spawn"``.
        bounds: What each of them may use.
        fixed: The states of the random number generators of the server, which has imported the same modules.
        waiting: Children that wait; None for none.
    """

    def __init__(
        self,
        method: str,
        bounds: Bounds = UNBOUNDED,
        fixed: Callable[[], generators.States] = frozenset,
        waiting: WaitingChildren | None = None,
    ) -> None:
        self._method = method
        self._bounds = bounds
        self._fixed = fixed
        self._waiting = waiting

    @contextmanager
    def child(self, level: int, seed: int) -> Iterator[Child]:
        """A child that waits for its job; the end of the context ends it, and all that it has started.

        Args:
            level: The lowest level of its log.
            seed: The seed of its random numbers.

        Raises:
            EngineError: The process could not be started.
        """
        child = (self._waiting and self._waiting.taken()) or started_child(self._method, self._bounds)
        child.setup = Setup(seed, child.folder, self._bounds, self._fixed(), level)
        try:
            yield child
        finally:
            child.end()
