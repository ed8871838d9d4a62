"""The process engine: algorithms and ETL pipelines in processes of their own, a child for each run.

`runner.run_in_child` is all that the rest needs, and it knows nothing of a server: what starts a child, what hears of
its progress and where its output goes are arguments. From the ground up:

- `errors`: errors on their way back to the parent, and those of a child that can say nothing any more
- `transport`: how values cross
- `child`: the code that runs in a child
- `jobs`: what a child is given to do
- `child_process`: a child's start and end, from its parent's side
- `output`: what a child prints and logs, in the log of its parent
- `runner`: one job in a child, from its parent's side
- `slots`: how many runs there are at once
- `etl`: an ETL whose files are read and whose pipelines run in a child
- `engine`: the engine
"""

from .engine import ProcessEngine

__all__ = ["ProcessEngine"]
