"""Parts of the manager of one session.

From the ground up:

- `changes`: what may have changed in a session, for those who watch it
- `closing`: a close of the session, which waits for its writes
- `run_limits`: how many scenarios may run at the same time, and how many a sender may have queued or running
- `one_run`: the algorithm, the KPIs, and the final status of a run
- `annotations`: labels and notes of scenarios
- `creation_order`: scenarios in the order of creation
- `rows`: scenarios as rows of a list
- `dataset_facts`: what is known of the datasets without loading them
- `datasets`: the datasets of a session: added, replaced, derived and deleted
- `lookups`: what the manager knows of its scenarios without a disk or a database
- `editing`: scenarios created, renamed, annotated, reset and deleted
"""
