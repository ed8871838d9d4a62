"""The state of a watched scenario, and a wait for its next change."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator

from ..framework import ApiScenarioManager
from ..schemas.domain import ScenarioStatus


class State(ScenarioStatus, frozen=True):
    """The status and progress of a scenario at one moment."""

    @property
    def version(self) -> str:
        """A string that differs between the states of the scenario."""
        return f"{self.status}-{self.progress}"


class Watched(ABC):
    """A watched object, and a wait for its next change."""

    def __init__(self) -> None:
        self.watchers = 0
        self._changed = asyncio.Event()

    async def changed(self) -> None:
        """Wait for the next change; also returns every 15 seconds, and when the watcher ends."""
        await self._changed.wait()

    def wake(self) -> None:
        """End all present calls of `changed`."""
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    @abstractmethod
    def look(self) -> None:
        """Read the present state, and wake the waiting tasks if it has changed."""

    def close(self) -> None:  # noqa: B027 - optional for subclasses
        """Free resources, once the last client has stopped watching."""


class WatchedScenario(Watched):
    """A watched scenario; its state is None once it, or its session, is deleted."""

    def __init__(self, manager: ApiScenarioManager, scenario_id: str, is_gone: Callable[[], bool]) -> None:
        super().__init__()
        self._manager = manager
        self._id = scenario_id
        self._is_gone = is_gone
        self.state: State | None = None

    def look(self) -> None:
        """Read the present state, and wake the waiting tasks if it has changed."""
        state = None if self._is_gone() else state_of(self._manager, self._id)
        if state != self.state:
            self.state = state
            self.wake()


def state_of(manager: ApiScenarioManager, scenario_id: str) -> State | None:
    """A scenario's present state; None if it does not exist."""
    position = manager.position(scenario_id)
    return None if position is None else State(scenario_id, *position)


def states_of(manager: ApiScenarioManager, scenario_ids: Iterable[str]) -> Iterator[State]:
    """The present states of the scenarios that exist."""
    states = (state_of(manager, scenario_id) for scenario_id in scenario_ids)
    return (state for state in states if state is not None)
