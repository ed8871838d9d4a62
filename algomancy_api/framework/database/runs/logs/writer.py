"""The thread that writes the logs of runs that go on."""

import logging
import threading
import time
from contextlib import suppress

from ....session.closing import Closing
from .growing import GrowingLog

_logger = logging.getLogger("algomancy_api")

#: Seconds: between two writes.
_PAUSE = 1.0

#: How many times as long as the writes take the pause is at least, so that they take a tenth of the time at most.
_SHARE = 10

#: Seconds: the longest pause.
_LONGEST_PAUSE = 60.0


class LogWriter:
    """Writes the new lines of logs about every second, on a thread that ends when there is no log."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._closing = Closing()
        self._logs: dict[str, GrowingLog] = {}
        self._thread: threading.Thread | None = None

    def add(self, log: GrowingLog) -> None:
        """Write a log from now on, in place of a former one of the scenario."""
        with self._lock:
            self._logs[log.scenario_id] = log
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="algomancy-api run logs", daemon=True)
                try:
                    self._thread.start()
                except RuntimeError:  # too many threads: it is stored at its end
                    self._thread = None

    def find(self, scenario_id: str) -> GrowingLog | None:
        """The log of a scenario; None if it has not been added, or was removed."""
        return self._logs.get(scenario_id)

    def remove(self, log: GrowingLog) -> None:
        """Write a log no more."""
        with self._lock:
            if self._logs.get(log.scenario_id) is log:
                del self._logs[log.scenario_id]

    def write(self, log: GrowingLog) -> bool:
        """Write what is new in a log. False if it cannot be written, or the database is closed."""
        with self._closing.writing() as is_open:
            if not is_open:
                return False
            try:
                log.write()
            except Exception as error:
                if not log.has_failed:
                    _logger.warning("The log of the scenario %r cannot be stored yet: %s", log.scenario_id, error)
                log.has_failed = True
                return False
            log.has_failed = False
            return True

    def close(self) -> None:
        """Write what is new in all logs, and then nothing more."""
        with suppress(StopIteration):  # the database does not answer
            next(log for log in self._all() if not self.write(log))
        self._closing.close()

    def open(self) -> None:
        """Write again after a `close`."""
        self._closing.open()

    def _all(self) -> list[GrowingLog]:
        with self._lock:
            return list(self._logs.values())

    def _work(self) -> None:
        pause = _PAUSE
        while self._has_work_after(pause):
            began = time.monotonic()
            for log in self._all():
                self.write(log)
            pause = min(max(_PAUSE, _SHARE * (time.monotonic() - began)), _LONGEST_PAUSE)

    def _has_work_after(self, seconds: float) -> bool:
        """Wait; False, which ends the thread, if there is no log then, or the database is closed."""
        self._closing.wait(seconds)
        with self._closing.writing() as is_open, self._lock:
            if not is_open or not self._logs:
                self._thread = None
            return self._thread is not None
