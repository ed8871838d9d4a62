"""The output of a run: what its algorithm prints and logs.

From the ground up:

- `lines`: a stream of bytes as complete lines
- `pages`: lines packed into pages, and read again
- `kept`: the head and the tail of a run's output, in memory
- `server_log`: the output of a run in the server's log, at a limited rate
- `run_logs`: the output of the latest run of each scenario
- `capture`: the prints and log records of an algorithm in this process
"""

from .kept import EndedOutput, KeptOutput, Output
from .pages import LOG, STDERR, STDOUT, STREAMS, Line, Page, Reading, read

__all__ = [
    "LOG",
    "STDERR",
    "STDOUT",
    "STREAMS",
    "EndedOutput",
    "KeptOutput",
    "Line",
    "Output",
    "Page",
    "Reading",
    "read",
]
