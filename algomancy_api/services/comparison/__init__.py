"""Scenarios of a session side by side.

From the ground up:

- `selection`: which scenarios a request compares
- `reading`: what is compared of them, without loading them
- `answers`: the comparison in the form that the client accepts
"""

from .answers import FORMS, compared
from .selection import Selection, wanted_in

__all__ = ["FORMS", "Selection", "compared", "wanted_in"]
