"""The code that runs in a child process.

From the ground up:

- `main`: the job of a child, from its arrival to its result
- `progress`: the progress of a run, on its way to the parent
- `parent_death`: the end of a child whose parent has ended
- `marker`: imported before any module of the user's, to tell a child from a server
"""
