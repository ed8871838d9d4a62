"""Engines: where an algorithm runs. No module here knows HTTP.

From the ground up:

- `log_lines`: text of others as lines of a log
- `user_code`: a user's code, which cannot end the thread that it runs on
- `run`: one run of a scenario, which many may end
- `wrapped_algorithms`: algorithms, wrapped for where they run
- `etl`: an ETL factory whose pipelines are built elsewhere, and files that are read there
- `thread`, `process`, `dask`: the engines
- `registry`: the engines by their names in the configuration
"""

from .etl import UnreadFile
from .process.child_process import is_inside
from .process.errors import EngineError
from .registry import ENGINES, Engine, chosen_engine
from .run import CANCELLED, Run, RunStopped, cancelled, is_time_limit

__all__ = [
    "CANCELLED",
    "ENGINES",
    "Engine",
    "EngineError",
    "Run",
    "RunStopped",
    "UnreadFile",
    "cancelled",
    "chosen_engine",
    "is_inside",
    "is_time_limit",
]
