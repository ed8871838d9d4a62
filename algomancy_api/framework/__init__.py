"""Algomancy's managers, made safe for many concurrent clients.

Each class overrides only the methods of its framework class that fail when requests come from many threads, or when
the server is killed during a write. From the ground up:

- `errors`: exceptions of storage, without an import of SQLAlchemy
- `log_bridge`: the framework's log messages, passed to `logging`
- `names`: names that a database can store
- `session_names`: names that sessions may have
- `session_listing`: immutable listings of the sessions
- `run_outcomes`: outcomes of runs
- `dataset_reader`: a dataset from its JSON text
- `dataset_copies`: copies of datasets from one session to another
- `scenario_registry`: scenarios in memory
- `scenario_processor`: a session's queue and its worker thread
- `scenario_manager`: the manager of one session
- `session_manager`: every session of one server
- `database`: sessions, datasets and scenarios in a database
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
