"""What stands for a token in a browser.

- `tickets`: tickets for event streams
"""

from . import tickets

ROUTES = [*tickets.ROUTES]

__all__ = ["ROUTES"]
