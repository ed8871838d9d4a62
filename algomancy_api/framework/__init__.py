"""Algomancy's managers, made fit for many clients at the same time.

Each module here is a subclass of one framework class and holds nothing but what that class gets wrong when
requests come from many threads, or when the server is killed in the middle. Everything else is inherited.
"""

from .failures import ConnectionsShared, DatabaseInUse, DatabaseUnavailable, NotStorable, StorageFull, is_full
from .outcomes import Outcome
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
