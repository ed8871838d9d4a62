"""uvicorn, as `ApiLauncher.run` and the command start it.

From the ground up:

- `no_upgrades`: requests with `Upgrade`, served as HTTP/1.1
- `http_protocol`: limits on what is received before the app is called
- `uvicorn_server`: the server, with a time limit on its shutdown
"""
