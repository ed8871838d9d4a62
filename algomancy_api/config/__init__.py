"""The configuration of a server.

From the ground up:

- `rules`: what values a keyword takes
- `settings`: declares the keywords of a configuration, as `dataclasses` declares fields
- `configuration`: the keywords
"""

from .configuration import ApiConfiguration

__all__ = ["ApiConfiguration"]
