"""The bodies of answers that this package makes itself."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType


class Session(Struct):
    """One session."""

    id: Annotated[str, Meta(description="A UUID; it never changes.")]
    display_name: Annotated[str, Meta(description="What people see; it can be changed.")]


class SessionList(Struct):
    """Every session, and the id of the one to open first."""

    sessions: list[Session]
    default: str


class Health(Struct):
    """The server is up; its title and its sessions."""

    status: str
    title: str
    sessions: list[Session]


class Parts(Struct):
    """What work depends on, and whether it is there."""

    engine: Annotated[bool, Meta(description="Where algorithms run: a run would start.")]
    database: Annotated[bool, Meta(description="It answers. Left out where there is none.")] | UnsetType = UNSET
    tokens: (
        Annotated[bool, Meta(description="Those of the file count. Left out where there is no file.")] | UnsetType
    ) = UNSET


class Ready(Struct):
    """The server can take work."""

    status: Annotated[str, Meta(extra_json_schema={"enum": ["ready"]})]
    parts: Parts


class NotReady(Struct):
    """The server is up, and cannot take work at the moment."""

    detail: Annotated[str, Meta(description="What is missing, for people.")]
    status: Annotated[str, Meta(extra_json_schema={"enum": ["not ready", "stopping"]})]
    parts: Parts


class AlgorithmList(Struct):
    """The names of the algorithms that a scenario can use."""

    algorithms: list[str]


class KpiList(Struct):
    """The names of the KPIs that every scenario ends with."""

    kpis: list[str]


class DatasetKeys(Struct):
    """The keys of a session's datasets."""

    keys: list[str]


class ValidationMessage(Struct):
    """What the ETL has to say about the uploaded data."""

    severity: Annotated[str, Meta(extra_json_schema={"enum": ["INFO", "WARNING", "ERROR", "CRITICAL"]})]
    message: str
    table: str | None
    code: Annotated[str | None, Meta(description="The kind of message, for programs.")]


class EtlOutcome(Struct):
    """Whether an upload became a dataset, and why (not)."""

    dataset_name: str
    success: bool
    keys: list[str]
    messages: list[ValidationMessage]


class RunOutcome(Struct):
    """What became of one scenario that was to be put into the queue."""

    id: Annotated[str, Meta(description="As it stands in the request.")]
    queued: Annotated[bool, Meta(description="Whether it is in the queue because of this request.")]
    detail: Annotated[str | None, Meta(description="Why it is not, for people.")] = None


class RunOutcomes(Struct):
    """What became of each scenario, in the order of the request; one that is named twice is there twice."""

    outcomes: list[RunOutcome]


class Error(Struct, forbid_unknown_fields=True):
    """The body of every answer of 400 and above."""

    detail: Annotated[str, Meta(description="What is wrong, for people. Programs look at the status.")]
