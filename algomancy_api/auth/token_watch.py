"""When the file with tokens is read, so that no request is judged by a reading that is older than a second.

A thread reads it again and again, whether requests come or not. A request that finds the last reading too old waits for
another, and so does whoever comes meanwhile: there is one reading at a time, for all of them.
"""

import os
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from math import inf
from os import PathLike
from pathlib import Path
from time import monotonic

import anyio

from .token_reading import Reading, first_reading, next_reading
from .token_threads import ReadingThread, WatchThread
from .tokens import Keyring, Token

#: Seconds: longest wait of a request for a reading.
_PATIENCE = 2.0

#: Seconds: wait for a reading that is overdue already. It may be over at once, if it was the process that stood still.
_LAST_WAIT = 0.1


class _WatchOfProcess:
    """What a process has for itself, and a fork of it does not take over: threads, and a lock of theirs."""

    def __init__(self) -> None:
        self.process_id = os.getpid()
        self.lock = threading.Lock()
        self.watch: WatchThread | None = None
        self.under_way: ReadingThread | None = None


class TokensUnknown(Exception):
    """The file with tokens could not be read in time."""


class TokensWatch:
    """The tokens of a file and those of a configuration, as they were at most a second ago.

    The watch begins with `open`, or with the first request, and ends with `close`, or when nobody has this object any
    more. A process that was forked begins its own.

    Args:
        path: The file.
        others: The tokens of the configuration.

    Raises:
        ValueError: The file cannot be read, or has a mistake; the message has file and line.
    """

    def __init__(self, path: str | PathLike[str], others: Sequence[Token] = ()) -> None:
        self._path = Path(path)
        self._others = others
        self._configured = Keyring(others)
        # Too old for any request: the first one begins the watch, in the process that serves.
        self._reading = replace(first_reading(self._path, others), began=-inf)
        self._is_open = True
        self._own = _WatchOfProcess()

    def open(self) -> None:
        """Begin to watch."""
        self._is_open = True
        self.read()

    def close(self) -> None:
        """Watch no longer. A request still gets an answer, after a reading of its own."""
        own = self._of_process()
        with own.lock:
            self._is_open = False
            watch, own.watch = own.watch, None
        if watch is not None:
            watch.end()

    async def token_of(self, secret: bytes) -> Token | None:
        """The token with a secret.

        Raises:
            TokensUnknown: The file could not be read in time. A token of the configuration is found even then.
        """
        reading = self._reading
        now = monotonic()
        if now >= reading.fresh_until:
            configured = self._configured.token_of(secret)
            if configured is not None:
                if self._own.watch is None:
                    self.read()  # the first request begins the watch, whoever sent it
                return configured
            reading = await self._next(now)
        return reading.keyring.token_of(secret)

    async def is_there(self) -> bool:
        """Whether the file can be read, so that its tokens count."""
        now = monotonic()
        if now < self._reading.fresh_until:
            return True
        try:
            return (await self._next(now)).is_there
        except TokensUnknown:
            return False

    def read(self) -> None:
        """Begin a reading, unless one is under way, and log if that is overdue."""
        with suppress(TokensUnknown):  # the next may begin
            self._begun().log_if_overdue()

    async def _next(self, asked: float) -> Reading:
        """The first reading by which a request of that time can be judged."""
        under_way = self._begun()
        with anyio.move_on_after(_LAST_WAIT if under_way.is_overdue else _PATIENCE):
            while True:
                await under_way.wait()
                if (reading := self._reading).is_fresh_for(asked):
                    return reading
                under_way = self._begun()
        raise TokensUnknown

    def _begun(self) -> ReadingThread:
        """The reading that is under way, or a new one; and the watch, if there is to be one and is none."""
        own = self._of_process()
        with own.lock:
            try:
                if self._is_open and (own.watch is None or not own.watch.is_alive()):
                    own.watch = WatchThread(self.read)
                    own.watch.start()
                if own.under_way is None or own.under_way.is_over:
                    reading = ReadingThread(self._read, str(self._path))
                    reading.start()
                    own.under_way = reading
            except RuntimeError as error:  # the system has no thread to give
                raise TokensUnknown from error
            return own.under_way

    def _of_process(self) -> _WatchOfProcess:
        if self._own.process_id != os.getpid():
            self._own = _WatchOfProcess()
        return self._own

    def _read(self) -> None:
        self._reading = next_reading(self._path, self._others, self._reading)
