"""The msgspec Structs of request and response bodies.

- `requests`: request bodies
- `responses`: response bodies of this package
- `domain`: response bodies of the framework: scenarios, parameters, datasets
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
