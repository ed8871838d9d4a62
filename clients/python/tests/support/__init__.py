"""Helpers of the tests: servers, and answers made up.

- `servers`: the example in a process of its own
- `scripted`: a server that answers as it is told
"""
