"""The sessions of one app, as requests use them, and how a request finds its own."""

import copy
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from starlette.exceptions import HTTPException
from starlette.requests import Request

from .authentication import sender_of, visible_sessions
from .bodies import LargeBodies
from .errors import conflict, not_found
from .framework import ApiScenarioManager, ApiSessionManager, NotStorable
from .framework.listing import Listing
from .limits import Limits
from .managers import Session
from .messages import Session as SessionName
from .messages import SessionList
from .paths import path_name
from .streams import Streams
from .values import encode
from .waiting import Workers
from .watching import Watcher


class Managers:
    """The sessions of one app, as requests use them: all of them, or those that a request's sender sees."""

    def __init__(self, sessions: ApiSessionManager, limits: Limits) -> None:
        self.sessions = sessions
        self.limits = limits
        self.workers = Workers(limits)
        self.watcher = Watcher()
        self.streams = Streams(limits.streams)
        self.large_bodies = LargeBodies(lambda scope: self.streams.one_of(sender_of(scope)))
        self.is_stopping = False
        self._open: dict[str, Session] = {}
        self._documents: dict[str, tuple[Listing, bytes]] = {}
        self._visible: frozenset[str] | None = None

    def limited_to(self, visible: frozenset[str]) -> Managers:
        """The same, for somebody to whom there are no sessions but those of some ids and display names."""
        limited = copy.copy(self)
        limited._visible = visible
        return limited

    def session(self, id_or_name: str) -> Session:
        """The session of that id, or of that display name."""
        known = self.sessions.has_session(id_or_name)
        session_id = id_or_name if known else self.sessions.resolve_id_by_display_name(id_or_name)
        if session_id is None or not self._sees(session_id):
            raise not_found("Session", id_or_name)
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
        async with session.gate.inside():
            with taken_or_blank():
                await self.workers.run_long(self.sessions.copy_session, session.id, new_display_name)

    async def rename(self, id_or_name: str, display_name: str) -> SessionName:
        """Give a session another name."""
        session = self.session(id_or_name)
        self._check_may_give(display_name)
        async with session.gate.inside():
            with taken_or_blank():
                await self.workers.run(self.sessions.rename_session, session.id, display_name)
            return SessionName(session.id, display_name)

    async def delete(self, id_or_name: str) -> None:
        """Delete a session, once the calls inside it have ended."""
        session = self.session(id_or_name)
        async with session.gate.alone() as close:
            if await self.workers.run(session.manager.is_busy):
                raise conflict(f"Session '{id_or_name}' has a scenario that is queued or processing: wait for it")
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
            raise HTTPException(403, f"The name '{display_name}' is not among those that the token is for")


def _list_of(listing: Listing) -> SessionList:
    return SessionList([SessionName(session_id, name) for session_id, name in listing.names.items()], listing.default)


def managers_of(request: Request) -> Managers:
    """The sessions of the app that the request came to, as far as its sender sees them."""
    managers: Managers = request.app.state.managers
    visible = visible_sessions(request.scope)
    return managers if visible is None else managers.limited_to(visible)


def session_of(request: Request) -> Session:
    """The session that ``{session_id}`` in the request's path names, by id or display name; else a 404."""
    return managers_of(request).session(path_name(request, "session_id"))


def check_session_is(session: Session, request: Request) -> None:
    """Refuse a request whose path names another session than when it began, now that its body is there.

    Raises:
        HTTPException: 404, if its sender sees no such session any more; 409, if its name has gone to another.
    """
    if session_of(request) is not session:
        name = path_name(request, "session_id")
        raise conflict(f"The name '{name}' has gone to another session meanwhile: send the request again")


def open_stream(request: Request) -> AbstractContextManager[None]:
    """What a request's sender is inside for as long as a stream is open, of events or a dataset, or a poll waits.

    To enter it raises an `HTTPException`: 429, if they have as many as they may.
    """
    return managers_of(request).streams.one_of(sender_of(request.scope))


def get_session_manager(request: Request) -> ApiSessionManager:
    """The session manager of the app that the request came to, for a host's own handlers.

    Raises:
        HTTPException: 403, if the request's sender sees some sessions only: the manager knows all.
    """
    if visible_sessions(request.scope) is not None:
        raise HTTPException(403, "This is for those who see every session")
    return managers_of(request).sessions


def get_scenario_manager(request: Request) -> ApiScenarioManager:
    """The manager of the session that ``{session_id}`` in the request's path names, for a host's own handlers.

    Most of its methods can touch a disk or a database: call them with ``anyio.to_thread.run_sync``.

    Raises:
        HTTPException: 404, if there is no session of that id or display name.
    """
    return session_of(request).manager


@contextmanager
def taken_or_blank() -> Iterator[None]:
    """A 409 for the name that the framework refuses; what the database cannot hold is a 400."""
    try:
        yield
    except NotStorable:
        raise
    except ValueError as error:
        raise conflict(str(error)) from error
