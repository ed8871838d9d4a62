"""What may have changed in a session, for those who watch it."""

import threading
from collections import Counter, deque
from typing import Literal, NamedTuple


class Noted(NamedTuple):
    """A scenario by its id, or a dataset by its key, that may have been added, changed or deleted.

    A `run` is a scenario whose run has begun or ended, or will not begin.
    """

    kind: Literal["scenario", "run", "dataset"]
    name: str


#: What was noted and is not read yet, the oldest first.
type Feed = deque[Noted]


class Changes:
    """Tells all who follow a session what may have changed in it, from any thread; nothing is kept without them.

    The progress of a run is not noted: algorithms set it without telling anybody.

    Attributes:
        of_datasets: How often each key of a dataset was noted, in this process.
    """

    def __init__(self) -> None:
        self.of_datasets: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._feeds: tuple[Feed, ...] = ()  # replaced, never changed: a note needs no lock

    @property
    def is_followed(self) -> bool:
        """Whether there is anybody to tell."""
        return bool(self._feeds)

    def follow(self) -> Feed:
        """A new feed, which gets all notes from now on."""
        feed: Feed = deque()
        with self._lock:
            self._feeds = (*self._feeds, feed)
        return feed

    def leave(self, feed: Feed) -> None:
        """End a feed."""
        with self._lock:
            self._feeds = tuple(each for each in self._feeds if each is not feed)

    def scenario(self, scenario_id: str) -> None:
        """Note a scenario, after its change can be seen."""
        self._note(Noted("scenario", scenario_id))

    def run(self, scenario_id: str) -> None:
        """Note the run of a scenario, after its status can be seen."""
        self._note(Noted("run", scenario_id))

    def dataset(self, key: str) -> None:
        """Note a dataset, after its change can be seen. Only one thread at a time notes one key."""
        self.of_datasets[key] += 1
        self._note(Noted("dataset", key))

    def _note(self, noted: Noted) -> None:
        for feed in self._feeds:
            feed.append(noted)
