"""What a run reports to the parent: its progress, its points and its last result, at most twenty times a second."""

import contextlib
import logging
import os
import pickle
import threading
import time
from struct import Struct

from ...reports import KeptResult, Point, Reports
from ..errors import NotPicklable
from ..transport.frames import Kind, Wire
from ..transport.values import packed

_logger = logging.getLogger(__name__)

_NUMBER = Struct("!d")

#: Seconds: shortest time between two reports; and between two results.
_INTERVAL = 0.05
_RESULT_INTERVAL = 0.25

#: Part of the time that may be spent on pickling results.
_RESULT_SHARE = 0.1

#: Points: sent at once.
MOST_POINTS = 50


class Progress:
    """Sends the reports of the run to the parent.

    An algorithm may report a million times a second, so a separate thread sends the latest.

    Args:
        wire: The connection to the parent.
        reports: The reports of the run, apart from its progress.
    """

    def __init__(self, wire: Wire, reports: Reports) -> None:
        self._wire = wire
        self._reports = reports
        self._process = os.getpid()
        self._changed = threading.Condition()
        self._has_changed = False
        self._latest = self._sent = 0.0
        self._sent_result: KeptResult | None = None
        self._next_result = 0.0
        self._sender: threading.Thread | None = None
        self._has_ended = threading.Event()
        reports.on_change = self._note_change

    def report(self, progress: float) -> None:
        """Take the present progress, from 0 to 100."""
        self._latest = float(progress)
        self._note_change()

    def end(self, *, with_result: bool) -> None:
        """Send the last reports, and the last result that was reported if it is needed."""
        self._has_ended.set()
        with self._changed:
            self._changed.notify()
        if self._sender is not None:
            self._sender.join()
        self._send()
        if with_result:
            self._send_result()

    def _note_change(self) -> None:
        if os.getpid() != self._process:
            return  # a process that the algorithm forked has no sender, and must not use the connection
        with self._changed:
            self._has_changed = True
            if self._sender is None:
                self._sender = threading.Thread(target=self._send_changes, name="algomancy-api progress", daemon=True)
                self._sender.start()
            self._changed.notify()

    def _send_changes(self) -> None:
        while not self._has_ended.is_set():
            with self._changed:
                self._changed.wait_for(lambda: self._has_changed or self._has_ended.is_set())
                self._has_changed = False
            with contextlib.suppress(OSError):  # the parent died: this process is about to be killed
                self._send()
                if time.monotonic() >= self._next_result:
                    self._send_result()
                elif self._reports.best is not self._sent_result:
                    self._has_changed = True  # it is sent when it is due
            self._has_ended.wait(_INTERVAL)

    def _send(self) -> None:
        latest = self._latest
        if latest != self._sent:
            self._sent = latest
            self._wire.send(Kind.PROGRESS, _NUMBER.pack(latest))
        if points := self._reports.drained():
            self._wire.send(Kind.POINTS, pickle.dumps([tuple(point) for point in points]))

    def _send_result(self) -> None:
        result = self._reports.best
        if result is None or result is self._sent_result:
            return
        start = time.monotonic()
        self._sent_result = result
        try:
            self._wire.send(Kind.BEST, packed("result", result()))
        except NotPicklable as error:
            _logger.warning("A reported result cannot be kept: %s", error)
        end = time.monotonic()
        self._next_result = end + max(_RESULT_INTERVAL, (end - start) / _RESULT_SHARE)


def read(content: bytes | bytearray) -> float:
    """The progress in a frame."""
    [progress] = _NUMBER.unpack(content)
    return float(progress)


def read_points(content: bytes | bytearray) -> list[Point]:
    """The points in a frame."""
    return [Point(*values) for values in pickle.loads(content)]  # noqa: S301 - from a child of this process
