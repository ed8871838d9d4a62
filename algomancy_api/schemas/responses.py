"""Response bodies that this package makes itself."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from .domain import Status


class Session(Struct):
    """One session."""

    id: Annotated[str, Meta(description="A UUID; it never changes.")]
    display_name: Annotated[str, Meta(description="The display name, which can be changed.")]


class SessionOverview(Struct):
    """A session, and how much is in it."""

    id: Annotated[str, Meta(description="A UUID; it never changes.")]
    display_name: Annotated[str, Meta(description="The display name, which can be changed.")]
    default: Annotated[bool, Meta(description="Whether it is the default session.")]
    datasets: Annotated[int, Meta(ge=0, description="The number of datasets.")]
    scenarios: Annotated[int, Meta(ge=0, description="The number of scenarios.")]
    statuses: Annotated[dict[str, int], Meta(description="The number of scenarios of each status.")]


class SessionList(Struct):
    """All sessions, and the id of the default session."""

    sessions: list[Session]
    default: str


class Health(Struct):
    """The server is up; its title and its sessions."""

    status: str
    title: str
    sessions: list[Session]


class Parts(Struct):
    """The parts of the server, and whether each is ready."""

    engine: Annotated[bool, Meta(description="Whether a run would start.")]
    database: Annotated[bool, Meta(description="Whether it responds. Omitted without a database.")] | UnsetType = UNSET
    tokens: (
        Annotated[bool, Meta(description="Whether the file's tokens are in use. Omitted without a file.")] | UnsetType
    ) = UNSET


class Ready(Struct):
    """The server can take work."""

    status: Annotated[str, Meta(extra_json_schema={"enum": ["ready"]})]
    parts: Parts


class NotReady(Struct):
    """The server is up, but cannot take work now."""

    detail: Annotated[str, Meta(description="A message that names the missing parts.")]
    status: Annotated[str, Meta(extra_json_schema={"enum": ["not ready", "stopping"]})]
    parts: Parts


class Links(Struct):
    """Paths of this server. Those that are turned off are omitted."""

    title: str
    api: Annotated[str, Meta(description="The path before those of all other routes.")]
    health: str
    ready: str
    openapi: Annotated[str, Meta(description="The OpenAPI document.")] | UnsetType = UNSET
    docs: Annotated[str, Meta(description="The page that shows the document.")] | UnsetType = UNSET
    console: Annotated[str, Meta(description="The console, a page for people.")] | UnsetType = UNSET


class DatasetKeys(Struct):
    """The keys of a session's datasets."""

    keys: list[str]


class TableSize(Struct):
    """The size of a table. What is not known until its dataset is loaded, is null."""

    name: str
    rows: int | None
    columns: int | None
    bytes: Annotated[int | None, Meta(description="The memory that it takes.")]


class DatasetFacts(Struct):
    """What is known of a dataset."""

    id: str
    key: str
    type: Annotated[str, Meta(description="Such as `master_data` or `derived_data`.")]
    created: Annotated[str | None, Meta(description="When it was created.")]
    derived_from: Annotated[str | None, Meta(description="The key of the dataset that it was derived from, if known.")]
    used_by: Annotated[int, Meta(description="The number of scenarios that use it.")]


class DatasetDetails(DatasetFacts):
    """What is known of a dataset without loading it."""

    tables: Annotated[list[TableSize] | None, Meta(description="Null if they are not known until it is loaded.")]


class DatasetList(DatasetKeys):
    """The keys of a session's datasets, and with `details` what is known of each."""

    datasets: list[DatasetDetails] | UnsetType = UNSET


class ColumnProfile(Struct):
    """A column, or a named level of the index."""

    name: str
    dtype: Annotated[str, Meta(description="Its type in pandas.")]
    nulls: Annotated[int, Meta(description="The number of missing values, NaN included.")]
    min: Annotated[Any, Meta(description="The least value, as in the rows; of a text, its beginning.")]
    max: Annotated[Any, Meta(description="The largest value, as in the rows; of a text, its beginning.")]
    distinct: Annotated[
        int | None, Meta(description="The number of different values; null if there are more than 1,000.")
    ]


class TableProfile(Struct):
    """A table and its columns."""

    name: str
    rows: int
    columns: Annotated[int, Meta(description="The number of columns, without the index.")]
    bytes: Annotated[int, Meta(description="The memory that it takes.")]
    fields: list[ColumnProfile]


class DatasetProfile(DatasetFacts):
    """A dataset and its tables."""

    tables: list[TableProfile]


class ResultTables(Struct):
    """The tables of the result of a scenario."""

    id: Annotated[str, Meta(description="The id of the scenario.")]
    tables: list[TableProfile]


class ValidationMessage(Struct, omit_defaults=True):
    """A message of the ETL about the uploaded data. Column, row and value are there where the ETL names them."""

    severity: Annotated[str, Meta(extra_json_schema={"enum": ["INFO", "WARNING", "ERROR", "CRITICAL"]})]
    message: str
    table: str | None
    code: Annotated[str | None, Meta(description="The kind of message, for use in programs.")]
    column: str | None = None
    row: Annotated[int | None, Meta(description="The number of the row, from 0.")] = None
    value: Annotated[str | None, Meta(description="The text of the cell.")] = None


class EtlOutcome(Struct):
    """The outcome of an upload: whether it became a dataset, and the messages of the ETL."""

    dataset_name: str
    success: bool
    keys: list[str]
    messages: list[ValidationMessage]


class ReportedPoint(Struct):
    """A report of an algorithm. Objective, bound and gap are those of the reports before it, if it has none."""

    seconds: Annotated[float, Meta(ge=0, description="The time since the start of the algorithm.")]
    objective: Annotated[float | None, Meta(description="The objective of the best solution.")]
    bound: Annotated[float | None, Meta(description="The best bound on the objective.")]
    gap: Annotated[float | None, Meta(description="The gap between them, as the algorithm counts it.")]
    message: Annotated[str | None, Meta(description="What the algorithm says.")]
    progress: Annotated[float, Meta(description="The progress of the algorithm, in percent.")]


class RunProgress(Struct):
    """What the last run of a scenario has reported: the first and the last report, and some evenly between."""

    id: Annotated[str, Meta(description="The id of the scenario.")]
    status: Status
    points: Annotated[list[ReportedPoint], Meta(max_length=1_000)]


class RunOutcome(Struct):
    """The outcome for one scenario of a request to run several."""

    id: Annotated[str, Meta(description="The id as in the request.")]
    queued: Annotated[bool, Meta(description="Whether this request put the scenario into the queue.")]
    detail: Annotated[str | None, Meta(description="The reason, if the scenario was not queued.")] = None


class RunOutcomes(Struct):
    """The outcome for each id, in the order of the request; a repeated id has an outcome each time."""

    outcomes: list[RunOutcome]


class LogLine(Struct):
    """A line of the log of a run."""

    time: Annotated[datetime, Meta(description="When the server, or the worker of a cluster, read it.")]
    stream: Annotated[str, Meta(extra_json_schema={"enum": ["stdout", "stderr", "log"]})]
    level: Annotated[str, Meta(description="The name of its level: of stdout INFO, of stderr WARNING.")]
    text: Annotated[str, Meta(description="Its text, with escapes for bytes that are not UTF-8.")]


class LogPart(Struct):
    """A part of the log of a run."""

    lines: list[LogLine]
    next: Annotated[str, Meta(description="The place after these lines, for `from` in the next request.")]
    complete: Annotated[bool, Meta(description="Whether the run has ended, and these are its last lines.")]
    truncated: Annotated[
        bool,
        Meta(description="Whether lines are left out between head and tail. A line says how many, in their place."),
    ]


class Error(Struct, forbid_unknown_fields=True):
    """The body of each response with a status of 400 and above."""

    detail: Annotated[str, Meta(description="An error message. Programs should use the status.")]
