"""What is sent and received: `requests`, `answers`, and the framework's own forms in `domain`."""

from .answers import (
    AlgorithmList,
    DatasetKeys,
    Error,
    EtlOutcome,
    Health,
    KpiList,
    RunOutcome,
    RunOutcomes,
    Session,
    SessionList,
    ValidationMessage,
)
from .requests import (
    CopySession,
    CreateScenario,
    CreateSession,
    DeriveDataset,
    RenameSession,
    RunScenario,
    RunScenarios,
    Upload,
)

__all__ = [
    "AlgorithmList",
    "CopySession",
    "CreateScenario",
    "CreateSession",
    "DatasetKeys",
    "DeriveDataset",
    "Error",
    "EtlOutcome",
    "Health",
    "KpiList",
    "RenameSession",
    "RunOutcome",
    "RunOutcomes",
    "RunScenario",
    "RunScenarios",
    "Session",
    "SessionList",
    "Upload",
    "ValidationMessage",
]
