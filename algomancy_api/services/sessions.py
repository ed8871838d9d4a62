"""The sessions of one app, as requests use them, and how a request finds its own."""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..auth.identity import sender_of
from ..concurrency.workers import Workers
from ..errors import Conflict, Forbidden, NotFound
from ..framework import ApiSessionManager, NotStorable
from ..framework.session_listing import Listing
from ..http.large_bodies import LargeResponses
from ..limits import Limits
from ..live.stream_quota import StreamQuota
from ..live.watcher import Watcher
from ..schemas import Session as SessionName
from ..schemas import SessionList
from ..serialization.json_encoder import encode
from .scenarios import Session


class Sessions:
    """The sessions of one app, as requests use them: all of them, or those that a request's sender sees."""

    def __init__(self, sessions: ApiSessionManager, limits: Limits) -> None:
        self.sessions = sessions
        self.limits = limits
        self.workers = Workers(limits)
        self.watcher = Watcher()
        self.streams = StreamQuota(limits.streams)
        self.large_bodies = LargeResponses(lambda scope: self.streams.one_of(sender_of(scope)))
        self.is_stopping = False
        self._open: dict[str, Session] = {}
        self._documents: dict[str, tuple[Listing, bytes]] = {}
        self._visible: frozenset[str] | None = None

    def limited_to(self, visible: frozenset[str]) -> Sessions:
        """The same, for somebody to whom there are no sessions but those of some ids and display names."""
        limited = copy.copy(self)
        limited._visible = visible
        return limited

    def session(self, id_or_name: str) -> Session:
        """The session of that id, or of that display name."""
        known = self.sessions.has_session(id_or_name)
        session_id = id_or_name if known else self.sessions.resolve_id_by_display_name(id_or_name)
        if session_id is None or not self._sees(session_id):
            raise NotFound("Session", id_or_name)
        if session_id not in self._open:
            manager = self.sessions.get_scenario_manager(session_id)
            self._open[session_id] = Session(session_id, manager, self.workers, self.watcher, self.limits)
        return self._open[session_id]

    def list(self) -> SessionList:
        """Every session, and the one to open first; nothing if there is none."""
        every = _list_of(self.sessions.listing)
        if self._visible is None:
            return every
        names = [name for name in every.sessions if self._sees(name.id)]
        ids = [name.id for name in names]
        return SessionList(names, every.default if every.default in ids else next(iter(ids), ""))

    def document(self, name: str, make: Callable[[SessionList], object]) -> bytes:
        """What is to be said of all sessions, as JSON, made once for each change of them.

        What it was made of is the listing that there is now, or else it is made anew.

        Args:
            name: What tells it from other things that are said of them.
            make: Makes it.
        """
        if self._visible is not None:
            return encode(make(self.list()))
        listing = self.sessions.listing
        made_of, document = self._documents.get(name, (None, b""))
        if made_of is not listing:
            document = encode(make(_list_of(listing)))
            self._documents[name] = listing, document
        return document

    async def create(self, display_name: str) -> None:
        """Create an empty session."""
        self._check_may_give(display_name)
        with taken_or_blank():
            await self.workers.run(self.sessions.create_new_session, display_name)

    async def copy(self, id_or_name: str, new_display_name: str) -> None:
        """Create a session with the datasets of another."""
        session = self.session(id_or_name)
        self._check_may_give(new_display_name)
        async with session.gate.shared():
            with taken_or_blank():
                await self.workers.run_long(self.sessions.copy_session, session.id, new_display_name)

    async def rename(self, id_or_name: str, display_name: str) -> SessionName:
        """Give a session another name."""
        session = self.session(id_or_name)
        self._check_may_give(display_name)
        async with session.gate.shared():
            with taken_or_blank():
                await self.workers.run(self.sessions.rename_session, session.id, display_name)
            return SessionName(session.id, display_name)

    async def delete(self, id_or_name: str) -> None:
        """Delete a session, once the calls inside it have ended."""
        session = self.session(id_or_name)
        async with session.gate.exclusive() as close:
            if await self.workers.run(session.manager.is_busy):
                raise Conflict(f"Session '{id_or_name}' has a scenario that is queued or processing: wait for it")
            await self.workers.run_long(self.sessions.delete_session, session.id, self._visible or ())
            del self._open[session.id]
            close()
        self.watcher.look()  # for those who watched it, it is the last time

    def open(self) -> None:
        """Take work again after a `stop`."""
        self.is_stopping = False
        self.watcher.begin()

    def stop(self) -> None:
        """Take no new work, and end all that waits for something to change; from whichever thread."""
        self.is_stopping = True
        self.watcher.end()

    def _sees(self, session_id: str) -> bool:
        if self._visible is None:
            return True
        return session_id in self._visible or self.sessions.listing.names.get(session_id) in self._visible

    def _check_may_give(self, display_name: str) -> None:
        """Refuse a name that would take a session out of sight, or tell that an invisible one has it."""
        if self._visible is not None and display_name not in self._visible:
            raise Forbidden(f"The name '{display_name}' is not among those that the token is for")


def _list_of(listing: Listing) -> SessionList:
    return SessionList([SessionName(session_id, name) for session_id, name in listing.names.items()], listing.default)


@contextmanager
def taken_or_blank() -> Iterator[None]:
    """A 409 for the name that the framework refuses; what the database cannot hold is a 400."""
    try:
        yield
    except NotStorable:
        raise
    except ValueError as error:
        raise Conflict(str(error)) from error
