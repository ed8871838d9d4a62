"""The receivers of events of an app.

From the ground up:

- `views`: how they do, and what they got, as JSON
- `receivers`: the operations on them
"""

from .receivers import Webhooks

__all__ = ["Webhooks"]
