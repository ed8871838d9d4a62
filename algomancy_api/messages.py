"""The bodies of requests and answers.

A field that a client adds and that is not named here is accepted and ignored. Domain objects (scenarios,
summaries, datasets) have no Struct here: their form is the framework's own.
"""

from typing import Annotated, Any

from msgspec import Meta, Struct

#: A name that a client gives to something.
Name = Annotated[str, Meta(min_length=1)]


class CreateSession(Struct):
    """A new, empty session."""

    display_name: Name


class CopySession(Struct):
    """A new session that starts with the datasets of another."""

    new_display_name: Name


class RenameSession(Struct):
    """A session's new name; its id stays."""

    display_name: Name


class CreateScenario(Struct):
    """A new scenario: a dataset, an algorithm and their parameter values (omitted or null: the defaults)."""

    tag: Name
    dataset_key: Name
    algo_name: Name
    algo_params: dict[str, Any] | None = None
    data_params: dict[str, Any] | None = None


class DeriveDataset(Struct):
    """A new dataset that starts as a copy of another."""

    new_key: Name


class Session(Struct):
    """One session."""

    id: str
    display_name: str


class SessionList(Struct):
    """Every session, and the id of the one to open first."""

    sessions: list[Session]
    default: str


class Health(Struct):
    """The server is up; its title and its sessions."""

    status: str
    title: str
    sessions: list[Session]


class AlgorithmList(Struct):
    """The names of the algorithms that a scenario can use."""

    algorithms: list[str]


class KpiList(Struct):
    """The names of the KPIs that every scenario ends with."""

    kpis: list[str]


class DatasetKeys(Struct):
    """The keys of a session's datasets."""

    keys: list[str]


class ScenarioStatus(Struct):
    """Where a scenario stands: its status and its progress, 0 to 100."""

    id: str
    tag: str
    status: str
    progress: float


class ValidationMessage(Struct):
    """What the ETL has to say about the uploaded data."""

    severity: str
    message: str
    table: str | None
    code: str | None


class EtlOutcome(Struct):
    """Whether an upload became a dataset, and why (not)."""

    dataset_name: str
    success: bool
    keys: list[str]
    messages: list[ValidationMessage]


class Error(Struct):
    """The body of every answer of 400 and above."""

    detail: str
