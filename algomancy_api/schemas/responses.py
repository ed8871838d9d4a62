"""Response bodies that this package makes itself."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType


class Session(Struct):
    """One session."""

    id: Annotated[str, Meta(description="A UUID; it never changes.")]
    display_name: Annotated[str, Meta(description="The display name, which can be changed.")]


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


class AlgorithmList(Struct):
    """The names of the algorithms that a scenario can use."""

    algorithms: list[str]


class KpiList(Struct):
    """The names of the KPIs of each scenario."""

    kpis: list[str]


class DatasetKeys(Struct):
    """The keys of a session's datasets."""

    keys: list[str]


class ValidationMessage(Struct):
    """A message of the ETL about the uploaded data."""

    severity: Annotated[str, Meta(extra_json_schema={"enum": ["INFO", "WARNING", "ERROR", "CRITICAL"]})]
    message: str
    table: str | None
    code: Annotated[str | None, Meta(description="The kind of message, for use in programs.")]


class EtlOutcome(Struct):
    """The outcome of an upload: whether it became a dataset, and the messages of the ETL."""

    dataset_name: str
    success: bool
    keys: list[str]
    messages: list[ValidationMessage]


class RunOutcome(Struct):
    """The outcome for one scenario of a request to run several."""

    id: Annotated[str, Meta(description="The id as in the request.")]
    queued: Annotated[bool, Meta(description="Whether this request put the scenario into the queue.")]
    detail: Annotated[str | None, Meta(description="The reason, if the scenario was not queued.")] = None


class RunOutcomes(Struct):
    """The outcome for each id, in the order of the request; a repeated id has an outcome each time."""

    outcomes: list[RunOutcome]


class Error(Struct, forbid_unknown_fields=True):
    """The body of each response with a status of 400 and above."""

    detail: Annotated[str, Meta(description="An error message. Programs should use the status.")]
