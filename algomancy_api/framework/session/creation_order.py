"""The scenarios of a session in the order of their creation, which a page of a list begins anywhere in."""

import threading
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

#: Places: taken at a time. Scenarios may come and go between.
_AT_A_TIME = 500

#: Between two creations at the same moment: times are in the order of creation, after a restart, too.
STEP = timedelta(microseconds=1)

#: A clock that goes back further has been set, and is believed.
_SET_BACK = timedelta(seconds=1)


class Place(NamedTuple):
    """A scenario's time of creation and its id."""

    created: datetime
    id: str


class CreationOrder:
    """The places of a session's scenarios, for callers on many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._places: list[Place] = []  # sorted: to insert or delete one of 100,000 takes some microseconds
        self._of: dict[str, Place] = {}

    def next_time(self) -> datetime:
        """The time of creation of a scenario that is created now: later than all others."""
        now = datetime.now()  # noqa: DTZ005 - as the framework's own times
        with self._lock:
            last = self._places[-1].created if self._places else now - STEP
        return last + STEP if now <= last < now + _SET_BACK else now

    def add(self, scenario_id: str, created: datetime | None) -> None:
        """Add a scenario; early versions have stored no time of creation."""
        place = Place(created or datetime.min, scenario_id)  # noqa: DTZ901
        with self._lock:
            self._of[scenario_id] = place
            insort(self._places, place)

    def discard(self, scenario_id: str) -> None:
        """Remove a scenario, if it is there."""
        with self._lock:
            if (place := self._of.pop(scenario_id, None)) is not None:
                del self._places[bisect_left(self._places, place)]

    def place_of(self, scenario_id: str) -> Place | None:
        """The place of a scenario; None if it does not exist."""
        return self._of.get(scenario_id)

    def places(self, start: tuple[datetime, str] | None = None, *, newest_first: bool = False) -> Iterator[Place]:
        """The places behind one, which may be gone, or all places."""
        while some := self._some(start, newest_first):
            yield from some
            start = some[-1]

    def _some(self, start: tuple[datetime, str] | None, newest_first: bool) -> list[Place]:
        with self._lock:
            if not newest_first:
                begin = 0 if start is None else bisect_right(self._places, start)
                return self._places[begin : begin + _AT_A_TIME]
            end = len(self._places) if start is None else bisect_left(self._places, start)
            return self._places[max(0, end - _AT_A_TIME) : end][::-1]
