"""What is told of a run by the worker that it is on."""

import contextlib
import logging
from collections.abc import Callable
from typing import Any

from ..process.output import RunLog
from ..run import Run


class RunEvents:
    """Takes what is told of a run: its beginning, its progress, its output.

    Args:
        run: The run.
        time_limit: How long it may take if it has no limit of its own, in seconds, once it has begun.
        show: Is told its progress, from 0 to 100.
    """

    def __init__(self, run: Run, time_limit: float | None, show: Callable[[float], None]) -> None:
        self._run = run
        self._time_limit = time_limit
        self._show = show
        self._log = RunLog(run.scenario_id)
        self._limit = contextlib.ExitStack()
        self._has_begun = False

    @property
    def level(self) -> int:
        """The least level that anybody wants to hear of."""
        return self._log.level

    def take(self, news: dict[str, Any]) -> None:
        """Take what a `remote.Teller` tells."""
        if "progress" in news:
            self._show(news["progress"])
        elif "lines" in news:
            for level, text in news["lines"]:
                self._log.line(level, text)
            if news["dropped"]:
                self._log.line(logging.WARNING, f"{news['dropped']} more lines were too many at once")
        elif not self._has_begun:
            self._has_begun = True
            self._limit.enter_context(self._run.limited(self._time_limit))

    def begin_again(self) -> None:
        """The run begins anew; the time that it has taken counts."""
        self._show(0)

    def end(self) -> None:
        """The run has ended."""
        self._limit.close()
