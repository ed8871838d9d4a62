"""The logs of runs in a database, stored while they grow.

From the ground up:

- `table`: the table, whose rows are compressed pages and pieces of pages
- `growing`: the log of a run that goes on, and what of it is stored
- `writer`: the thread that writes what is new
- `stored`: the logs of one session's runs
"""

from .stored import StoredLogs
from .table import forget_deleted, prepare

__all__ = ["StoredLogs", "forget_deleted", "prepare"]
