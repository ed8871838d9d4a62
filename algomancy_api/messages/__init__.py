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
from .requests import CopySession, CreateScenario, CreateSession, DeriveDataset, RenameSession, Upload

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
    "Session",
    "SessionList",
    "Upload",
    "ValidationMessage",
]
