"""Algomancy's managers, made fit for many clients at the same time.

Each subclass of a framework class holds nothing but what that class gets wrong when requests come from many threads,
or when the server is killed in the middle. Everything else is inherited. From the ground up:

- `errors`: what can happen to a server's storage; no SQLAlchemy is imported for it
- `log_bridge`: the framework's log lines, by way of `logging`
- `names`: names that a database can hold
- `session_names`: names that sessions may have
- `session_listing`: the sessions as they are listed, replaced as a whole
- `run_outcomes`: how a run has ended
- `dataset_reader`: a dataset from its JSON text
- `dataset_copies`: copies of datasets from one session to another
- `scenario_registry`: scenarios in memory
- `scenario_processor`: a session's queue and its worker thread
- `scenario_manager`: the manager of one session
- `session_manager`: every session of one server
- `database`: all of them in a database
"""

from .errors import ConnectionsShared, DatabaseInUse, DatabaseUnavailable, NotStorable, StorageFull, is_full
from .run_outcomes import Outcome
from .scenario_manager import ACTIVE, ApiScenarioManager, NotADataset
from .session_manager import ApiSessionManager

__all__ = [
    "ACTIVE",
    "ApiScenarioManager",
    "ApiSessionManager",
    "ConnectionsShared",
    "DatabaseInUse",
    "DatabaseUnavailable",
    "NotADataset",
    "NotStorable",
    "Outcome",
    "StorageFull",
    "is_full",
]
