"""What a list needs to know of a scenario."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

#: The place of a scenario in the order of creation, which it keeps: its time of creation and its id.
type Place = tuple[datetime, str]


class Row(Protocol):
    """A scenario in a list; each property is read when it is asked for."""

    @property
    def place(self) -> Place: ...
    @property
    def tag(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def algorithm(self) -> str: ...
    @property
    def dataset(self) -> str: ...
    @property
    def labels(self) -> Mapping[str, str]: ...
    @property
    def note(self) -> str | None: ...
    @property
    def progress(self) -> float: ...
    @property
    def started(self) -> datetime | None: ...
    @property
    def finished(self) -> datetime | None: ...

    def kpi(self, name: str) -> float | None:
        """The value of a KPI; None if there is none."""
