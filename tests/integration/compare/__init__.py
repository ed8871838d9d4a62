"""Comparison of this project's responses with those of `algomancy-api` 0.10.0, the peer, to the same requests.

``PEER_PYTHON=<the peer's python> python -m tests.integration.compare``: the peer has the same import name as this
package, so it needs an environment of its own. Both serve `wiring` and receive the requests of `cases`; `expected` has
the differences that are allowed.
"""
