"""Progress reports of a run to the parent: the latest value, at most twenty times a second."""

import contextlib
import threading
from struct import Struct

from ..transport.frames import Kind, Wire

_NUMBER = Struct("!d")

#: Seconds: shortest time between two reports.
_INTERVAL = 0.05


class Progress:
    """Sends the progress of the run to the parent.

    An algorithm may set its progress a million times a second, so a separate thread sends the latest value.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._changed = threading.Condition()
        self._latest = self._sent = 0.0
        self._sender: threading.Thread | None = None
        self._has_ended = threading.Event()

    def report(self, progress: float) -> None:
        """Take the present progress, from 0 to 100."""
        with self._changed:
            self._latest = float(progress)
            if self._sender is None:
                self._sender = threading.Thread(target=self._send_changes, name="algomancy-api progress", daemon=True)
                self._sender.start()
            self._changed.notify()

    def end(self) -> None:
        """Send the last value."""
        self._has_ended.set()
        with self._changed:
            self._changed.notify()
        if self._sender is not None:
            self._sender.join()
        self._send()

    def _send_changes(self) -> None:
        while not self._has_ended.is_set():
            with self._changed:
                self._changed.wait_for(lambda: self._latest != self._sent or self._has_ended.is_set())
            with contextlib.suppress(OSError):  # the parent died: this process is about to be killed
                self._send()
            self._has_ended.wait(_INTERVAL)

    def _send(self) -> None:
        latest = self._latest
        if latest != self._sent:
            self._sent = latest
            self._wire.send(Kind.PROGRESS, _NUMBER.pack(latest))


def read(content: bytes | bytearray) -> float:
    """The progress in a frame."""
    [progress] = _NUMBER.unpack(content)
    return float(progress)
