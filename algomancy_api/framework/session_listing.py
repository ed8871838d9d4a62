"""Immutable listings of the sessions: a change replaces the whole, so readers need no lock."""

from collections.abc import Mapping
from typing import NamedTuple, Self


class Listing(NamedTuple):
    """All sessions by id and by name, and the default session."""

    names: dict[str, str]  # by id
    ids: dict[str, str]  # by name
    default: str

    @classmethod
    def of(cls, names: Mapping[str, str], start: str | None) -> Self:
        """The listing of sessions.

        Args:
            names: The display names by id.
            start: The id of the default session; None during the framework's initialiser. It may be missing in `names`
                while the last session is replaced.
        """
        default = start if start is not None and start in names else next(iter(names), "")
        return cls(dict(names), {name: session_id for session_id, name in names.items()}, default)
