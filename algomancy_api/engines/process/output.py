"""The output and log records of a child, in the log of its parent."""

import logging
from collections.abc import Callable

from ..log_lines import one_line

_logger = logging.getLogger("algomancy_api.engines")

#: Bytes: longer lines of output become several lines of the log.
_MAX_LINE = 8_192


class RunLog:
    """The log of one run: lines of the logger ``algomancy_api.engines`` that begin with the scenario's id.

    Args:
        scenario_id: The id of the scenario.
    """

    def __init__(self, scenario_id: str) -> None:
        self._id = one_line(scenario_id)

    @property
    def level(self) -> int:
        """The lowest level that is logged."""
        return _logger.getEffectiveLevel()

    def line(self, level: int, text: str) -> None:
        """Log a line of output."""
        _logger.log(level, "[%s] %s", self._id, one_line(text))

    def record(self, level: int, name: str, text: str) -> None:
        """Log a record of the child's logger of that name."""
        for line in text.splitlines() or [""]:
            self.line(level, f"{name}: {line}")


class Lines:
    """Splits a stream of bytes into lines of text; long lines are split, and bytes that are not UTF-8 escaped.

    Args:
        take: A callback for each line.
    """

    def __init__(self, take: Callable[[str], None]) -> None:
        self._take = take
        self._rest = b""

    def feed(self, content: bytes) -> None:
        """Take the next bytes of the stream."""
        *lines, self._rest = (self._rest + content).split(b"\n")
        for line in lines:
            self._cut(line)
        if len(self._rest) >= _MAX_LINE:
            self.end()

    def end(self) -> None:
        """Flush an unfinished last line."""
        if self._rest:
            self._cut(self._rest)
            self._rest = b""

    def _cut(self, line: bytes) -> None:
        for start in range(0, len(line) or 1, _MAX_LINE):
            self._take(line[start : start + _MAX_LINE].removesuffix(b"\r").decode(errors="backslashreplace"))
