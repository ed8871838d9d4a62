"""Changes of scenarios, for clients that watch them.

From the ground up:

- `selection`: which scenarios of a session a client watches
- `watched_scenario`: the state of a watched scenario, and a wait for its next change
- `watched_session`: the states of a watched session's scenarios, and their latest changes
- `watched_changes`: what has changed of some scenarios since a client has asked
- `watched_log`: the log of a watched run, and a wait for its next lines
- `watcher`: one check of everything that is watched, some times a second
- `stream_quota`: the limit of open streams and long polls for each sender
- `long_poll`: requests for a status, a log or the changes of many scenarios that wait for a change
- `sse`: Server-Sent Events
"""
