"""Server-Sent Events, from the lines of a stream."""

from __future__ import annotations

from typing import NamedTuple


class Event(NamedTuple):
    """An event.

    Attributes:
        kind: Its name: ``snapshot``, ``status``, ``progress``, ``deleted`` or ``gone``.
        data: Its data, JSON.
        id: The id of this event, or of the last one before it that had one; it resumes the stream.
    """

    kind: str
    data: str
    id: str | None


class Reader:
    """Makes events of lines, as https://html.spec.whatwg.org/multipage/server-sent-events.html says."""

    def __init__(self) -> None:
        self._last_id: str | None = None
        self._kind = ""
        self._data: list[str] = []

    def read(self, line: str) -> Event | None:
        """The event that a line ends, if it does. The line has no line end."""
        if not line:
            return self._dispatched()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._kind = value
        elif name == "id" and "\0" not in value:
            self._last_id = value
        return None

    def _dispatched(self) -> Event | None:
        kind, data = self._kind or "message", self._data
        self._kind, self._data = "", []
        return Event(kind, "\n".join(data), self._last_id) if data else None
