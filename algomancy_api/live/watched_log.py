"""The log of a watched run, and a wait for its next lines."""

from collections.abc import Callable
from typing import NamedTuple

from ..framework import ACTIVE, ApiScenarioManager
from .watched_scenario import Watched


class Cursor(NamedTuple):
    """A client's place in the log of a scenario.

    Attributes:
        output_id: The id of the run's output; None for the beginning of whatever run is the latest.
        line: The number of the next line.
    """

    output_id: str | None = None
    line: int = 0


class WatchedLog(Watched):
    """A watched log; its position is None while the scenario is neither queued nor running."""

    def __init__(self, manager: ApiScenarioManager, scenario_id: str, is_gone: Callable[[], bool]) -> None:
        super().__init__()
        self._manager = manager
        self._id = scenario_id
        self._is_gone = is_gone
        self._position: Cursor | None = None

    def look(self) -> None:
        """Read the number of lines, and wake the waiting tasks if it has changed."""
        position = None if self._is_gone() else self._present()
        if position != self._position:
            self._position = position
            self.wake()

    def has_no_more_than(self, cursor: Cursor) -> bool:
        """Whether the run goes on, and has no lines after a cursor."""
        position = self._position
        return position is not None and cursor.output_id in (None, position.output_id) and position.line <= cursor.line

    def _present(self) -> Cursor | None:
        position = self._manager.position(self._id)
        output = self._manager.logs.current(self._id)
        if position is None or position[1] not in ACTIVE or output is None:
            return None
        return Cursor(output.id, output.count)
