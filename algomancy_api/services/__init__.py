"""The operations on sessions, scenarios and datasets. They read requests but know no responses.

From the ground up:

- `scenario_views`: the full form and the summary of a scenario
- `wrong_states`: errors of requests that the state of a scenario does not allow
- `datasets`: the datasets of a session
- `wiring`: the algorithms, KPIs and schemas of a session
- `runs`: the run of a scenario: stop it and keep the best, and what it has reported
- `lists`: scenarios filtered, ordered and paged, and those that have changed
- `changes`: scenarios created, queued and changed, and what users write on them
- `tables`: the tables of datasets
- `run_logs`: the logs of a session's runs
- `scenarios`: one session: its scenarios, and which calls run on a worker thread
- `comparison`: scenarios side by side
- `history`: the history of the runs of a scenario
- `sessions`: all sessions of an app, or those that the sender of a request sees
- `webhooks`: the receivers of events, what they got, and a test
- `dependencies`: request to session, and the managers for a host's own handlers
- `readiness`: whether the database, the engine and the token file are available
"""
