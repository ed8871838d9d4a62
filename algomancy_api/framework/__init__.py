"""Algomancy's managers, made safe for many concurrent clients.

Each class overrides only the methods of its framework class that fail when requests come from many threads, or when
the server is killed during a write. From the ground up:

- `errors`: exceptions of the queue and of storage, without an import of SQLAlchemy
- `log_bridge`: the framework's log messages, passed to `logging`
- `names`: names that a database can store
- `session_names`: names that sessions may have
- `session_listing`: immutable listings of the sessions
- `idempotency`: answers to requests with a key, for a retry
- `webhooks`: events of the ends of runs, for webhooks
- `run_outcomes`: outcomes of runs, and the reasons of failures
- `history`: the history of runs
- `dataset_json`: datasets from JSON
- `dataset_copies`: copies of datasets
- `dataset_changes`: new datasets, in place of others that scenarios may use
- `scenario_registry`: scenarios in memory
- `scenario_processor`: a session's queue and its worker threads
- `session`: parts of the manager of one session
- `scenario_manager`: the manager of one session
- `session_manager`: every session of one server
- `database`: sessions, datasets and scenarios in a database
"""

from .errors import (
    ConnectionsShared,
    DatabaseInUse,
    DatabaseUnavailable,
    NotADataset,
    NotStorable,
    StorageFull,
    TooManyRuns,
    UsedByScenarios,
    is_full,
)
from .run_outcomes import Outcome, traceback_of
from .scenario_manager import ApiScenarioManager
from .session.annotations import NO_ANNOTATIONS, Annotations
from .session.editing import NewScenario
from .session.lookups import ACTIVE
from .session.rows import ScenarioRow
from .session_manager import ApiSessionManager

__all__ = [
    "ACTIVE",
    "NO_ANNOTATIONS",
    "Annotations",
    "ApiScenarioManager",
    "ApiSessionManager",
    "ConnectionsShared",
    "DatabaseInUse",
    "DatabaseUnavailable",
    "NewScenario",
    "NotADataset",
    "NotStorable",
    "Outcome",
    "ScenarioRow",
    "StorageFull",
    "TooManyRuns",
    "UsedByScenarios",
    "is_full",
    "traceback_of",
]
