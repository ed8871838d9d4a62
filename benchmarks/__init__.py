"""Benchmarks of the server, beside algomancy-api 0.10.0 and a bare ASGI app. See README.md."""
