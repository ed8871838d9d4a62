"""What stands for a token in a browser.

- `tickets`: tickets for event streams
- `logins`: logins by a cookie
"""

from .logins import ROUTES as LOGIN_ROUTES
from .tickets import ROUTES

__all__ = ["LOGIN_ROUTES", "ROUTES"]
