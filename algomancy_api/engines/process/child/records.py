"""Log records sent to the parent: each at once, but many of them together."""

import contextlib
import logging
import os
import pickle
import threading
import time

from ..transport.frames import Kind, Wire

#: Seconds: longest time that records wait for others.
_INTERVAL = 0.05

#: Records: sent at once in each interval. A process that dies takes only later ones of its last interval along.
_AT_ONCE = 20

#: Records: most that wait. The thread that logs one more sends them, and waits for the parent if that is slower.
_MOST_WAITING = 1_000


class RecordSender(logging.Handler):
    """Sends log records to the parent, for which a thousand frames take many times as long as one."""

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self._wire = wire
        self._process = os.getpid()
        self._waiting: list[tuple[int, str, str]] = []
        self._began = 0.0
        self._sent = 0
        self._has_records = threading.Event()
        self._thread: threading.Thread | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Send a record as level, logger and text, its traceback included. The caller has the handler's lock."""
        if self._process != os.getpid():  # forked by the algorithm: it has no thread, and these records are not its own
            self._process, self._thread, self._waiting = os.getpid(), None, []
        self._waiting.append((record.levelno, record.name, self.format(record)))
        now = time.monotonic()
        if now - self._began > _INTERVAL:
            self._began, self._sent = now, 0
        self._sent += 1
        if self._sent <= _AT_ONCE or len(self._waiting) >= _MOST_WAITING:
            self._send()
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._send_later, name="algomancy-api records", daemon=True)
            self._thread.start()
        self._has_records.set()

    def flush(self) -> None:
        """Send the records that wait."""
        self.acquire()
        try:
            self._send()
        finally:
            self.release()

    def _send_later(self) -> None:
        while self._has_records.wait():
            time.sleep(_INTERVAL)
            self._has_records.clear()
            self.flush()

    def _send(self) -> None:
        records, self._waiting = self._waiting, []
        if records:
            with contextlib.suppress(OSError):  # the parent died: this process is about to be killed
                self._wire.send(Kind.RECORD, pickle.dumps(records))
