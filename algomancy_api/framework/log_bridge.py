"""The framework's log messages, passed to `logging`."""

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

#: Messages: the latest that `get_logs` returns. The framework's own logger keeps all of them for ever.
_KEPT = 1_000


class LoggingBridge(Logger):
    """The framework's logger, with the logger ``algomancy_api.framework`` as its output.

    The framework's own logger prints each message. A print to a closed pipe raises, which would end the worker thread
    of a session, and with it the queue.
    """

    def __new__(cls) -> Self:
        """Create one for each app; the framework's own logger is a singleton."""
        return object.__new__(cls)

    def __init__(self) -> None:
        super().__init__()
        self._logs: Any = deque(maxlen=_KEPT)

    def log(self, message: str, status: MessageStatus = MessageStatus.INFO) -> None:
        """Keep a message and log it at the level of its status.

        Line breaks are escaped: a client's name for something must not create log lines.
        """
        self.latest_log = Message(message=message, status=status)
        self._logs.append(self.latest_log)
        _logger.log(_LEVELS[status], "%s", one_line(str(message)))

    def log_traceback(self, e: BaseException) -> None:
        """Log an exception with its traceback as one record."""
        _logger.error("%s: %s", type(e).__name__, e, exc_info=e)
