"""Whether what a server cannot do without is there, asked by many and found out by one."""

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

#: How long an answer is good for, and how long anybody waits for one, in seconds.
_FRESH = 1.0
_PATIENCE = 2.0


class Probe:
    """Asks whether something is there, of which nobody knows how long it takes to answer.

    Whoever wants to know while it is being asked waits for the same answer, so that there is one thread for all of
    them, which is none of those that requests need.

    Args:
        name: What it is, for the log.
        check: Returns if it is there, and raises if it is not.
    """

    def __init__(self, name: str, check: Callable[[], None]) -> None:
        self._name = name
        self._check = check
        self._asked = -inf
        self._answer: Future[bool] | None = None

    async def is_there(self) -> bool:
        """Whether it is there, as of the last second; what does not answer in time is not."""
        with anyio.move_on_after(_PATIENCE):
            return await asyncio.wrap_future(self._latest())
        return False

    def _latest(self) -> Future[bool]:
        now = time.monotonic()
        if self._answer is None or (self._answer.done() and now - self._asked > _FRESH):
            self._asked, self._answer = now, Future()
            self._answer.set_running_or_notify_cancel()  # whoever does not wait for it must not cancel it
            thread = threading.Thread(target=self._ask, args=[self._answer], name=f"algomancy-api {self._name}")
            thread.daemon = True
            thread.start()
        return self._answer

    def _ask(self, answer: Future[bool]) -> None:
        try:
            self._check()
        except Exception as error:
            # What it says may name hosts and users: it is for the log alone.
            _logger.warning("The %s is not there: %r", self._name, error)
            answer.set_result(False)
        else:
            answer.set_result(True)


class Readiness:
    """The parts of an app that work depends on.

    Args:
        sessions: The sessions, which may be kept in a database.
        engine: Where algorithms run.
        tokens: The file with tokens, if there is one.
    """

    def __init__(self, sessions: ApiSessionManager, engine: Engine, tokens: TokensWatch | None = None) -> None:
        self._engine = engine
        self._asked: dict[str, Callable[[], Awaitable[bool]]] = {}
        if sessions.has_database:
            self._asked["database"] = Probe("database", sessions.check_database).is_there
        if tokens is not None:
            self._asked["tokens"] = tokens.is_there

    async def parts(self) -> Parts:
        """Which of them are there."""
        answers = await asyncio.gather(*(is_there() for is_there in self._asked.values()))
        return Parts(engine=self._engine.is_ready, **dict(zip(self._asked, answers, strict=True)))
