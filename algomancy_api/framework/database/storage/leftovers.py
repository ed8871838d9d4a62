"""BLOBs that nothing refers to any more, and that could not be deleted yet."""

import logging
from collections.abc import Callable, Iterable

import sqlalchemy as sa

from ..dialects import dialect_of
from . import blobs

_logger = logging.getLogger("algomancy_api")


class Leftovers:
    """Deletes values that are not used any more. Those that cannot be deleted now are deleted the next time.

    A failure neither undoes the caller's earlier steps nor prevents its later ones. The start deletes what is left.

    Args:
        engine: The database.
        is_used: Whether something refers to a value. A commit can succeed in the database although it fails here.
    """

    def __init__(self, engine: sa.Engine, is_used: Callable[[str], bool]) -> None:
        self._engine = engine
        self._is_used = is_used
        self._owners: list[str] = []

    def delete(self, owners: Iterable[str] = ()) -> None:
        """Delete values, and those that could not be deleted before."""
        waiting, self._owners = [*self._owners, *owners], []
        freed = 0
        for owner in waiting:
            try:
                if not self._is_used(owner):
                    freed += blobs.delete(self._engine, owner)
            except Exception as error:  # it takes up space, and does no other harm
                _logger.warning("Stored columns that are not used any more cannot be deleted yet: %s", error)
                self._owners.append(owner)
        if freed:
            self._reclaim(freed)

    def _reclaim(self, freed: int) -> None:
        try:
            dialect_of(self._engine).reclaim(self._engine, freed)
        except Exception as error:
            _logger.warning("Unused space of the database cannot be given back yet: %s", error)
