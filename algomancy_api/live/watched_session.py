"""The states of a watched session's scenarios, and their latest changes."""

import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from typing import NamedTuple

from ..framework import ACTIVE, ApiScenarioManager
from .watched_scenario import State, Watched, state_of

#: Changes: stored for each session, one for each scenario. A client that is further behind gets a new snapshot.
_MAX_CHANGES = 1_000


class Change(NamedTuple):
    """The latest change of a scenario.

    Attributes:
        id: The id of the scenario.
        state: Its state; None if it is deleted.
        number: The session's number of the change.
        status_number: The session's number of the latest change of its status.
    """

    id: str
    state: State | None
    number: int
    status_number: int


class WatchedSession(Watched):
    """All scenarios of a watched session, with their latest changes in order.

    Attributes:
        states: The latest state of each scenario, the oldest scenario first; empty until `fill`.
        number: The number of changes so far.
        is_gone: Whether the session is deleted.
    """

    def __init__(self, manager: ApiScenarioManager, is_gone: Callable[[], bool]) -> None:
        super().__init__()
        self._manager = manager
        self._ask_is_gone = is_gone
        self._active: set[str] = set()
        self._changes: dict[str, Change] = {}  # the latest one of each scenario, the oldest first
        self._forgotten = 0
        self._digest = 0
        self.is_filled = False
        self.states: dict[str, State] = {}
        self.number = 0
        self.is_gone = False
        manager.changes = deque()

    @property
    def version(self) -> str:
        """A digest of the present states of all scenarios."""
        return f"{self._digest:016x}"

    def fill(self, states: Iterable[State]) -> None:
        """Set the initial states; changes since they were read are found at the next look."""
        if not self.is_filled:
            self.is_filled = True
            for state in states:
                self._put(state.id, state)

    def look(self) -> None:
        """Read the states of scenarios that run, are queued or were reported as changed; wake the waiting tasks."""
        before = self.number, self.is_gone
        self.is_gone = self._ask_is_gone()
        if self.is_filled:
            for scenario_id in [*self._active, *self._reported()]:
                self._update(scenario_id, state_of(self._manager, scenario_id))
        if before != (self.number, self.is_gone):
            self.wake()

    def since(self, number: int) -> list[Change] | None:
        """The latest change of each scenario after the change of that number; None if it is too long ago."""
        if number < self._forgotten:
            return None
        later = []
        for change in reversed(self._changes.values()):
            if change.number <= number:
                break
            later.append(change)
        return later[::-1]

    def close(self) -> None:
        """Stop the manager's reports of changes."""
        self._manager.changes = None

    def _reported(self) -> Iterator[str]:
        changes = self._manager.changes
        with contextlib.suppress(IndexError):
            while changes is not None:
                yield changes.popleft()

    def _update(self, scenario_id: str, state: State | None) -> None:
        known = self.states.get(scenario_id)
        if state == known:
            return
        self._put(scenario_id, state)
        self.number += 1
        last = self._changes.pop(scenario_id, None)
        is_same_status = known is not None and state is not None and known.status == state.status
        status_number = (last.status_number if last else 0) if is_same_status else self.number
        self._changes[scenario_id] = Change(scenario_id, state, self.number, status_number)
        if len(self._changes) > _MAX_CHANGES:
            self._forgotten = self._changes.pop(next(iter(self._changes))).number

    def _put(self, scenario_id: str, state: State | None) -> None:
        if (known := self.states.get(scenario_id)) is not None:
            self._digest ^= _digest(known)
        self._active.discard(scenario_id)
        if state is None:
            self.states.pop(scenario_id, None)
            return
        self.states[scenario_id] = state
        self._digest ^= _digest(state)
        if state.status in ACTIVE:
            self._active.add(scenario_id)


def _digest(state: State) -> int:
    return int.from_bytes(blake2b(f"{state.id} {state.version}".encode(), digest_size=8).digest())
