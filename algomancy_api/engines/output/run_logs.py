"""The logs of the latest runs: what the algorithms of scenarios have printed and logged."""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from .kept import EndedOutput, KeptOutput, Output

if TYPE_CHECKING:
    from ..run import Run

#: Bytes: the default of ``run_log``.
MOST = 10_000_000

#: How many times ``run_log`` the compressed logs of ended runs may take in memory. The oldest are dropped.
_MOST_ENDED = 16


class RunLogs:
    """The log of the latest run of each scenario, in memory.

    Args:
        most: Bytes: the longest log of one run.
    """

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self._lock = threading.Lock()
        self._current: dict[str, KeptOutput] = {}
        self._ended: OrderedDict[str, tuple[EndedOutput, int]] = OrderedDict()
        self._size = 0
        self._dropped: set[str] = set()

    def begin(self, run: Run) -> None:
        """Begin the log of a run, in place of that of the run before."""
        run.output = KeptOutput(self.most)
        with self._lock:
            self._discard(run.scenario_id)
            self._current[run.scenario_id] = run.output

    def end(self, run: Run) -> None:
        """End the log of a run."""
        if run.output is None:
            return
        run.output.close()
        ended = run.output.compressed()
        with self._lock:
            if self._current.get(run.scenario_id) is run.output:
                del self._current[run.scenario_id]
                self._keep(run.scenario_id, ended)

    def store(self, scenario_id: str) -> None:
        """Store the log of a run that is about to end: in memory, nothing is stored."""

    def close(self) -> None:
        """Store what there is, and then nothing more: in memory, nothing is stored."""

    def open(self) -> None:
        """Store logs again after a `close`."""

    def forget(self, scenario_id: str) -> None:
        """Delete the log of a scenario."""
        self.discard([scenario_id])

    def discard(self, scenario_ids: Iterable[str]) -> None:
        """Drop the logs of deleted scenarios from memory."""
        with self._lock:
            for scenario_id in scenario_ids:
                self._discard(scenario_id)

    def current(self, scenario_id: str) -> Output | None:
        """The log of a scenario that is queued or running; None for any other."""
        return self._current.get(scenario_id)

    def find(self, scenario_id: str) -> Output | None:
        """The log of a scenario; None if it has not run since it was created or reset, or if its log was dropped."""
        with self._lock:
            ended = self._ended.get(scenario_id)
            return self._current.get(scenario_id) if ended is None else ended[0]

    def is_dropped(self, scenario_id: str) -> bool:
        """Whether the log of a scenario was dropped for those of later runs."""
        return scenario_id in self._dropped

    def _keep(self, scenario_id: str, ended: EndedOutput) -> None:
        size = ended.size
        self._ended[scenario_id] = ended, size
        self._size += size
        while self._size > self.most * _MOST_ENDED:
            oldest, (_, size) = self._ended.popitem(last=False)
            self._size -= size
            self._dropped.add(oldest)

    def _discard(self, scenario_id: str) -> None:
        self._current.pop(scenario_id, None)
        self._dropped.discard(scenario_id)
        if (ended := self._ended.pop(scenario_id, None)) is not None:
            self._size -= ended[1]
