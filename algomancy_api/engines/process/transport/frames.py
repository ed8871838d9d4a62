"""Frames over a socket, between a parent and its child: a kind, a length, and so many bytes."""

import socket
import threading
from enum import IntEnum, auto
from struct import Struct

_HEADER = Struct("!BQ")

type Bytes = bytes | bytearray | memoryview


class Kind(IntEnum):
    """What a frame is."""

    #: A value, in `crossing`'s pieces; the last of them is the value itself.
    BUFFER = auto()
    ARRAY = auto()
    ITEMS = auto()
    VALUE = auto()
    #: A `errors.Failure`, in place of a value.
    FAILURE = auto()
    #: From the parent: the run is asked to stop; the reason.
    STOP = auto()
    #: From the child: the progress of the run; a record of its log.
    PROGRESS = auto()
    RECORD = auto()


class Wire:
    """One end of the line. Several threads may send; one receives."""

    def __init__(self, end: socket.socket) -> None:
        self._socket = end
        self._turn = threading.Lock()

    def fileno(self) -> int:
        """The file descriptor, to wait for."""
        return self._socket.fileno()

    def send(self, kind: Kind, content: Bytes) -> None:
        """Send a frame; waits while the other end is busy.

        Raises:
            OSError: The other end is gone.
        """
        with self._turn:
            self._send(kind, content)

    def send_unless_busy(self, kind: Kind, content: Bytes) -> None:
        """Send a frame, if there is not another in the middle of being sent.

        Raises:
            OSError: The other end is gone.
        """
        if self._turn.acquire(blocking=False):
            try:
                self._send(kind, content)
            finally:
                self._turn.release()

    def _send(self, kind: Kind, content: Bytes) -> None:
        self._socket.sendall(_HEADER.pack(kind, memoryview(content).nbytes))
        self._socket.sendall(content)

    def receive(self) -> tuple[Kind, bytearray]:
        """The next frame; waits for all of it.

        Raises:
            EOFError: The other end is gone.
        """
        kind, size = _HEADER.unpack(self._bytes(_HEADER.size))
        return Kind(kind), self._bytes(size)

    def close(self) -> None:
        """Close this end."""
        self._socket.close()

    def _bytes(self, size: int) -> bytearray:
        # Received in place: no copy, and the interpreter is free meanwhile.
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
