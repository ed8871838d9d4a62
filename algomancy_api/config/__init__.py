"""The configuration of a server.

From the ground up:

- `rules`: the values that a keyword takes
- `fields`: declarations of keywords, and the class decorator that reads them
- `configuration`: `ApiConfiguration`, the table of keywords
- `options`: keywords as options of the command
"""

from .configuration import ApiConfiguration

__all__ = ["ApiConfiguration"]
