"""The output and log records of a child, as its parent takes them."""

import logging
import time

from ..output.kept import KeptOutput
from ..output.lines import record_lines
from ..output.pages import LOG, STDERR, STDOUT
from ..output.server_log import ServerLog

#: The number of a child's stream by the level at which its lines are logged.
_STREAMS = {logging.INFO: STDOUT, logging.WARNING: STDERR}


class RunLog:
    """The log of one run: the output that is kept of it, and its lines in the server's log.

    Args:
        scenario_id: The id of the scenario.
        kept: What is kept of the output; None to keep nothing.
    """

    def __init__(self, scenario_id: str, kept: KeptOutput | None = None) -> None:
        self._server_log = ServerLog(scenario_id)
        self._kept = kept

    @property
    def level(self) -> int:
        """The lowest level that a child sends: that of the server's log, and INFO at least if the output is kept."""
        logged = self._server_log.level
        return logged if self._kept is None else min(logged, logging.INFO)

    def output(self, level: int, lines: bytes) -> None:
        """Take complete lines of a stream of the child, joined by line feeds."""
        self.take(time.time(), _STREAMS[level], level, lines)

    def record(self, level: int, name: str, text: str) -> None:
        """Take a record of the child's logger of that name."""
        self.take(time.time(), LOG, level, record_lines(name, text))

    def take(self, moment: float, stream: int, level: int, lines: bytes) -> None:
        """Take lines of a stream, joined by line feeds, that were read at a moment."""
        self._server_log.add(level, lines)
        if self._kept is not None:
            self._kept.add(moment, stream, level, lines)

    def skip(self, count: int) -> None:
        """Note that lines are missing before the next one."""
        self._server_log.skip(count)
        if self._kept is not None:
            self._kept.skip(count)

    def end(self) -> None:
        """Note that there are no more lines."""
        self._server_log.flush()
