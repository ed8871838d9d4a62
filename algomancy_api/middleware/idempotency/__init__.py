"""Idempotency keys: a POST that is sent again with its `Idempotency-Key` gets its first answer again.

From the ground up:

- `key_header`: the key of a request
- `request_digest`: a body, hashed as it is read
- `gathered_answer`: an answer, held back until it is kept
- `layer`: the middleware
"""

from .layer import Idempotency

__all__ = ["Idempotency"]
