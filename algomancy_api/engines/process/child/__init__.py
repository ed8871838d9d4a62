"""The code that runs in a child process.

From the ground up:

- `main`: the main function of a child: receive a job, run it, send the result
- `progress`: progress reports to the parent
- `parent_death`: the end of a child whose parent died
- `marker`: a module imported before all user modules, to tell a child from a server
"""
