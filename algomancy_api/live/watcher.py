"""One check of everything that is watched, some times a second.

An algorithm sets its progress, on a thread or through a pipe, without a notification. So its progress is polled: once
for all clients, and only while a client watches. A client gets the latest state when it is ready to read: no states are
queued for slow clients.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import Context
from typing import Any, Protocol, cast

from ..concurrency.gate import Gate
from ..errors import NotFound
from ..framework import ApiScenarioManager
from .selection import WHOLE, Selection
from .watched_changes import WatchedChanges
from .watched_log import WatchedLog
from .watched_scenario import State, Watched, WatchedScenario
from .watched_session import WatchedSession

_logger = logging.getLogger("algomancy_api")

#: Seconds: interval between two looks. A thousand clients then get a change within 0.2 seconds.
_INTERVAL = 0.16

#: Looks: interval at which all waiting tasks are woken without a change, every 15 seconds, to send a heartbeat.
_HEARTBEAT_LOOKS = 94

#: Objects, and scenarios in them: kept without a client. The one whose client left first is dropped first.
_MOST_LINGERING = 200
_MOST_LINGERING_SCENARIOS = 200_000


class LiveSession(Protocol):
    """The attributes of a session that are needed to watch it."""

    id: str
    manager: ApiScenarioManager
    watcher: Watcher
    gate: Gate

    async def states(self, selection: Selection) -> list[State]:
        """The present states of some scenarios, or of all."""

    def final_kpis(self, scenario_id: str) -> dict[str, Any]:
        """The KPIs of a scenario that is complete."""


class Watcher:
    """Checks all watched objects at an interval, as long as there are any.

    Belongs to one event loop, except for `end`, which any thread may call.
    """

    def __init__(self) -> None:
        self.is_ended = False
        self._watched: dict[Hashable, Watched] = {}
        self._lingering: dict[Hashable, float] = {}  # when their last client has left, the first one first
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._ticks = 0

    def session(
        self, manager: ApiScenarioManager, is_gone: Callable[[], bool], selection: Selection = WHOLE
    ) -> AbstractContextManager[WatchedSession]:
        """A context in which scenarios of a session are watched; the first client has to `fill` the object."""
        return self._watching((manager, selection), lambda: WatchedSession(manager, is_gone, selection))

    def changes(
        self, manager: ApiScenarioManager, is_gone: Callable[[], bool], selection: Selection
    ) -> AbstractContextManager[WatchedChanges]:
        """The same for the changes of scenarios, which are watched on for a while after the context."""
        return self._watching((manager, selection, "changes"), lambda: WatchedChanges(manager, is_gone, selection))

    def scenario(
        self, manager: ApiScenarioManager, scenario_id: str, is_gone: Callable[[], bool]
    ) -> AbstractContextManager[WatchedScenario]:
        """A context in which a scenario is watched."""
        return self._watching((manager, scenario_id), lambda: WatchedScenario(manager, scenario_id, is_gone))

    def log(
        self, manager: ApiScenarioManager, scenario_id: str, is_gone: Callable[[], bool]
    ) -> AbstractContextManager[WatchedLog]:
        """A context in which the log of a scenario is watched."""
        return self._watching((manager, scenario_id, "log"), lambda: WatchedLog(manager, scenario_id, is_gone))

    @contextmanager
    def _watching[W: Watched](self, key: Hashable, new: Callable[[], W]) -> Iterator[W]:
        """A context with the watched object of a key, up to date; ``new`` makes it for the first client."""
        watched = cast("W", self._watched.get(key) or new())
        self._watched[key] = watched
        self._lingering.pop(key, None)
        watched.watchers += 1
        try:
            watched.look()
            self._begin()
            yield watched
        finally:
            watched.watchers -= 1
            if not watched.watchers:
                self._leave(key, watched)

    def _leave(self, key: Hashable, watched: Watched) -> None:
        """Drop an object without clients, or keep it for the next one."""
        if not watched.linger or self.is_ended:
            self._drop(key)
            return
        self._lingering[key] = time.monotonic()
        watched.wake()  # the next client may come on another event loop
        self._drop_lingering()

    def _drop_lingering(self) -> None:
        """Drop the objects that have had no client for too long, and the first of too many."""
        now, scenarios = time.monotonic(), sum(self._watched[key].size for key in self._lingering)
        for key, left in list(self._lingering.items()):
            watched = self._watched[key]
            are_too_many = len(self._lingering) > _MOST_LINGERING or scenarios > _MOST_LINGERING_SCENARIOS
            if now - left >= watched.linger or (are_too_many and len(self._lingering) > 1):
                scenarios -= watched.size
                self._drop(key)

    def _drop(self, key: Hashable) -> None:
        self._lingering.pop(key, None)
        self._watched.pop(key).close()

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
            self._drop_lingering()
            if self._ticks % _HEARTBEAT_LOOKS == 0:
                self._wake_all()
            self._begin()


async def fill(watched: WatchedSession, session: LiveSession) -> None:
    """Read the initial states of a session's scenarios, if no client has done it before."""
    if not watched.is_filled:
        try:
            watched.fill(await session.states(watched.selection))
        except NotFound:  # the session was deleted in the meantime
            watched.look()
