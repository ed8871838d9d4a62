"""The msgspec Structs of what is sent and received.

- `requests`: bodies of requests
- `responses`: bodies of answers
- `domain`: the framework's own forms
"""

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
from .responses import (
    AlgorithmList,
    DatasetKeys,
    Error,
    EtlOutcome,
    Health,
    KpiList,
    NotReady,
    Parts,
    Ready,
    RunOutcome,
    RunOutcomes,
    Session,
    SessionList,
    ValidationMessage,
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
    "NotReady",
    "Parts",
    "Ready",
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
