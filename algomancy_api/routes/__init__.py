"""The handlers: decode, one call, respond. Each module ends with its table of routes.

- `sessions`: list, create, copy, rename, delete
- `algorithms`: what a scenario can be made of
- `scenarios`: list, create, run, cancel, reset, delete
- `events`: Server-Sent Events
- `datasets`: list, download, derive, upload, delete
- `health`: whether the server is up, and can take work
- `docs`: the OpenAPI document and its page
"""
