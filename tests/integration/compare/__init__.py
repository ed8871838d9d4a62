"""The same requests to this project and to `algomancy-api` 0.10.0, and where the answers differ.

``PEER_PYTHON=<the peer's python> python -m tests.integration.compare``: the peer has this package's import name, so it
lives in an environment of its own. `wiring` is what both serve, `cases` what both are asked, `expected` where they may
differ.
"""
