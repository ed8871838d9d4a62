"""The state of a watched scenario, and a wait for its next change."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from zlib import crc32

from algomancy_scenario import ScenarioStatus as ScenarioPhase
from msgspec import UNSET, UnsetType, field

from ..framework import ApiScenarioManager
from ..schemas.domain import ScenarioStatus

#: Objective, bound and gap of a run that has not reported them.
_NOTHING = (UNSET, UNSET, UNSET)


class State(ScenarioStatus, frozen=True):
    """The status and progress of a scenario at one moment."""

    @property
    def version(self) -> str:
        """A string that differs between the states of the scenario."""
        # Runs of a scenario may fail one after the other, each for another reason.
        error = f"-{crc32(self.error.encode(errors='replace')):08x}" if isinstance(self.error, str) else ""
        numbers = self.objective, self.bound, self.gap
        reported = "" if numbers == _NOTHING else f"-{crc32(repr(numbers).encode()):08x}"
        tag = f"-{crc32(self.tag.encode(errors='replace')):08x}"  # a scenario can be renamed
        return f"{self.status}-{self.progress}{error}{reported}{tag}"


class FinalState(State, frozen=True):
    """The state of a scenario that is complete, with its KPIs, for its last event."""

    kpis: dict[str, Any] = field(default_factory=dict)


class Watched(ABC):
    """A watched object, and a wait for its next change.

    Attributes:
        watchers: The number of clients that watch it.
    """

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

    @property
    def linger(self) -> float:
        """Seconds: it is kept for so long after its last client has left."""
        return 0

    @property
    def size(self) -> int:
        """The number of scenarios whose states are kept."""
        return 1

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
    if position is None:
        return None
    error = manager.error_of(scenario_id) if position[1] == ScenarioPhase.FAILED else None
    last = manager.reports.last(scenario_id)
    return State(
        scenario_id,
        *position,
        _set(error),
        ended=_set(manager.ended_of(scenario_id, position[1])),
        objective=_set(last.objective),
        bound=_set(last.bound),
        gap=_set(last.gap),
    )


def _set[T](value: T | None) -> T | UnsetType:
    return UNSET if value is None else value


def states_of(manager: ApiScenarioManager, scenario_ids: Iterable[str]) -> Iterator[State]:
    """The present states of the scenarios that exist."""
    states = (state_of(manager, scenario_id) for scenario_id in scenario_ids)
    return (state for state in states if state is not None)
