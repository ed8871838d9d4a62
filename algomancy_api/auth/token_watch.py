"""The schedule of readings of the token file: no request is checked by a reading older than a second.

A thread reads the file at an interval, with or without requests. A request that finds the last reading too old waits
for the next one. There is one reading at a time, for all waiting requests.
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
from .tokens import Keyring, Token, digest_of

#: Seconds: maximum wait of a request for a reading.
_PATIENCE = 2.0

#: Seconds: maximum wait for an overdue reading. It may end at once if the process was suspended meanwhile.
_LAST_WAIT = 0.1


class _ProcessThreads:
    """The threads of one process and their lock. A forked process needs its own."""

    def __init__(self) -> None:
        self.process_id = os.getpid()
        self.lock = threading.Lock()
        self.watch: WatchThread | None = None
        self.in_progress: ReadingThread | None = None


class TokensUnknown(Exception):
    """The token file could not be read in time."""


class TokensWatch:
    """The tokens of a file and of the configuration, as they were at most a second ago.

    The watch starts with `open` or with the first request, and ends with `close` or when this object is collected. A
    forked process starts its own watch.

    Args:
        path: The file.
        others: The tokens of the configuration.

    Raises:
        ValueError: The file cannot be read, or has an error; the message has path and line.
    """

    def __init__(self, path: str | PathLike[str], others: Sequence[Token] = ()) -> None:
        self._path = Path(path)
        self._others = others
        self._configured = Keyring(others)
        # Too old for any request: the first request starts the watch, in the serving process.
        self._reading = replace(first_reading(self._path, others), began=-inf)
        self._is_open = True
        self._threads = _ProcessThreads()

    def open(self) -> None:
        """Start the watch."""
        self._is_open = True
        self.read()

    def close(self) -> None:
        """End the watch. Later requests are still checked, each after a reading of its own."""
        threads = self._threads_of_process()
        with threads.lock:
            self._is_open = False
            watch, threads.watch = threads.watch, None
        if watch is not None:
            watch.end()

    async def token_of(self, secret: bytes) -> Token | None:
        """The token with a secret.

        Raises:
            TokensUnknown: The file could not be read in time. Tokens of the configuration are found even then.
        """
        return await self.with_digest(digest_of(secret))

    async def with_digest(self, digest: bytes) -> Token | None:
        """The token whose secret has a digest, as `token_of` finds it.

        Raises:
            TokensUnknown: The file could not be read in time. Tokens of the configuration are found even then.
        """
        reading = self._reading
        now = monotonic()
        if now >= reading.fresh_until:
            configured = self._configured.with_digest(digest)
            if configured is not None:
                if self._threads.watch is None:
                    self.read()  # the first request starts the watch, with any token
                return configured
            reading = await self._next(now)
        return reading.keyring.with_digest(digest)

    async def is_available(self) -> bool:
        """Whether the file can be read, so that its tokens are valid."""
        now = monotonic()
        if now < self._reading.fresh_until:
            return True
        try:
            return (await self._next(now)).is_available
        except TokensUnknown:
            return False

    def read(self) -> None:
        """Start a reading, unless one is in progress, and log if that one is overdue."""
        with suppress(TokensUnknown):  # the next attempt may succeed
            self._started().log_if_overdue()

    async def _next(self, asked: float) -> Reading:
        """The first reading by which a request that arrived at ``asked`` can be checked."""
        in_progress = self._started()
        with anyio.move_on_after(_LAST_WAIT if in_progress.is_overdue else _PATIENCE):
            while True:
                await in_progress.wait()
                if (reading := self._reading).is_fresh_for(asked):
                    return reading
                in_progress = self._started()
        raise TokensUnknown

    def _started(self) -> ReadingThread:
        """The reading in progress, or a new one. Also starts the watch if it must run and does not."""
        threads = self._threads_of_process()
        with threads.lock:
            try:
                if self._is_open and (threads.watch is None or not threads.watch.is_alive()):
                    threads.watch = WatchThread(self.read)
                    threads.watch.start()
                if threads.in_progress is None or threads.in_progress.is_over:
                    reading = ReadingThread(self._read, str(self._path))
                    reading.start()
                    threads.in_progress = reading
            except RuntimeError as error:  # no thread can be started
                raise TokensUnknown from error
            return threads.in_progress

    def _threads_of_process(self) -> _ProcessThreads:
        if self._threads.process_id != os.getpid():
            self._threads = _ProcessThreads()
        return self._threads

    def _read(self) -> None:
        self._reading = next_reading(self._path, self._others, self._reading)
