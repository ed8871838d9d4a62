"""Server-Sent Events of a scenario or a session: a snapshot, then the changes, each with the state at that moment.

The id of an event is the version of the state that the client then has. A client that reconnects with the id gets a
snapshot if the state has changed since. A version depends on the states of the scenarios only, not on the process.
"""

from collections.abc import AsyncGenerator
from contextlib import AbstractContextManager, aclosing
from functools import lru_cache
from typing import Any

from msgspec.structs import asdict
from sse_starlette import ServerSentEvent
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ..concurrency.by_size import by_size
from ..http.responses import VARY
from ..http.streaming import send_all
from ..schemas.domain import ENDED
from ..serialization.json_encoder import encode
from .selection import Selection
from .watched_scenario import FinalState, State
from .watched_session import Change, DatasetChange, WatchedSession
from .watcher import LiveSession, fill

#: Scenarios: limit of a snapshot encoded on the event loop, which then takes a millisecond or two.
_MAX_ON_LOOP = 2_000

#: A comment that keeps proxies and clients from closing a silent connection. It has one line end: a blank line after it
#: is the end of an event, and some clients (httpx-sse) report one that is empty.
_HEARTBEAT = b": alive\r\n"

#: Seconds: a client that does not take an event for so long has left, or reads no more. Not every server reports that a
#: client has left: one of WSGI cannot.
_LONGEST_SEND = 60

#: Bytes per second: a slow client that reads a large event at this rate has the time for it.
_LEAST_RATE = 10_000


class EventStreamResponse(Response):
    """A response that sends events until the client disconnects.

    The `EventSourceResponse` of `sse_starlette` is not used: it has four tasks for each stream, takes 38 kB instead of
    19, and a fifth more time for each event.

    Args:
        events: The encoded events.
        open_stream: A context entered while the stream is open; an exception on entry becomes the response.
    """

    media_type = "text/event-stream"

    def __init__(self, events: AsyncGenerator[bytes], open_stream: AbstractContextManager[None]) -> None:
        self.status_code = 200
        self.background = None
        self._events = events
        self._open_stream = open_stream
        # No cache may store it, and a proxy that buffers responses (nginx) must not buffer this one.
        self.init_headers({"cache-control": "no-store", "vary": VARY, "x-accel-buffering": "no"})
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._open_stream:
            await self._send_all(scope, receive, send)

    async def _send_all(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        if scope["method"] != "HEAD":
            async with aclosing(self._events):
                await send_all(self._events, receive, send, _longest_send)
        else:
            await send({"type": "http.response.body", "body": b""})


def _longest_send(event: bytes) -> float:
    return _LONGEST_SEND + len(event) / _LEAST_RATE


async def scenario_events(session: LiveSession, scenario_id: str, last_id: str | None) -> AsyncGenerator[bytes]:
    """The events of one scenario, up to its end, encoded; first a snapshot, unless ``last_id`` is its version."""
    with session.watcher.scenario(session.manager, scenario_id, session.gate.is_closed) as watched:
        known = watched.state
        if known is not None and known.version != last_id:
            yield _final_or_not(session, "snapshot", known, known.version)
        while known is not None and known.status not in ENDED and not session.watcher.is_ended:
            if watched.state == known:
                await watched.changed()
            before, known = known, watched.state
            if known == before:
                yield _HEARTBEAT
            elif known is not None:
                kind = "progress" if known.status == before.status else "status"
                yield _final_or_not(session, kind, known, known.version)
        if known is None:
            yield _deleted(scenario_id)


async def session_events(session: LiveSession, selection: Selection, last_id: str | None) -> AsyncGenerator[bytes]:
    """The events of some scenarios of a session, or of all and the datasets, encoded, until the session is deleted.

    The first one is a snapshot, unless ``last_id`` is its version.
    """
    with session.watcher.session(session.manager, session.gate.is_closed, selection) as watched:
        await fill(watched, session)
        number, version = watched.number, watched.version
        if version != last_id and not watched.is_gone:
            yield await _snapshot(watched)
        while not watched.is_gone and not session.watcher.is_ended:
            if watched.number == number:
                await watched.changed()
            (before, number), (known, version) = (number, watched.number), (version, watched.version)
            changes = watched.since(before)
            if changes is None:
                yield await _snapshot(watched)
                continue
            if not changes:
                yield _HEARTBEAT
            for change in changes:
                # Only the last change of a batch has the new version: a client that loses the connection before it
                # lacks a part of the changes.
                yield _change_event(session, change, before, version if change.number == number else known)
        if watched.is_gone:
            yield _event("gone", {"id": session.id}, "gone")


async def _snapshot(watched: WatchedSession) -> bytes:
    version, states = watched.version, list(watched.states.values())
    datasets = [{"key": key, "id": mark.id} for key, mark in watched.datasets.items()]
    also = {"datasets": datasets} if watched.has_datasets else {}
    return await by_size(lambda states: _snapshot_event(states, also, version), states, most=_MAX_ON_LOOP)


def _snapshot_event(states: list[State], also: dict[str, Any], version: str) -> bytes:
    return _event("snapshot", {"scenarios": states} | also, version)


def _change_event(session: LiveSession, change: Change | DatasetChange, since: int, version: str) -> bytes:
    if isinstance(change, DatasetChange):
        return _dataset_event(change, version)
    if change.state is None:
        return _deleted(change.id, version)
    kind = "status" if change.status_number > since else "progress"
    return _final_or_not(session, kind, change.state, version)


def _final_or_not(session: LiveSession, kind: str, state: State, version: str) -> bytes:
    """The event of a scenario's state; the one with which it is complete has the KPIs."""
    if kind != "progress" and state.status == "complete":
        final = FinalState(**asdict(state), kpis=session.final_kpis(state.id))
        return _event(kind, final, version)
    return _state_event(kind, state, version)


@lru_cache(maxsize=1024)  # all clients that watch a scenario get the same event
def _state_event(kind: str, state: State, version: str) -> bytes:
    return _event(kind, state, version)


def _dataset_event(change: DatasetChange, version: str) -> bytes:
    if change.mark is None:
        return _event("dataset_deleted", {"key": change.key}, version)
    return _event("dataset_added", {"key": change.key, "id": change.mark.id}, version)


def _deleted(scenario_id: str, version: str = "deleted") -> bytes:
    return _event("deleted", {"id": scenario_id}, version)


def _event(kind: str, data: object, version: str) -> bytes:
    return ServerSentEvent(encode(data).decode(), event=kind, id=version).encode()
