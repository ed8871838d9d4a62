"""The events of a run, received from its worker."""

import contextlib
import logging
from collections.abc import Callable
from typing import Any

from ..process.output import RunLog
from ..run import Run


class RunEvents:
    """Handles the events of a run: its start, its progress, its output.

    Args:
        run: The run.
        time_limit: Seconds from the start: time limit of a run that has none of its own; None for no limit.
        on_progress: A callback for the progress, from 0 to 100.
    """

    def __init__(self, run: Run, time_limit: float | None, on_progress: Callable[[float], None]) -> None:
        self._run = run
        self._time_limit = time_limit
        self._on_progress = on_progress
        self._log = RunLog(run.scenario_id)
        self._limit = contextlib.ExitStack()
        self._has_begun = False

    @property
    def level(self) -> int:
        """The lowest level that is logged."""
        return self._log.level

    def take(self, event: dict[str, Any]) -> None:
        """Handle an event that `worker_task` sent."""
        if "progress" in event:
            self._on_progress(event["progress"])
        elif "lines" in event:
            for level, text in event["lines"]:
                self._log.line(level, text)
            if event["dropped"]:
                self._log.line(logging.WARNING, f"{event['dropped']} more lines were dropped: too many at once")
        elif not self._has_begun:
            self._has_begun = True
            self._limit.enter_context(self._run.limited(self._time_limit))

    def restart(self) -> None:
        """Set the progress to 0 for a second attempt; the time limit still counts from the first start."""
        self._on_progress(0)

    def end(self) -> None:
        """Stop the clock of the time limit."""
        self._limit.close()
