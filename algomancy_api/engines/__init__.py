"""Engines: where an algorithm runs. No module here knows HTTP.

From the ground up:

- `log_lines`: untrusted text escaped for a log
- `user_code`: `SystemExit` and the like in user code, turned into exceptions
- `failure_report`: what a client reads of an exception in user code
- `output`: the output of a run: what its algorithm prints and logs
- `reports`: what a run reports while it is under way
- `options`: what a request says of a run, and what is found out about it
- `run`: one run of a scenario, its time limit, its cancellation and its early end
- `parameter_text`: parameter sets whose `serialize` writes times
- `wrapped_algorithms`: algorithm classes whose `run` is handed to an engine, and what an algorithm can call
- `wrapped_kpis`: KPI classes with numpy's scalars as values, and 0 as a threshold
- `etl`: ETL factories whose `build_pipeline` is replaced
- `thread`, `process`, `dask`: the engines
- `registry`: the engines by their names in the configuration
"""

from .failure_report import FailureReport, message_or_place, report_of
from .options import GRACE, RunOptions, is_time_limit
from .parameter_text import serializable
from .process.child.setup import Bounds
from .process.errors import EngineError
from .process.launch import is_engine_process
from .registry import ENGINES, Engine, chosen_engine
from .run import CANCELLED, Run, RunStopped
from .wrapped_algorithms import cancelled, report, stopping
from .wrapped_kpis import wrapped_kpis

__all__ = [
    "CANCELLED",
    "ENGINES",
    "GRACE",
    "Bounds",
    "Engine",
    "EngineError",
    "FailureReport",
    "Run",
    "RunOptions",
    "RunStopped",
    "cancelled",
    "chosen_engine",
    "is_engine_process",
    "is_time_limit",
    "message_or_place",
    "report",
    "report_of",
    "serializable",
    "stopping",
    "wrapped_kpis",
]
