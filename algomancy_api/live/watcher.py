"""One check of everything that is watched, some times a second.

An algorithm sets its progress, on a thread or through a pipe, without a notification. So its progress is polled: once
for all clients, and only while a client watches. A client gets the latest state when it is ready to read: no states are
queued for slow clients.
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

#: Seconds: interval between two looks. A thousand clients then get a change within 0.2 seconds.
_INTERVAL = 0.16

#: Looks: interval at which all waiting tasks are woken without a change, every 15 seconds, to send a heartbeat.
_HEARTBEAT_LOOKS = 94


class LiveSession(Protocol):
    """The attributes of a session that are needed to watch it."""

    id: str
    manager: ApiScenarioManager
    watcher: Watcher
    gate: Gate

    async def states(self) -> list[State]:
        """The present states of all scenarios."""


class Watcher:
    """Checks all watched objects at an interval, as long as there are any.

    Belongs to one event loop, except for `end`, which any thread may call.
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
        """A context in which a session is watched; the first client has to `fill` it."""
        return self._watching(manager, lambda: WatchedSession(manager, is_gone))

    def scenario(
        self, manager: ApiScenarioManager, scenario_id: str, is_gone: Callable[[], bool]
    ) -> AbstractContextManager[WatchedScenario]:
        """A context in which a scenario is watched."""
        return self._watching((manager, scenario_id), lambda: WatchedScenario(manager, scenario_id, is_gone))

    @contextmanager
    def _watching[W: Watched](self, key: Hashable, new: Callable[[], W]) -> Iterator[W]:
        """A context with the watched object of a key, up to date; ``new`` makes it for the first client."""
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
        """Check all watched objects now."""
        for watched in list(self._watched.values()):
            try:
                watched.look()
            except Exception:  # a user's algorithm may override its progress, and raise anything
                _logger.exception("The state of a watched scenario cannot be read")

    def begin(self) -> None:
        """Let clients watch again, after an `end`."""
        self.is_ended = False

    def end(self) -> None:
        """End all waits and streams."""
        self.is_ended = True
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed, and has no waiting tasks
                self._loop.call_soon_threadsafe(self._wake_all)

    def _wake_all(self) -> None:
        for watched in self._watched.values():
            watched.wake()

    def _begin(self) -> None:
        loop = asyncio.get_running_loop()
        if self._timer is None or self._loop is not loop:
            self._loop = loop
            # In an empty context: the timer serves all clients, not only the request that started it.
            self._timer = loop.call_later(_INTERVAL, self._tick, context=Context())

    def _tick(self) -> None:
        self._timer = None
        self._ticks += 1
        if self._watched:
            self.look()
            if self._ticks % _HEARTBEAT_LOOKS == 0:
                self._wake_all()
            self._begin()
