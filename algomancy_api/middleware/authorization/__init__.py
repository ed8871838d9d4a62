"""Who a request is from, and whether it may do what it asks for.

- `hidden_tickets`: takes the ticket of an event stream out of the URL, so that no log has it
- `layer`: 401 and 403
"""

from .hidden_tickets import HiddenTickets
from .layer import Authorization, authentication_error

__all__ = ["Authorization", "HiddenTickets", "authentication_error"]
