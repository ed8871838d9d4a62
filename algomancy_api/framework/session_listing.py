"""Immutable listings of the sessions: a change replaces the whole, so readers need no lock."""

from collections.abc import Mapping
from typing import NamedTuple, Self

from algomancy_scenario import SessionManager


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


class ListedSessions(SessionManager):
    """The framework's session manager, which reads the names of its sessions from a listing.

    Attributes:
        listing: All sessions after the latest change. A change replaces the listing.
    """

    listing = Listing.of({}, None)

    def list_sessions(self) -> list[dict[str, str]]:
        """The id and display name of each session, after the latest change."""
        return [{"id": session_id, "display_name": name} for session_id, name in self.listing.names.items()]

    @property
    def start_session_id(self) -> str:
        """The id of the session to open first, after the latest change."""
        return self.listing.default

    def resolve_id_by_display_name(self, display_name: str) -> str | None:
        """The id of the session with a display name, if there is one."""
        return self.listing.ids.get(display_name)

    def _publish(self) -> None:
        names = {session_id: self._display_names[session_id] for session_id in self._sessions}
        self.listing = Listing.of(names, getattr(self, "_start_session_id", None))
