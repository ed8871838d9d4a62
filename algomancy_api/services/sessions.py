"""The operations on the sessions of an app, limited to those that the sender of a request sees."""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from algomancy_scenario import ScenarioStatus

from ..auth.identity import sender_of
from ..concurrency.workers import Workers
from ..errors import Conflict, Forbidden, NotFound
from ..framework import ApiSessionManager, NotStorable
from ..framework.idempotency.pending import Effect, answer_with
from ..framework.session_listing import Listing
from ..http.large_bodies import LargeResponses
from ..limits import Limits
from ..live.stream_quota import StreamQuota
from ..live.watcher import Watcher
from ..schemas import Session as SessionName
from ..schemas import SessionList, SessionOverview
from ..serialization.json_encoder import encode
from .scenarios import Session


class Sessions:
    """The sessions of an app: all of them, or after `limited_to` those that the sender of a request sees."""

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
        """A view of the sessions with some ids and display names. Other sessions do not exist in it."""
        limited = copy.copy(self)
        limited._visible = visible
        return limited

    def session(self, id_or_name: str) -> Session:
        """The session with an id or a display name."""
        known = self.sessions.has_session(id_or_name)
        session_id = id_or_name if known else self.sessions.resolve_id_by_display_name(id_or_name)
        if session_id is None or not self._sees(session_id):
            raise NotFound("Session", id_or_name)
        if session_id not in self._open:
            manager = self.sessions.get_scenario_manager(session_id)
            self._open[session_id] = Session(session_id, manager, self.workers, self.watcher, self.limits)
        return self._open[session_id]

    def list(self) -> SessionList:
        """All sessions, and the id of the default one; an empty id if there are none."""
        return self._visible_of(_list_of(self.sessions.listing))

    def _visible_of(self, every: SessionList) -> SessionList:
        if self._visible is None:
            return every
        names = [name for name in every.sessions if not self._visible.isdisjoint((name.id, name.display_name))]
        ids = [name.id for name in names]
        return SessionList(names, every.default if every.default in ids else next(iter(ids), ""))

    def document(self, name: str, make: Callable[[SessionList], object]) -> bytes:
        """A JSON document about all sessions, cached until they change.

        Args:
            name: The key of the document in the cache.
            make: Makes the document.
        """
        if self._visible is not None:
            return encode(make(self.list()))
        listing = self.sessions.listing
        source, document = self._documents.get(name, (None, b""))
        if source is not listing:
            document = encode(make(_list_of(listing)))
            self._documents[name] = listing, document
        return document

    async def overview(self, id_or_name: str) -> bytes:
        """A session, with the number of its datasets and scenarios."""
        session = self.session(id_or_name)
        async with session.gate.shared():
            statuses = dict.fromkeys(map(str, ScenarioStatus), 0) | await self.workers.run(
                session.manager.count_by_status
            )
        listing = self.sessions.listing
        overview = SessionOverview(
            id=session.id,
            display_name=listing.names.get(session.id, id_or_name),
            default=self.list().default == session.id,
            datasets=len(session.datasets().keys),
            scenarios=sum(statuses.values()),
            statuses=statuses,
        )
        return encode(overview)

    async def create(self, display_name: str) -> None:
        """Create an empty session."""
        self._check_name_allowed(display_name)
        self._answer_with_list()
        with taken_or_blank():
            await self.workers.run(self.sessions.create_new_session, display_name)

    async def copy(self, id_or_name: str, new_display_name: str) -> None:
        """Create a session with copies of the datasets of another."""
        session = self.session(id_or_name)
        self._check_name_allowed(new_display_name)
        self._answer_with_list()
        async with session.gate.shared():
            with taken_or_blank():
                await self.workers.run_long(self.sessions.copy_session, session.id, new_display_name)

    async def rename(self, id_or_name: str, display_name: str) -> SessionName:
        """Give a session another name."""
        session = self.session(id_or_name)
        self._check_name_allowed(display_name)
        async with session.gate.shared():
            with taken_or_blank():
                await self.workers.run(self.sessions.rename_session, session.id, display_name)
            return SessionName(session.id, display_name)

    async def delete(self, id_or_name: str) -> None:
        """Delete a session, after its calls in progress have ended."""
        session = self.session(id_or_name)
        async with session.gate.exclusive() as close:
            if await self.workers.run(session.manager.is_busy):
                raise Conflict(
                    f"Session '{id_or_name}' has a queued or processing scenario; wait until it has ended, "
                    "or cancel it (POST …/scenarios/{scenario_id}/cancel)"
                )
            await self.workers.run_long(self.sessions.delete_session, session.id, self._visible or ())
            del self._open[session.id]
            close()
        self.watcher.look()  # clients that watch the session get its last event

    def open(self) -> None:
        """Accept new work again after `stop`."""
        self.is_stopping = False
        self.watcher.begin()

    def stop(self) -> None:
        """Refuse new work, and end event streams and waits. Can be called from any thread."""
        self.is_stopping = True
        self.watcher.end()

    def _answer_with_list(self) -> None:
        """Let the answer to a request with a key be the list with the session that it adds."""

        def make(new: tuple[str, str]) -> bytes:
            every = _list_of(self.sessions.listing)
            return encode(self._visible_of(SessionList([*every.sessions, SessionName(*new)], every.default)))

        answer_with(Effect.SESSION, make)

    def _sees(self, session_id: str) -> bool:
        if self._visible is None:
            return True
        return session_id in self._visible or self.sessions.listing.names.get(session_id) in self._visible

    def _check_name_allowed(self, display_name: str) -> None:
        """Refuse a name that would hide the session from the sender, or reveal that a hidden session has it."""
        if self._visible is not None and display_name not in self._visible:
            raise Forbidden(f"The token does not allow the session name {display_name!r}")


def _list_of(listing: Listing) -> SessionList:
    return SessionList([SessionName(session_id, name) for session_id, name in listing.names.items()], listing.default)


@contextmanager
def taken_or_blank() -> Iterator[None]:
    """Turn the framework's error about a taken or blank name into a 409. A name that cannot be stored stays a 400."""
    try:
        yield
    except NotStorable:
        raise
    except ValueError as error:
        raise Conflict(str(error)) from error
