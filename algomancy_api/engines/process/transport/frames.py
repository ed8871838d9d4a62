"""Frames over the socket between a parent and its child: a kind, a length, the content."""

import socket
import threading
from enum import IntEnum, auto
from struct import Struct

_HEADER = Struct("!BQ")

type Bytes = bytes | bytearray | memoryview


class Kind(IntEnum):
    """The kind of a frame."""

    #: The pieces of a value, made in `values`; the last one is its pickle.
    BUFFER = auto()
    ARRAY = auto()
    ITEMS = auto()
    #: After the buffers of a value: those that are in a file.
    MAPPED = auto()
    VALUE = auto()
    #: A pickled `errors.Failure`, in place of a value.
    FAILURE = auto()
    #: From the parent: the pickled `child.setup.Setup`, before the job; a request to stop, with the reason.
    SETUP = auto()
    STOP = auto()
    #: From the child: the progress of the run; log records.
    PROGRESS = auto()
    RECORD = auto()
    #: From the child, before the result or failure: what the run has used, made in `usage`.
    USAGE = auto()
    #: From the parent: a request to end with what there is. It is empty.
    ASK = auto()
    #: From the child: points that were reported; the last result that was.
    POINTS = auto()
    BEST = auto()


class Wire:
    """One end of the connection. Several threads may send, and one receives."""

    def __init__(self, end: socket.socket) -> None:
        self._socket = end
        self._sending = threading.Lock()

    def fileno(self) -> int:
        """The file descriptor, for `multiprocessing.connection.wait`."""
        return self._socket.fileno()

    def send(self, kind: Kind, content: Bytes) -> None:
        """Send a frame; blocks while the other end does not receive.

        Raises:
            OSError: The other end is closed.
        """
        with self._sending:
            self._send(kind, content)

    def send_unless_busy(self, kind: Kind, content: Bytes) -> None:
        """Send a frame, unless another thread is sending one.

        Raises:
            OSError: The other end is closed.
        """
        if self._sending.acquire(blocking=False):
            try:
                self._send(kind, content)
            finally:
                self._sending.release()

    def _send(self, kind: Kind, content: Bytes) -> None:
        self._socket.sendall(_HEADER.pack(kind, memoryview(content).nbytes))
        self._socket.sendall(content)

    def receive(self) -> tuple[Kind, bytearray]:
        """The next frame; blocks until it is complete.

        Raises:
            EOFError: The other end is closed.
        """
        kind, size = _HEADER.unpack(self._bytes(_HEADER.size))
        return Kind(kind), self._bytes(size)

    def close(self) -> None:
        """Close this end."""
        self._socket.close()

    def _bytes(self, size: int) -> bytearray:
        # Received into one buffer: no copy, and the interpreter is released meanwhile.
        content = bytearray(size)
        rest = memoryview(content)
        while rest:
            try:
                received = self._socket.recv_into(rest)
            except ConnectionError as error:
                raise EOFError from error
            if not received:
                raise EOFError
            rest = rest[received:]
        return content
