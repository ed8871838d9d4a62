"""A session, as it is known without asking the server."""

from __future__ import annotations

from . import markup


class SessionView:
    """A session.

    Attributes:
        id: Its id, which stays.
        name: Its display name.
    """

    def __init__(self, id: str, name: str, url: str) -> None:  # noqa: A002 - the name of the attribute
        self.id = id
        self.name = name
        self._url = url

    def __repr__(self) -> str:
        return f"<Session {self.name!r} at {self._url}>"

    def _repr_html_(self) -> str:
        return markup.table(f"Session {self.name}", ["id", "server"], [[self.id, self._url]])
