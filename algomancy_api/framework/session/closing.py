"""A close of a session, which waits for its writes."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Closing:
    """Whether a session is open, and which of its writes a close has to wait for.

    Several runs of the session write at the same time, so a lock would not do.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._is_closed = False
        self._writes = 0

    @contextmanager
    def writing(self) -> Iterator[bool]:
        """A context for a write, whose value is whether the session is open. A close waits for its end."""
        with self._changed:
            is_open = not self._is_closed
            self._writes += is_open
        try:
            yield is_open
        finally:
            with self._changed:
                self._writes -= is_open
                self._changed.notify_all()

    def close(self) -> None:
        """Close the session, and wait for the writes in progress."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._writes)

    def open(self) -> bool:
        """Open the session. Returns whether it was closed."""
        with self._changed:
            was_closed, self._is_closed = self._is_closed, False
            return was_closed

    def wait(self, seconds: float) -> None:
        """Wait for some seconds, but not beyond a close."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_closed, seconds)
