"""Tables of datasets: parts of them, in any format.

From the ground up:

- `parameters`: the query of a request
- `paging`: the headers of a page
- `responses`: the response
- `handlers`: the handlers, and the table of their routes
"""

from .handlers import ROUTES

__all__ = ["ROUTES"]
