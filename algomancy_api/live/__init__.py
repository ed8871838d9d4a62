"""Scenarios as they change.

From the ground up:

- `watched_scenario`: the state of a scenario, and the event of its next change
- `watched_session`: the same for all scenarios of a session
- `watcher`: one look at all that is watched, some times a second
- `stream_quota`: how many streams and waiting polls each sender has open
- `long_poll`: a poll that waits for a change
- `sse`: Server-Sent Events
"""
