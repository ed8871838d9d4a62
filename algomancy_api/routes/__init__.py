"""The handlers: decode the request, call one service, respond. Each module ends with its table of routes.

- `sessions`: list, create, copy, rename, delete
- `algorithms`: algorithms with their parameters, and KPIs
- `scenarios`: list, create, read, run, cancel, reset, poll, delete
- `events`: Server-Sent Events of a scenario or a session
- `datasets`: list, download, derive, upload, delete
- `health`: liveness and readiness
- `docs`: the OpenAPI document, and Swagger UI
"""
