"""``tests.integration.hosts.served:app``, for the servers that import an app."""

from .factory import build

app = build()
