"""The Structs of answers. Members that a server lacks have their defaults, and those that it adds are passed over."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct, field

#: Statuses of runs that go on.
ACTIVE = frozenset({"queued", "processing"})

#: What this package says of a scenario that is no more.
DELETED = "deleted"


class SessionName(Struct, frozen=True):
    """The id and the display name of a session."""

    id: str
    display_name: str


class SessionList(Struct, frozen=True):
    """All sessions, and the id of the default one."""

    sessions: list[SessionName]
    default: str


class Kpi(Struct, frozen=True):
    """A KPI of a scenario."""

    name: str
    better_when: str
    unit: str | None
    value: float | None
    threshold: float | None = None

    @property
    def passed(self) -> bool | None:
        """Whether the value keeps the threshold; None without either, and for a KPI that has no limit."""
        if self.value is None or self.threshold is None:
            return None
        limits = {"AT_LEAST": self.value >= self.threshold, "AT_MOST": self.value <= self.threshold}
        return limits.get(self.better_when)


class AlgorithmOfSummary(Struct, frozen=True):
    """The algorithm of a scenario, with the values of its parameters."""

    name: str
    parameters: dict[str, Any] = field(default_factory=dict)


class Summary(Struct):
    """A scenario without its result."""

    id: str
    tag: str
    algorithm: AlgorithmOfSummary
    input_data_key: str = ""
    data_parameters: dict[str, Any] = field(default_factory=dict)
    status: str = "created"
    progress: float = 0
    created_at: str | None = None
    run_started_at: str | None = None
    run_finished_at: str | None = None
    kpis: dict[str, Kpi] = field(default_factory=dict)
    data_changed: bool = False
    interrupted: bool = False
    stale: str | None = None
    error: str | None = None
    ended: str | None = None
    labels: dict[str, str] = field(default_factory=dict)
    note: str = ""


class Changes(Struct, frozen=True):
    """What has changed of some scenarios: those that are new or have changed, and the ids of those that are no more."""

    scenarios: list[Summary]
    gone: list[str]
    cursor: str


class State(Struct):
    """The status of a scenario, as its events and polls have it."""

    id: str
    tag: str
    status: str
    progress: float = 0
    error: str | None = None
    objective: float | None = None
    bound: float | None = None
    gap: float | None = None
    kpis: dict[str, Kpi] = field(default_factory=dict)


class States(Struct):
    """The first event of a session: the status of each scenario."""

    scenarios: list[State]


class Created(Struct):
    """A scenario in its full form, without the result."""

    id: str
    tag: str
    status: str
    kpis: dict[str, Kpi] = field(default_factory=dict)


class Outcome(Struct, frozen=True):
    """What a change of several scenarios did to one of them."""

    id: str
    done: bool
    detail: str | None = None


class Outcomes(Struct, frozen=True):
    """What a change did to each scenario."""

    outcomes: list[Outcome]


class RunOutcome(Struct, frozen=True):
    """Whether a scenario was put into the queue."""

    id: str
    queued: bool


class RunOutcomes(Struct, frozen=True):
    """The outcome for each scenario that was to be run."""

    outcomes: list[RunOutcome]


class Message(Struct, frozen=True):
    """What the server says of uploaded data. Table, column, row and value are there where it names them."""

    severity: str
    message: str
    table: str | None = None
    code: str | None = None
    column: str | None = None
    row: int | None = None
    value: str | None = None

    def __str__(self) -> str:
        row = None if self.row is None else f"row {self.row:,}"
        column = None if self.column is None else f"column {self.column!r}"
        place = ", ".join(part for part in (self.table, row, column) if part)
        return f"{self.severity} {place + ': ' if place else ''}{self.message}"


class EtlOutcome(Struct, frozen=True):
    """The outcome of an upload."""

    dataset_name: str
    success: bool
    messages: list[Message] = field(default_factory=list)


class TableSize(Struct, frozen=True):
    """The size of a table, where it is known."""

    name: str
    rows: int | None = None
    columns: int | None = None


class DatasetFacts(Struct, frozen=True):
    """What is known of a dataset."""

    key: str
    created: str | None = None
    derived_from: str | None = None
    used_by: int = 0
    tables: list[TableSize] | None = None


class Keys(Struct, frozen=True):
    """The keys of the datasets, and what is known of each if that was asked for."""

    keys: list[str]
    datasets: list[DatasetFacts] = field(default_factory=list)


class Column(Struct, frozen=True):
    """A column of a table."""

    name: str
    dtype: str
    nulls: int
    min: Any = None
    max: Any = None
    distinct: int | None = None


class Table(Struct, frozen=True):
    """A table and its columns."""

    name: str
    rows: int
    columns: int
    bytes: int
    fields: list[Column]


class TableList(Struct, frozen=True):
    """The tables of a dataset or a result."""

    tables: list[Table]


class LogLine(Struct, frozen=True):
    """A line that a run has printed or logged."""

    time: datetime
    stream: str
    level: str
    text: str


class LogPart(Struct, frozen=True):
    """A part of the log of a run."""

    lines: list[LogLine]
    next: str
    complete: bool = False


class Parameters(Struct, frozen=True):
    """The descriptors of the parameters of an algorithm or a dataset."""

    name: str
    parameters: list[dict[str, Any]]


class Algorithms(Struct, frozen=True):
    """The names of the algorithms."""

    algorithms: list[str]
