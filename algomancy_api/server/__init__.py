"""uvicorn, as `ApiLauncher.run` and the command start it.

From the ground up:

- `no_upgrades`: requests for another protocol, read as if they had not asked for it
- `http_protocol`: bounds on what arrives before the app is asked
- `uvicorn_server`: a server that ends its streams, and itself, in time
"""
