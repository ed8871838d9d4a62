"""The handlers: decode the request, call one service, respond. Each module ends with its table of routes.

- `sessions`: list, create, read, copy, rename, delete
- `algorithms`: algorithms with their parameters, KPIs, and schemas
- `lists`: scenarios filtered, ordered and paged, waits for their changes, batches, copies, and changes of several
- `scenarios`: create, read, edit, run, cancel, reset, poll, delete
- `compare`: scenarios side by side
- `runs`: the history of a scenario
- `run_logs`: the log of a run
- `access`: what stands for a token in a browser: tickets for event streams, logins
- `events`: Server-Sent Events of a scenario or a session
- `datasets`: list, download, derive, upload, delete
- `tables`: parts of the tables of datasets
- `webhooks`: receivers of events, for admins
- `health`: liveness and readiness
- `root`: the links of the app, at `/`
- `docs`: the OpenAPI document, and Swagger UI
"""
