"""The operations on sessions, scenarios and datasets. They read requests but know no responses.

From the ground up:

- `scenario_views`: the full form and the summary of a scenario
- `datasets`: the datasets of a session
- `scenarios`: one session: its scenarios, and which calls run on a worker thread
- `sessions`: all sessions of an app, or those that the sender of a request sees
- `dependencies`: request to session, and the managers for a host's own handlers
- `readiness`: whether the database, the engine and the token file are available
"""
