"""``tests.integration.hosts.served:app``: an app for ASGI servers that import one."""

from .factory import build

app = build()
