"""What clients wait for, noticed by one look at all of it, some times a second.

An algorithm sets its progress wherever it runs, on a thread or by way of a pipe, and tells nobody. So it is looked for:
once for all who watch, and only while somebody does. Who watches gets the latest state, however long it took them to
take the one before: nothing is queued for anybody.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import Context
from typing import Protocol, cast

from ..concurrency.gate import Gate
from ..framework import ApiScenarioManager
from .watched_scenario import State, Watched, WatchedScenario
from .watched_session import WatchedSession

_logger = logging.getLogger("algomancy_api")

#: Between two looks, in seconds. A thousand who watch are told within 0.2.
_INTERVAL = 0.16

#: After so many looks all who wait are woken, changed or not: every 15 seconds, for a sign of life.
_PULSE = 94


class LiveSession(Protocol):
    """A session whose scenarios can be watched."""

    id: str
    manager: ApiScenarioManager
    watcher: Watcher
    gate: Gate

    async def states(self) -> list[State]:
        """The present state of each scenario."""


class Watcher:
    """Looks at what is watched, all of it at once, as long as there is something.

    Belongs to one event loop, but for `end`, which any thread may call.
    """

    def __init__(self) -> None:
        self.is_ended = False
        self._watched: dict[Hashable, Watched] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._ticks = 0

    def session(
        self, manager: ApiScenarioManager, is_gone: Callable[[], bool]
    ) -> AbstractContextManager[WatchedSession]:
        """All scenarios of a session, to be watched once they are filled in."""
        return self._watching(manager, lambda: WatchedSession(manager, is_gone))

    def scenario(
        self, manager: ApiScenarioManager, scenario_id: str, is_gone: Callable[[], bool]
    ) -> AbstractContextManager[WatchedScenario]:
        """A scenario, to be watched."""
        return self._watching((manager, scenario_id), lambda: WatchedScenario(manager, scenario_id, is_gone))

    @contextmanager
    def _watching[W: Watched](self, key: Hashable, new: Callable[[], W]) -> Iterator[W]:
        """What is watched under a key, as it is now; ``new`` makes it for the first who watches it."""
        watched = cast("W", self._watched.get(key) or new())
        self._watched[key] = watched
        watched.watchers += 1
        try:
            watched.look()
            self._begin()
            yield watched
        finally:
            watched.watchers -= 1
            if not watched.watchers:
                del self._watched[key]
                watched.close()

    def look(self) -> None:
        """Look at all of it now."""
        for watched in list(self._watched.values()):
            try:
                watched.look()
            except Exception:  # a user's algorithm may have a progress of its own making
                _logger.exception("A scenario that is watched cannot be looked at")

    def begin(self) -> None:
        """Let be watched, after an `end`."""
        self.is_ended = False

    def end(self) -> None:
        """Let nothing be watched any more: all who wait are woken."""
        self.is_ended = True
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # it is closed, and nobody waits
                self._loop.call_soon_threadsafe(self._wake_all)

    def _wake_all(self) -> None:
        for watched in self._watched.values():
            watched.wake()

    def _begin(self) -> None:
        loop = asyncio.get_running_loop()
        if self._timer is None or self._loop is not loop:
            self._loop = loop
            # In no context: whoever came first is not whom it is done for.
            self._timer = loop.call_later(_INTERVAL, self._tick, context=Context())

    def _tick(self) -> None:
        self._timer = None
        self._ticks += 1
        if self._watched:
            self.look()
            if self._ticks % _PULSE == 0:
                self._wake_all()
            self._begin()
