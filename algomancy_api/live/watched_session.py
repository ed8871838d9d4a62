"""The states of a watched session's scenarios, or of some of them, and their latest changes."""

import contextlib
from collections.abc import Callable, Hashable, Iterable, Iterator
from hashlib import blake2b
from typing import NamedTuple

from ..framework import ApiScenarioManager
from ..framework.dataset_changes import Mark
from ..framework.session.changes import Noted
from ..schemas.domain import ENDED
from .selection import WHOLE, Selection
from .watched_scenario import State, Watched, state_of

#: Changes: stored for each session, one for each scenario. A client that is further behind gets a new snapshot.
_MAX_CHANGES = 1_000


class Change(NamedTuple):
    """The latest change of a scenario.

    Attributes:
        id: The id of the scenario.
        state: Its state; None if it is deleted, or not selected any more.
        number: The session's number of the change.
        status_number: The session's number of the latest change of its status.
    """

    id: str
    state: State | None
    number: int
    status_number: int


class DatasetChange(NamedTuple):
    """The latest change of a dataset.

    Attributes:
        key: The key of the dataset.
        mark: What tells it from others; None if it is deleted.
        number: The session's number of the change.
    """

    key: str
    mark: Mark | None
    number: int


class WatchedSession(Watched):
    """Scenarios of a watched session, with their latest changes in order; with all of them, the datasets.

    Attributes:
        selection: Which scenarios.
        has_datasets: Whether the datasets are watched, too.
        states: The latest state of each scenario, the oldest scenario first; empty until `fill`.
        datasets: The mark of each dataset by its key, in the same way.
        number: The number of changes so far.
        is_gone: Whether the session is deleted.
    """

    #: Whether a scenario that is noted counts as changed even if its state is the same.
    counts_notes = False

    #: Whether the datasets are watched with all scenarios.
    tells_datasets = True

    def __init__(self, manager: ApiScenarioManager, is_gone: Callable[[], bool], selection: Selection = WHOLE) -> None:
        super().__init__()
        self._manager = manager
        self._ask_is_gone = is_gone
        self._running: set[str] = set()
        self._changes: dict[Hashable, Change | DatasetChange] = {}  # the latest one of each, the oldest first
        self._forgotten = self._ended = 0
        self._digest = 0
        self.has_datasets = self.tells_datasets and selection.is_whole
        self.selection = selection
        self.is_filled = False
        self.states: dict[str, State] = {}
        self.datasets: dict[str, Mark] = {}
        self.number = 0
        self.is_gone = False
        self._feed = manager.changes.follow()

    @property
    def version(self) -> str:
        """A digest of the present states of all scenarios, and of the datasets."""
        return f"{self._digest:016x}"

    @property
    def size(self) -> int:
        return len(self.states)

    @property
    def has_ended(self) -> bool:
        """Whether each of the scenarios has ended."""
        return self._ended == len(self.states)

    def fill(self, states: Iterable[State]) -> None:
        """Set the initial states; changes since they were read are found at the next look."""
        if not self.is_filled:
            self.is_filled = True
            for state in states:
                self._put(state.id, state)
            for key, mark in self._manager.dataset_marks().items() if self.has_datasets else ():
                self._put_dataset(key, mark)

    def look(self) -> None:
        """Read the states of scenarios that run or were noted; wake the waiting tasks if any has changed."""
        before = self.number, self.is_gone
        self.is_gone = self._ask_is_gone()
        if self.is_filled:
            for scenario_id in list(self._running):
                self._update(scenario_id, self._read(scenario_id))
            for noted in self._noted():
                self._update_noted(noted)
        if before != (self.number, self.is_gone):
            self.wake()

    def since(self, number: int) -> list[Change | DatasetChange] | None:
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
        """Stop the manager's notes."""
        self._manager.changes.leave(self._feed)

    def _read(self, scenario_id: str) -> State | None:
        is_selected = self.selection.has(self._manager, scenario_id)
        return state_of(self._manager, scenario_id) if is_selected else None

    def _noted(self) -> Iterator[Noted]:
        with contextlib.suppress(IndexError):
            while True:
                yield self._feed.popleft()

    def _update_noted(self, noted: Noted) -> None:
        if noted.kind != "dataset":
            self._update(noted.name, self._read(noted.name), is_noted=noted.kind == "scenario")
        elif self.has_datasets:
            self._update_dataset(noted.name, self._manager.dataset_mark(noted.name))

    def _update(self, scenario_id: str, state: State | None, *, is_noted: bool = False) -> None:
        known = self.states.get(scenario_id)
        if state == known and (state is None or not (is_noted and self.counts_notes)):
            return
        self._put(scenario_id, state)
        self.number += 1
        last = self._changes.get(scenario_id)
        is_same_status = known is not None and state is not None and known.status == state.status
        status_number = (last.status_number if isinstance(last, Change) else 0) if is_same_status else self.number
        self._keep(scenario_id, Change(scenario_id, state, self.number, status_number))

    def _update_dataset(self, key: str, mark: Mark | None) -> None:
        if mark != self.datasets.get(key):
            self._put_dataset(key, mark)
            self.number += 1
            self._keep(("dataset", key), DatasetChange(key, mark, self.number))

    def _keep(self, key: Hashable, change: Change | DatasetChange) -> None:
        self._changes.pop(key, None)
        self._changes[key] = change
        if len(self._changes) > _MAX_CHANGES:
            self._forgotten = self._changes.pop(next(iter(self._changes))).number

    def _put(self, scenario_id: str, state: State | None) -> None:
        if (known := self.states.get(scenario_id)) is not None:
            self._digest ^= _digest(f"{known.id} {known.version}")
            self._ended -= known.status in ENDED
        self._running.discard(scenario_id)
        if state is None:
            self.states.pop(scenario_id, None)
            return
        self.states[scenario_id] = state
        self._digest ^= _digest(f"{state.id} {state.version}")
        self._ended += state.status in ENDED
        if state.status == "processing":
            self._running.add(scenario_id)

    def _put_dataset(self, key: str, mark: Mark | None) -> None:
        if (known := self.datasets.pop(key, None)) is not None:
            self._digest ^= _digest(f"dataset {known.id} {known.content} {key}")
        if mark is not None:
            self.datasets[key] = mark
            self._digest ^= _digest(f"dataset {mark.id} {mark.content} {key}")


def _digest(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(errors="replace"), digest_size=8).digest())
