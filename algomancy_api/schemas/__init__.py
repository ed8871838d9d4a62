"""The msgspec Structs of request and response bodies.

- `requests`: request bodies
- `batches`: bodies about many scenarios
- `responses`: response bodies of this package
- `domain`: response bodies of the framework: scenarios, datasets
- `parameters`: response bodies of the framework: descriptors of parameters
- `runs`: the history of runs
- `comparison`: scenarios side by side
- `webhooks`: receivers of events, and what they got
- `wiring`: what a configuration has
- `access`: what stands for a token in a browser
"""

from .access import EventTicket, LoggedIn, LogIn
from .comparison import Comparison
from .requests import (
    ComparisonSelection,
    CopySession,
    CreateScenario,
    CreateSession,
    DeriveDataset,
    EditScenario,
    RenameSession,
    RunScenario,
    RunScenarios,
    TableFiles,
    Upload,
)
from .responses import (
    ColumnProfile,
    DatasetDetails,
    DatasetKeys,
    DatasetList,
    DatasetProfile,
    Error,
    EtlOutcome,
    Health,
    Links,
    LogLine,
    LogPart,
    NotReady,
    Parts,
    Ready,
    ReportedPoint,
    ResultTables,
    RunOutcome,
    RunOutcomes,
    RunProgress,
    Session,
    SessionList,
    SessionOverview,
    TableProfile,
    TableSize,
    ValidationMessage,
)
from .wiring import AlgorithmList, KpiList, SchemaList

__all__ = [
    "AlgorithmList",
    "ColumnProfile",
    "Comparison",
    "ComparisonSelection",
    "CopySession",
    "CreateScenario",
    "CreateSession",
    "DatasetDetails",
    "DatasetKeys",
    "DatasetList",
    "DatasetProfile",
    "DeriveDataset",
    "EditScenario",
    "Error",
    "EtlOutcome",
    "EventTicket",
    "Health",
    "KpiList",
    "Links",
    "LogIn",
    "LogLine",
    "LogPart",
    "LoggedIn",
    "NotReady",
    "Parts",
    "Ready",
    "RenameSession",
    "ReportedPoint",
    "ResultTables",
    "RunOutcome",
    "RunOutcomes",
    "RunProgress",
    "RunScenario",
    "RunScenarios",
    "SchemaList",
    "Session",
    "SessionList",
    "SessionOverview",
    "TableFiles",
    "TableProfile",
    "TableSize",
    "Upload",
    "ValidationMessage",
]
