"""A client of Server-Sent Events that reads one event at a time."""

import contextlib
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx
from starlette.applications import Starlette


class Event(NamedTuple):
    """An event as a browser would hand it on; ``kind`` is None for a comment, which a browser drops."""

    kind: str | None
    id: str
    data: Any


class Stream:
    """An open stream. A wait for an event that does not come ends with the client's timeout."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = _lines(response)

    def event(self) -> Event:
        """The next event."""
        while (event := self.block()).kind is None:
            pass
        return event

    def until(self, **wanted: Any) -> Event:
        """The next event whose data have these values."""
        while True:
            event = self.event()
            if event.data == event.data | wanted:
                return event

    def block(self) -> Event:
        """The next event or comment."""
        fields: dict[str, str] = {}
        for line in self._lines:
            if line.startswith(":"):
                assert not fields, "a comment inside an event"
                return Event(None, "", None)
            if not line:
                return Event(fields.get("event"), fields.get("id", ""), json.loads(fields.get("data", "null")))
            name, _, value = line.partition(": ")
            assert name not in fields, "an event of several lines"
            fields[name] = value
        raise EOFError

    def has_ended(self) -> bool:
        """Whether there is nothing more than comments; waits for the end."""
        with contextlib.suppress(EOFError):
            while True:
                if self.block().kind is not None:
                    return False
        return True


@contextlib.contextmanager
def streaming(client: httpx.Client, path: str, last_id: str | None = None, **headers: str) -> Iterator[Stream]:
    """The stream at a path, for a client that has an event with an id, or none."""
    known = {} if last_id is None else {"Last-Event-ID": last_id}
    asked = {"Accept": "text/event-stream"} | known | {name.replace("_", "-"): text for name, text in headers.items()}
    with client.stream("GET", path, headers=asked) as response:
        assert response.status_code == 200
        yield Stream(response)


def is_watched(app: Starlette) -> bool:
    """Whether the server has read the states of a session that is watched: all that comes then is a change."""
    return any(getattr(each, "is_filled", False) for each in list(app.state.sessions.watcher._watched.values()))


def _lines(response: httpx.Response) -> Iterator[str]:
    """The lines of a stream, which end with CR and LF; httpx ends them at other characters, too."""
    rest = b""
    for piece in response.iter_bytes():
        *lines, rest = (rest + piece).split(b"\r\n")
        yield from (line.decode() for line in lines)
