"""Receivers of events, for admins.

From the ground up:

- `parameters`: the query of a request
- `handlers`: the handlers, and the table of their routes
"""

from .handlers import ROUTES

__all__ = ["ROUTES"]
