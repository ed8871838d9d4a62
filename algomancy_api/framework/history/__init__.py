"""The history of runs: what was run, by whom, where, and how it ended.

From the ground up:

- `versions`: the versions of the server and of a wiring
- `record`: the record of one run
- `facts`: the facts of a run that tell runs apart
- `runs`: the runs of a session's scenarios, in memory

That of a database is in `database/runs/history`.
"""
