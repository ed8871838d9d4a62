"""Changes of scenarios, for clients that watch them.

From the ground up:

- `watched_scenario`: the state of a watched scenario, and a wait for its next change
- `watched_session`: the states of a watched session's scenarios, and their latest changes
- `watcher`: one check of everything that is watched, some times a second
- `stream_quota`: the limit of open streams and long polls for each sender
- `long_poll`: requests for a status that wait for its change
- `sse`: Server-Sent Events
"""
