"""Engines: where an algorithm runs. No module here knows HTTP.

From the ground up:

- `log_lines`: untrusted text escaped for a log
- `user_code`: `SystemExit` and the like in user code, turned into exceptions
- `run`: one run of a scenario, its time limit and its cancellation
- `wrapped_algorithms`: algorithm classes whose `run` is handed to an engine
- `etl`: ETL factories whose `build_pipeline` is replaced, and files that are read late
- `thread`, `process`, `dask`: the engines
- `registry`: the engines by their names in the configuration
"""

from .etl import UnreadFile
from .process.child_process import is_engine_process
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
    "is_engine_process",
    "is_time_limit",
]
