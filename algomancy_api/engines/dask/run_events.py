"""The events of a run, received from its worker, and the requests to it."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

from ..process.output import RunLog
from ..process.transport.values import OnePiece
from ..reports import Point
from ..run import Run
from .worker_task import ask_to_end, best_of

#: Calls a function with the key of the run's task, on the worker of the run.
type OnWorker = Callable[[Callable[[str], Any]], Coroutine[Any, Any, Any]]


class RunEvents:
    """Handles the events of a run: its start, its progress, its reports, its output.

    Args:
        run: The run.
        time_limit: Seconds from the start: time limit of a run that has none of its own; None for no limit.
        on_progress: A callback for the progress, from 0 to 100.

    Attributes:
        on_worker: Calls a function on the run's worker; None while it is on none.
    """

    on_worker: OnWorker | None = None

    def __init__(self, run: Run, time_limit: float | None, on_progress: Callable[[float], None]) -> None:
        self._run = run
        self._time_limit = time_limit
        self._on_progress = on_progress
        self._log = RunLog(run.scenario_id, run.output)
        self._limit = contextlib.ExitStack()
        self._has_begun = False
        self._asking: asyncio.Task[None] | None = None

    @property
    def level(self) -> int:
        """The lowest level that is logged."""
        return self._log.level

    def take(self, event: dict[str, Any]) -> None:
        """Handle an event that `worker_task` sent."""
        if "progress" in event:
            self._on_progress(event["progress"])
        elif "points" in event:
            self._run.reports.extend(Point(*values) for values in event["points"])
        elif "lines" in event:
            if event["dropped"]:
                self._log.skip(event["dropped"])
            for moment, stream, level, lines in event["lines"]:
                self._log.take(moment, stream, level, lines)
        else:
            self._begin()

    def _begin(self) -> None:
        if not self._has_begun:
            self._has_begun = True
            self._limit.enter_context(self._run.limited(self._time_limit))
        if self._run.is_asked:  # before the run was on its worker
            self._asking = asyncio.ensure_future(self.ask_to_end())

    async def ask_to_end(self) -> None:
        """Ask the run on its worker to end with what it has."""
        if (on_worker := self.on_worker) is not None:
            with contextlib.suppress(Exception):  # the worker is gone: the run will begin again, or fail
                await on_worker(ask_to_end)

    async def fetch_best(self) -> None:
        """Fetch the last result that the run has reported."""
        if (on_worker := self.on_worker) is not None:
            with contextlib.suppress(Exception):  # the worker is gone: what was fetched before counts
                if (content := await on_worker(best_of)) is not None:
                    self._run.reports.best = OnePiece(content)

    def assign(self, worker: str) -> None:
        """Note the address of the worker that the run is sent to."""
        self._run.facts.worker = worker

    def restart(self) -> None:
        """Begin again for a second attempt, at progress 0; the time limit still counts from the first start."""
        self._on_progress(0)
        self._run.reports.restart()

    def end(self) -> None:
        """Stop the clock of the time limit, and end the log."""
        self._limit.close()
        self._log.end()
