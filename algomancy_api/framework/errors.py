"""Exceptions of the queue and of storage. They import no SQLAlchemy: a server without a database does not need it."""

import errno

_FULL = (errno.ENOSPC, errno.EDQUOT)


class TooManyRuns(Exception):
    """The sender of a request may not queue one more scenario; the message has the limit and the remedy."""


class DatabaseUnavailable(Exception):
    """The database cannot be used now; the message has the reason. Nothing has changed, so a retry is safe."""


class DatabaseInUse(DatabaseUnavailable):
    """Another app owns the database, or owned it in the meantime: cached metadata of this app may be stale."""


class ConnectionsShared(DatabaseUnavailable):
    """Connections to the database share a session, so an app cannot own a lock; the message has the remedy."""


class StorageFull(Exception):
    """A disk is full; the message names it."""


class NotADataset(ValueError):
    """A text that is not the output of `DataSource.to_json()`; the message has the reason."""


class UsedByScenarios(AssertionError):
    """Scenarios use a dataset that would be replaced; the message names them."""


class NotStorable(ValueError):
    """A value that the database cannot store; the message has the reason."""


def is_full(error: BaseException) -> bool:
    """Whether an error of the operating system means that a disk or a quota is full."""
    return isinstance(error, OSError) and error.errno in _FULL
