"""PostgreSQL.

From the ground up:

- `tables`: what a SQL table would change without an error
- `connections`: the time-outs of a connection, and its errors
- `poolers`: whether a connection has a session to itself
- `advisory_lock`: the lock of a database
- `dialect`: the answers to the interface of a dialect
"""

from .dialect import PostgreSQL

__all__ = ["PostgreSQL"]
