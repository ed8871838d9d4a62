"""Readiness: whether the database, the engine and the token file are available. Many requests share one check."""

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from math import inf

import anyio

from ..auth.token_watch import TokensWatch
from ..engines import Engine
from ..framework import ApiSessionManager
from ..schemas import Parts

_logger = logging.getLogger("algomancy_api")

#: Seconds: time for which a result is reused.
_MAX_AGE = 1.0

#: Seconds: maximum wait for a result.
_PATIENCE = 2.0


class Probe:
    """A check of a part that may take long to respond.

    All requests that arrive during a check wait for its result, so it uses one thread, which is not one of those for
    requests.

    Args:
        name: Name of the part, for the log.
        check: Returns if the part is available, and raises if not.
    """

    def __init__(self, name: str, check: Callable[[], None]) -> None:
        self._name = name
        self._check = check
        self._started = -inf
        self._result: Future[bool] | None = None

    async def is_available(self) -> bool:
        """Whether the part is available, as of the last second. A part that does not respond in time is not."""
        with anyio.move_on_after(_PATIENCE):
            return await asyncio.wrap_future(self._latest())
        return False

    def _latest(self) -> Future[bool]:
        now = time.monotonic()
        if self._result is None or (self._result.done() and now - self._started > _MAX_AGE):
            self._started, self._result = now, Future()
            self._result.set_running_or_notify_cancel()  # a cancelled request must not cancel it for the others
            thread = threading.Thread(target=self._run, args=[self._result], name=f"algomancy-api {self._name}")
            thread.daemon = True
            thread.start()
        return self._result

    def _run(self, result: Future[bool]) -> None:
        try:
            self._check()
        except Exception as error:
            # The message may have host and user names, so only the log gets it.
            _logger.warning("The %s is not available: %r", self._name, error)
            result.set_result(False)
        else:
            result.set_result(True)


class Readiness:
    """The readiness of an app, by its parts.

    Args:
        sessions: The session manager, perhaps with a database.
        engine: The engine.
        tokens: The token file, if there is one.
    """

    def __init__(self, sessions: ApiSessionManager, engine: Engine, tokens: TokensWatch | None = None) -> None:
        self._engine = engine
        self._checks: dict[str, Callable[[], Awaitable[bool]]] = {}
        if sessions.has_database:
            self._checks["database"] = Probe("database", sessions.check_database).is_available
        if tokens is not None:
            self._checks["tokens"] = tokens.is_available

    async def parts(self) -> Parts:
        """Which parts are available."""
        results = await asyncio.gather(*(is_available() for is_available in self._checks.values()))
        return Parts(engine=self._engine.is_ready, **dict(zip(self._checks, results, strict=True)))
