"""A scenario that is watched: its state, and the event of the next change."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator

from ..framework import ApiScenarioManager
from ..schemas.domain import ScenarioStatus


class State(ScenarioStatus, frozen=True):
    """Where a scenario stands, as of one moment."""

    @property
    def version(self) -> str:
        """What tells this state from the other states of the scenario."""
        return f"{self.status}-{self.progress}"


class Watched(ABC):
    """Something that changes, and the event of its next change."""

    def __init__(self) -> None:
        self.watchers = 0
        self._changed = asyncio.Event()

    async def changed(self) -> None:
        """Return once it has changed; also without a change every 15 seconds, and when nothing is watched any more."""
        await self._changed.wait()

    def wake(self) -> None:
        """Let all who wait look for themselves."""
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    @abstractmethod
    def look(self) -> None:
        """Take over what is now, and wake who waits if it differs."""

    def close(self) -> None:  # noqa: B027 - most have nothing to close
        """Nobody watches it any more."""


class WatchedScenario(Watched):
    """One scenario; its state is None once it, or its session, is deleted."""

    def __init__(self, manager: ApiScenarioManager, scenario_id: str, is_gone: Callable[[], bool]) -> None:
        super().__init__()
        self._manager = manager
        self._id = scenario_id
        self._is_gone = is_gone
        self.state: State | None = None

    def look(self) -> None:
        """Take over its present state."""
        state = None if self._is_gone() else state_of(self._manager, self._id)
        if state != self.state:
            self.state = state
            self.wake()


def state_of(manager: ApiScenarioManager, scenario_id: str) -> State | None:
    """A scenario's present state, None if there is no such scenario."""
    position = manager.position(scenario_id)
    return None if position is None else State(scenario_id, *position)


def states_of(manager: ApiScenarioManager, scenario_ids: Iterable[str]) -> Iterator[State]:
    """The present states of those of the scenarios that are there."""
    states = (state_of(manager, scenario_id) for scenario_id in scenario_ids)
    return (state for state in states if state is not None)
