"""Algorithms and ETL pipelines in processes of their own: a child for each run.

`runner.run_in_child` is all that the rest needs, and it knows nothing of a server: what starts a child, whom it tells
of progress and where its output goes are arguments. From the bottom up:

- `wire`: frames over a socket; `crossing`: a value as frames; `pickling`: what pickle has no words for;
- `lifeline`: the end of the parent is the end of the child; `failures`: errors on their way back;
- `child`: what happens in the child; `jobs`: what it is given to do;
- `starting`: how a child begins; `output`: where what it prints goes; `runner`: one run, from the parent's side;
- `engine`: the engine; `etl`: pipelines.
"""

from .engine import ProcessEngine

__all__ = ["ProcessEngine"]
