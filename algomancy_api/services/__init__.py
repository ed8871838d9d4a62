"""What a request can do with sessions, scenarios and datasets. Nothing here knows a Response.

From the ground up:

- `scenario_views`: a scenario in its full form, and its summary
- `datasets`: the datasets of a session
- `scenarios`: one session: its scenarios, and what is done on a worker thread
- `sessions`: all sessions of an app, or those that a sender sees
- `dependencies`: from a request to its session
- `readiness`: whether the database, the engine and the tokens are there
"""
