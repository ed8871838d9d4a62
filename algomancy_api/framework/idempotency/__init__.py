"""Idempotency keys: the answer to a request is kept with its effect, so that a retry has no second effect.

From the ground up:

- `answers`: an answer that is kept, and the interface of where it is kept
- `pending`: the key of the request under way, which the transaction of its effect takes along
- `memory`: answers in memory, without a database
- `keyed_sessions`: the answers of a session manager, and its new sessions, each stored with a key
"""
