"""What is sent and received: `requests`, `answers`, and the framework's own forms in `domain`."""

from .answers import (
    AlgorithmList,
    DatasetKeys,
    Error,
    EtlOutcome,
    Health,
    KpiList,
    Session,
    SessionList,
    ValidationMessage,
)
from .requests import CopySession, CreateScenario, CreateSession, DeriveDataset, RenameSession, RunScenario, Upload

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
    "RunScenario",
    "Session",
    "SessionList",
    "Upload",
    "ValidationMessage",
]
