"""What has changed of some scenarios since a client has asked, for long polls of many."""

import re
import secrets
from collections.abc import Callable
from typing import NamedTuple

from ..framework import ApiScenarioManager
from .selection import Selection
from .watched_session import Change, WatchedSession

#: Seconds: between two requests of a client that waits again and again. Later, it gets all states.
_LINGER = 60

_CURSOR = re.compile(r"([0-9a-f]{12})-(\d{1,15})", re.ASCII)


class Told(NamedTuple):
    """What a client is told.

    Attributes:
        ids: The ids of scenarios that have changed; in a snapshot, of all.
        gone: The ids of those that are deleted, or not selected any more.
        done: Whether each of those that are left has ended.
        is_snapshot: Whether it is the state of all, whatever the client knows.
        cursor: The client's place in the changes after this.
    """

    ids: list[str]
    gone: list[str]
    done: bool
    is_snapshot: bool
    cursor: str


class WatchedChanges(WatchedSession):
    """Scenarios of a session, of whose changes clients ask one request after the other.

    It is kept for a while after a request, so that nothing is lost until the client's next one. A cursor says which
    object it is from: to others, as those of another process, it is unknown, and its client gets all states again.
    """

    counts_notes = True  # a client is shown labels, times and KPIs, too

    tells_datasets = False

    def __init__(self, manager: ApiScenarioManager, is_gone: Callable[[], bool], selection: Selection) -> None:
        super().__init__(manager, is_gone, selection)
        self._name = secrets.token_hex(6)

    @property
    def linger(self) -> float:
        return 0 if self.is_gone else _LINGER

    def is_unchanged(self, cursor: str | None) -> bool:
        """Whether a client with a cursor knows all."""
        return not self.is_gone and self._number_of(cursor) == self.number

    def told(self, cursor: str | None) -> Told:
        """What has changed since a cursor; all states if it is None or unknown, or if too much has changed."""
        number = self._number_of(cursor)
        changes = None if number is None else self.since(number)
        if changes is None:
            ids, gone = list(self.states), sorted((self.selection.ids or frozenset()) - self.states.keys())
        else:
            scenarios = [change for change in changes if isinstance(change, Change)]
            ids = [change.id for change in scenarios if change.state is not None]
            gone = [change.id for change in scenarios if change.state is None]
        return Told(ids, gone, self.has_ended, changes is None, f"{self._name}-{self.number}")

    def _number_of(self, cursor: str | None) -> int | None:
        """The number of the last change that a client knows; None if its cursor is unknown."""
        found = _CURSOR.fullmatch(cursor or "")
        if found is None or found[1] != self._name or int(found[2]) > self.number:
            return None
        return int(found[2])
