"""What differs by database. A module here knows its database by name, and no other module of `database` does.

For another database, add a module with a subclass of `Dialect`, and the dialect to `DIALECTS`. From the ground up:

- `interface`: what a dialect answers
- `write_lock`: the one lock of a database, for the threads of this process
- `sqlite`: SQLite
- `postgresql`: PostgreSQL
"""

from typing import Final

import sqlalchemy as sa

from .interface import Dialect, Lock
from .postgresql import PostgreSQL
from .sqlite import SQLite

__all__ = ["DIALECTS", "Dialect", "Lock", "dialect_of", "dialect_of_url"]

DIALECTS: Final[tuple[Dialect, ...]] = (SQLite(), PostgreSQL())

_by_name = {dialect.name: dialect for dialect in DIALECTS}


def dialect_of(engine: sa.Engine) -> Dialect:
    """The dialect of an engine that `create_engine` made."""
    return _by_name[engine.dialect.name]


def dialect_of_url(url: sa.URL) -> Dialect:
    """The dialect of a database URL.

    Raises:
        ValueError: The database or its driver is not supported.
    """
    for dialect in DIALECTS:
        if url.drivername in dialect.drivers:
            return dialect
    supported = " or ".join(dialect.description for dialect in DIALECTS)
    examples = " or ".join(repr(dialect.example) for dialect in DIALECTS)
    raise ValueError(f"database_url must be of {supported}, like {examples}; got {url.drivername!r}")
