"""The code that runs in a child process.

From the ground up:

- `main`: the main function of a child: receive a job, run it, send the result
- `usage`: what the run has used, for the parent
- `setup`: what a child sets up before its job
- `progress`: progress reports to the parent
- `records`: log records sent to the parent
- `parent_death`: the end of a child whose parent died
- `fork_server`: what the fork server does before its first fork and after its parent's death
- `orphans`: processes that have lost their parent, and how they are ended
- `imported_threads`: the module whose import starts threads
- `marker`: a module imported before all user modules, to tell a child from a server
"""
