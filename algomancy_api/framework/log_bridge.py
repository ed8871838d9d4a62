"""The framework's log lines, by way of `logging`."""

import logging
from collections import deque
from typing import Any, Self

from algomancy_utils import Logger, Message, MessageStatus

from ..engines.log_lines import one_line

_logger = logging.getLogger("algomancy_api.framework")

_LEVELS = {
    MessageStatus.INFO: logging.INFO,
    MessageStatus.SUCCESS: logging.INFO,
    MessageStatus.WARNING: logging.WARNING,
    MessageStatus.ERROR: logging.ERROR,
}

#: How many messages `get_logs` can give back. The framework's own logger keeps every one for good.
_KEPT = 1_000


class LoggingBridge(Logger):
    """The framework's logger, writing to the logger ``algomancy_api.framework``.

    The framework's own prints each message, and a print to a closed pipe raises: on a session's worker
    thread that would end the queue.
    """

    def __new__(cls) -> Self:
        """One for each app; of the framework's own there is one in a process."""
        return object.__new__(cls)

    def __init__(self) -> None:
        super().__init__()
        self._logs: Any = deque(maxlen=_KEPT)

    def log(self, message: str, status: MessageStatus = MessageStatus.INFO) -> None:
        """Keep a message and hand it to `logging` at the level of its status.

        It is one line, even if it holds a name with a line break: a client's names are no log lines.
        """
        self.latest_log = Message(message=message, status=status)
        self._logs.append(self.latest_log)
        _logger.log(_LEVELS[status], "%s", one_line(str(message)))

    def log_traceback(self, e: BaseException) -> None:
        """Log an exception with its traceback as one record."""
        _logger.error("%s: %s", type(e).__name__, e, exc_info=e)
