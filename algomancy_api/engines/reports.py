"""What a run reports while it is under way: a series of points, and its last result.

A solver may report a thousand times a second, so only some points are kept: the first, the last, and evenly between.
"""

import math
import threading
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

#: Points: kept of a run.
MOST_POINTS = 1_000

#: Characters: longest message of a point.
_LONGEST_MESSAGE = 500

#: Makes a result that was reported; one from another process is unpickled only now.
type KeptResult = Callable[[], Any]


class Point(NamedTuple):
    """One report of a run. Objective, bound and gap are those of the reports before it, if it has none.

    Attributes:
        seconds: The time since the start of the run.
        objective: The objective of the best solution.
        bound: The best bound on it.
        gap: The gap between them, as the algorithm counts it.
        message: What the algorithm said in this report.
        progress: The progress of the algorithm, from 0 to 100.
    """

    seconds: float
    objective: float | None
    bound: float | None
    gap: float | None
    message: str | None
    progress: float


class Reports:
    """The reports of one run. Any thread may call any method.

    Args:
        most: The number of points to keep.

    Attributes:
        latest: The last point; None before the first report.
        best: The last result that was reported; None if there is none.
        is_stopped: Whether the run ended because it was asked to end with what it had.
        on_change: Called after each report.
        fetch: Fetches the last result from where the run is, if it is not sent by itself.
    """

    def __init__(self, most: int = MOST_POINTS) -> None:
        self.latest: Point | None = None
        self.best: KeptResult | None = None
        self.is_stopped = False
        self.on_change: Callable[[], None] = _do_nothing
        self.fetch: Callable[[], None] = _do_nothing
        self._lock = threading.Lock()
        self._most = most
        self._clear()

    def record(
        self,
        seconds: float,
        progress: float,
        result: Any = None,  # noqa: ANN401 - the algorithm's own
        *,
        objective: Any = None,  # noqa: ANN401 - any number
        bound: Any = None,  # noqa: ANN401
        gap: Any = None,  # noqa: ANN401
        message: str | None = None,
    ) -> None:
        """Take a report.

        Args:
            seconds: The time since the start of the run.
            progress: The progress of the algorithm.
            result: The best result so far; None for none.
            objective: The objective of the best solution; None, here and for the others, for what it was before.
            bound: The best bound on it.
            gap: The gap between them.
            message: Anything to be shown.
        """
        given = [_finite(number) for number in (objective, bound, gap)]
        text = None if message is None else str(message)[:_LONGEST_MESSAGE]
        with self._lock:
            before = self.latest[1:4] if self.latest else (None, None, None)
            best, limit, rest = [old if new is None else new for old, new in zip(before, given, strict=True)]
            self._add(Point(seconds, best, limit, rest, text, progress))
            if result is not None:
                self.best = lambda: result
        self.on_change()

    def extend(self, points: Iterable[Point]) -> None:
        """Take points that another process has recorded."""
        with self._lock:
            for point in points:
                self._add(point)

    def points(self) -> list[Point]:
        """The points that are kept, in their order."""
        with self._lock:
            return self._all()

    def drained(self) -> list[Point]:
        """The points that are kept, which are forgotten then."""
        with self._lock:
            points = self._all()
            self._clear()
            return points

    def restart(self) -> None:
        """Forget everything: the run begins again."""
        with self._lock:
            self.latest = self.best = None
            self._clear()

    def close(self) -> None:
        """Forget the result, once the run has ended."""
        self.best, self.fetch = None, _do_nothing

    def _all(self) -> list[Point]:
        is_last_kept = not self._points or self._points[-1] is self.latest
        return list(self._points) if is_last_kept else [*self._points, self.latest]  # type: ignore[list-item]

    def _add(self, point: Point) -> None:
        self.latest = point
        if self._count % self._step == 0:
            self._points.append(point)
            if len(self._points) >= self._most:
                del self._points[1::2]
                self._step *= 2
        self._count += 1

    def _clear(self) -> None:
        self._points: list[Point] = []
        self._count = 0
        self._step = 1  # every so many reports a point is kept


def _finite(value: Any) -> float | None:  # noqa: ANN401 - whatever a solver has for a number
    """A number; None for one that is not known yet, as solvers say it with an infinity or NaN."""
    number = None if value is None else float(value)
    return number if number is not None and math.isfinite(number) else None


def _do_nothing() -> None:
    """The default callback."""
