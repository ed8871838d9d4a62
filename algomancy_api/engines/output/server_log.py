"""The output of a run in the server's log, at a limited rate."""

import logging
import time

from ..log_lines import one_line

_logger = logging.getLogger("algomancy_api.engines")

#: Lines: the most that one run has in the server's log in a second.
_MOST_PER_SECOND = 200


class ServerLog:
    """Lines of the logger ``algomancy_api.engines`` that begin with the id of a scenario.

    Not more than `_MOST_PER_SECOND` lines are logged in a second, and then one with the number of the others.

    Args:
        name: The id of the scenario, or another name.
    """

    def __init__(self, name: str) -> None:
        self._name = one_line(name)
        self._since = -1.0
        self._left = 0
        self._left_out = 0

    @property
    def level(self) -> int:
        """The lowest level that is logged."""
        return _logger.getEffectiveLevel()

    def add(self, level: int, lines: bytes) -> None:
        """Log lines, joined by line feeds."""
        if not _logger.isEnabledFor(level):
            return
        now = time.monotonic()
        if self._since < 0 or now - self._since >= 1:
            self.flush()
            self._since, self._left = now, _MOST_PER_SECOND
        found = lines.split(b"\n", self._left)
        logged, rest = found[: self._left], found[self._left :]
        for line in logged:
            self._log(level, line.decode(errors="backslashreplace"))
        self._left -= len(logged)
        self._left_out += sum(line.count(b"\n") + 1 for line in rest)

    def skip(self, count: int) -> None:
        """Note that lines were left out before they came here."""
        self._left_out += count

    def flush(self) -> None:
        """Log how many lines were left out."""
        if self._left_out:
            self._log(logging.WARNING, f"{self._left_out:,} more lines: at most {_MOST_PER_SECOND} a second are logged")
            self._left_out = 0

    def _log(self, level: int, text: str) -> None:
        _logger.log(level, "[%s] %s", self._name, one_line(text))
