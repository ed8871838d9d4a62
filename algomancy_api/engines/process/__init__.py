"""The process engine: algorithms and ETL pipelines in child processes, one for each run.

`runner.run_in_child` is the entry point. It knows nothing of a server: the starter of children, the callback for
progress and the log are arguments. From the ground up:

- `errors`: exceptions sent from a child to its parent, and the error for a child that died
- `transport`: the serialization of values between processes
- `child`: the code that runs in a child
- `jobs`: the work sent to a child
- `temp_folder`: temporary folders, which go also if their process is killed
- `launch`: the fork server and the start of a process, in the parent
- `child_process`: start and end of a child, in the parent
- `waiting`: children that wait for a job
- `output`: the output and log records of a child, as its parent takes them
- `runner`: one job in a child, in the parent
- `slots`: the limit of concurrent runs
- `etl`: ETL factories whose pipelines run in a child
- `engine`: the engine
"""

from .engine import ProcessEngine

__all__ = ["ProcessEngine"]
