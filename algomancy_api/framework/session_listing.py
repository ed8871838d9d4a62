"""The sessions as they are listed: replaced as a whole, so that nobody sees a change half done."""

from collections.abc import Mapping
from typing import NamedTuple, Self


class Listing(NamedTuple):
    """Every session, by id and by name, and the one to open first."""

    names: dict[str, str]  # by id
    ids: dict[str, str]  # by name
    default: str

    @classmethod
    def of(cls, names: Mapping[str, str], start: str | None) -> Self:
        """The listing of sessions.

        Args:
            names: The display names by id.
            start: The id of the session to open first. There is none during the framework's own set-up, nor while
                the last session is replaced.
        """
        default = start if start is not None and start in names else next(iter(names), "")
        return cls(dict(names), {name: session_id for session_id, name in names.items()}, default)
