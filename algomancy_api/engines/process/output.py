"""What a child prints and logs, in the log of its parent."""

import logging
from collections.abc import Callable

from ..log_lines import one_line

_logger = logging.getLogger("algomancy_api.engines")

#: How many bytes of a line are one line of the log.
_LONGEST = 8_192


class RunLog:
    """The log of one run: lines of the logger ``algomancy_api.engines`` that begin with the scenario's id.

    Args:
        scenario_id: Whose run it is.
    """

    def __init__(self, scenario_id: str) -> None:
        self._id = one_line(scenario_id)

    @property
    def level(self) -> int:
        """The least level that anybody wants to hear of."""
        return _logger.getEffectiveLevel()

    def line(self, level: int, text: str) -> None:
        """Log a line of output."""
        _logger.log(level, "[%s] %s", self._id, one_line(text))

    def record(self, level: int, name: str, text: str) -> None:
        """Log what the child has logged to the logger of that name."""
        for line in text.splitlines() or [""]:
            self.line(level, f"{name}: {line}")


class Lines:
    """Cuts a stream of bytes into lines of text, whatever the bytes are and however long a line is.

    Args:
        take: Gets each line.
    """

    def __init__(self, take: Callable[[str], None]) -> None:
        self._take = take
        self._rest = b""

    def feed(self, content: bytes) -> None:
        """More of the stream."""
        *lines, self._rest = (self._rest + content).split(b"\n")
        for line in lines:
            self._cut(line)
        if len(self._rest) >= _LONGEST:
            self.end()

    def end(self) -> None:
        """What there is of a last line."""
        if self._rest:
            self._cut(self._rest)
            self._rest = b""

    def _cut(self, line: bytes) -> None:
        for start in range(0, len(line) or 1, _LONGEST):
            self._take(line[start : start + _LONGEST].removesuffix(b"\r").decode(errors="backslashreplace"))
