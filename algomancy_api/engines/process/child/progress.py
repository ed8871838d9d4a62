"""How far a run is, on its way to the parent: the latest word of it, twenty times a second at most."""

import contextlib
import threading
from struct import Struct

from ..transport.frames import Kind, Wire

_NUMBER = Struct("!d")

#: The least time between two words of it, in seconds.
_PAUSE = 0.05


class Progress:
    """Tells the parent how far the run is.

    An algorithm may set its progress a million times a second: a thread of its own tells what is new.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._news = threading.Condition()
        self._latest = self._told = 0.0
        self._teller: threading.Thread | None = None
        self._has_ended = threading.Event()

    def tell(self, progress: float) -> None:
        """The progress is that, from 0 to 100."""
        with self._news:
            self._latest = float(progress)
            if self._teller is None:
                self._teller = threading.Thread(target=self._tell_on, name="algomancy-api progress", daemon=True)
                self._teller.start()
            self._news.notify()

    def end(self) -> None:
        """Tell the last of it."""
        self._has_ended.set()
        with self._news:
            self._news.notify()
        if self._teller is not None:
            self._teller.join()
        self._send()

    def _tell_on(self) -> None:
        while not self._has_ended.is_set():
            with self._news:
                self._news.wait_for(lambda: self._latest != self._told or self._has_ended.is_set())
            with contextlib.suppress(OSError):  # the parent is gone, and so is this process in a moment
                self._send()
            self._has_ended.wait(_PAUSE)

    def _send(self) -> None:
        latest = self._latest
        if latest != self._told:
            self._told = latest
            self._wire.send(Kind.PROGRESS, _NUMBER.pack(latest))


def read(content: bytes | bytearray) -> float:
    """The progress, from its frame."""
    [progress] = _NUMBER.unpack(content)
    return float(progress)
