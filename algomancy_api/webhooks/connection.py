"""One request to one of some addresses, with a time limit for the whole of it.

The time limits of a socket count from one byte to the next, so a receiver that sends a byte now and then would hold a
try for ever. Here each operation gets what is left of the whole.
"""

import io
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from http.client import HTTPConnection
from typing import Any, Final, NamedTuple

from .addresses import Address
from .target import Target

#: Bytes: the most that is read of a response.
MOST: Final = 64 * 1024

#: Seconds: the most for the connection, of the time limit of a try; and for the body of a response, whose status is
#: known by then.
_CONNECTING = 5
_READING_BODY = 1


class AnswerTooLong(Exception):
    """The head of a response does not end in `MOST` bytes."""


class Answer(NamedTuple):
    """What is known of a response.

    Attributes:
        status: Its status.
        retry_after: Its header `Retry-After`, if it has one.
    """

    status: int
    retry_after: str | None


def post(
    target: Target,
    addresses: Sequence[Address],
    body: bytes,
    headers: Mapping[str, str],
    *,
    seconds: float,
    context: ssl.SSLContext | None = None,
) -> Answer:
    """Send a POST to the first of some addresses that can be connected to.

    Redirects are not followed, and no proxy is used.

    Args:
        target: The parts of the URL. The certificate must be of its host, whatever the address is.
        addresses: The addresses of its host.
        body: The body.
        headers: The headers, with `Host`.
        seconds: The time limit.
        context: How a certificate is checked; by the system's authorities unless it is given.

    Raises:
        OSError: There is no connection, it was lost, or the time limit is over (`TimeoutError`).
        http.client.HTTPException: The response is no HTTP.
        AnswerTooLong: Its head does not end.
    """
    deadline = _Deadline(seconds)
    plain = _connected(addresses, _Deadline(min(_CONNECTING, seconds)))
    with _over_tls(plain, target, deadline, context) if target.is_tls else plain as connection:
        timed: Any = _TimedSocket(connection, deadline)
        client = HTTPConnection(target.host, target.port)
        client.sock = timed
        client.request("POST", target.path, body, headers)
        response = client.getresponse()
        deadline.shorten(_READING_BODY)
        with suppress(Exception):  # a receiver that is cut off in the middle of its response takes that for an error
            while response.read(MOST):
                pass
        return Answer(response.status, response.getheader("Retry-After"))


class _Deadline:
    """The end of a time limit."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def shorten(self, seconds: float) -> None:
        """Let it end after some seconds, if it would end later."""
        self._end = min(self._end, time.monotonic() + seconds)

    def remaining(self) -> float:
        """The seconds that are left.

        Raises:
            TimeoutError: None are.
        """
        if (left := self._end - time.monotonic()) <= 0:
            raise TimeoutError("the time limit is over")
        return left


def _connected(addresses: Sequence[Address], deadline: _Deadline) -> socket.socket:
    failure: OSError = OSError("there is no address")
    for number, address in enumerate(addresses):
        try:
            return _connected_to(address, deadline.remaining() / (len(addresses) - number))
        except OSError as error:
            failure = error
    raise failure


def _connected_to(address: Address, seconds: float) -> socket.socket:
    connection = socket.socket(address.family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        connection.settimeout(seconds)
        connection.connect(address.place)
    except BaseException:
        connection.close()
        raise
    return connection


def _over_tls(
    plain: socket.socket, target: Target, deadline: _Deadline, context: ssl.SSLContext | None
) -> socket.socket:
    try:
        plain.settimeout(deadline.remaining())
        return (context or ssl.create_default_context()).wrap_socket(plain, server_hostname=target.host)
    except BaseException:
        plain.close()
        raise


class _TimedSocket:
    """What `http.client` needs of a socket, with a deadline, and a bound on what is read."""

    def __init__(self, connection: socket.socket, deadline: _Deadline) -> None:
        self._connection = connection
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        """Send all of it."""
        left = memoryview(data)
        while left:
            self._connection.settimeout(self._deadline.remaining())
            left = left[self._connection.send(left) :]

    def makefile(self, _mode: str) -> io.BufferedReader:
        """A file to read the response from."""
        return io.BufferedReader(_Reader(self._connection, self._deadline))

    def close(self) -> None:
        """Leave the connection open, which its context closes."""


class _Reader(io.RawIOBase):
    """The bytes of a response."""

    def __init__(self, connection: socket.socket, deadline: _Deadline) -> None:
        self._connection = connection
        self._deadline = deadline
        self._left = MOST

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - as in the base class
        if not self._left:
            raise AnswerTooLong
        self._connection.settimeout(self._deadline.remaining())
        count = self._connection.recv_into(memoryview(buffer)[: self._left])
        self._left -= count
        return count
