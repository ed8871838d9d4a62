"""What can befall a server's storage. SQLAlchemy is not imported here: a server without a database does without."""

import errno

_FULL = (errno.ENOSPC, errno.EDQUOT)


class DatabaseUnavailable(Exception):
    """The database cannot be used now, and why. What was asked for has not happened, and can be asked again."""


class DatabaseInUse(DatabaseUnavailable):
    """The database belongs to another app, or has meanwhile: this one's memory of it is not to be trusted."""


class ConnectionsShared(DatabaseUnavailable):
    """Several connections to the database share a session, so that no lock is one app's own, and what to do."""


class StorageFull(Exception):
    """There is no space left where something had to be written, and where that is."""


class NotStorable(ValueError):
    """What the database cannot hold, and why."""


def is_full(error: BaseException) -> bool:
    """Whether an error of the operating system means that a disk or a quota is full."""
    return isinstance(error, OSError) and error.errno in _FULL
